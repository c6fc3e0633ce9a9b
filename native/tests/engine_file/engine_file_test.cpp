#include <gtest/gtest.h>
#include <sys/resource.h>
#include <xxhash.h>

#include <csignal>
#include <cstring>
#include <functional>

#include "base/error.h"
#include "engine_file/engine_directory.h"
#include "engine_file/engine_reader.h"

namespace trtllm::engine_file {
namespace {

std::string error_of(const std::function<void()>& action) {
  try {
    action();
  } catch (const Error& error) {
    return error.code() + ": " + error.what();
  }
  return "";
}

std::string opening(const EngineDirectory& engine, int rank = 0) {
  return error_of([&] { EngineReader(engine.path, rank).verify_sections(); });
}

// The file with its header or table changed, the table's hash made right again.
void change(const EngineDirectory& engine, const std::function<void(FileHeader&, SectionEntry*)>& edit) {
  std::vector<std::byte> bytes = read_bytes(engine.file());
  FileHeader header;
  std::memcpy(&header, bytes.data(), sizeof header);
  SectionEntry entries[2];
  std::memcpy(entries, bytes.data() + kHeaderBytes, sizeof entries);
  edit(header, entries);
  XXH128_canonical_t hash;
  XXH128_canonicalFromHash(&hash, XXH3_128bits(entries, sizeof entries));
  std::memcpy(header.table_xxh3, hash.digest, sizeof header.table_xxh3);
  std::memcpy(bytes.data(), &header, sizeof header);
  std::memcpy(bytes.data() + kHeaderBytes, entries, sizeof entries);
  write_bytes(engine.file(), bytes);
}

TEST(EngineReader, finds_what_the_writer_wrote) {
  const EngineDirectory engine;
  const EngineReader reader(engine.path, 0);
  ASSERT_EQ(reader.sections().size(), 2u);
  EXPECT_EQ(reader.sections()[0].name, "a.norm");
  const Section* weight = reader.find("b.weight");
  ASSERT_NE(weight, nullptr);
  EXPECT_EQ(weight->shape, (std::vector<int64_t>{20, 40}));
  EXPECT_EQ(weight->n_padded, 32);
  EXPECT_EQ(weight->k_padded, 64);
  EXPECT_EQ(weight->data.size(), 32u * 64 * 2);
  EXPECT_EQ(weight->data[17], std::byte{2});
  EXPECT_EQ(reinterpret_cast<uintptr_t>(weight->data.data()) % 64, 0u);
  EXPECT_EQ(reader.find("c"), nullptr);
  reader.verify_sections();
}

TEST(EngineReader, refuses_every_field_that_does_not_fit) {
  using Edit = std::function<void(FileHeader&, SectionEntry*)>;
  const std::vector<std::pair<const char*, Edit>> edits = {
      {"not an engine file", [](auto& header, auto*) { header.magic[0] = 'X'; }},
      {"byte order mark", [](auto& header, auto*) { header.byte_order_mark = 0x04030201; }},
      {"file size", [](auto& header, auto*) { ++header.file_bytes; }},
      {"section table does not fit", [](auto& header, auto*) { header.num_sections = 60'000; }},
      {"number of sections", [](auto& header, auto*) { header.num_sections = 70'000; }},
      {"rank", [](auto& header, auto*) { header.rank = 3; }},
      {"another config.json", [](auto& header, auto*) { header.manifest_sha256[5] ^= 1; }},
      {"no proper name", [](auto&, auto* entries) { std::memset(entries[0].name, 'a', sizeof entries[0].name); }},
      {"no proper name", [](auto&, auto* entries) { entries[0].name[1] = '/'; }},
      {"not sorted", [](auto&, auto* entries) { std::swap(entries[0], entries[1]); }},
      {"do not go together", [](auto&, auto* entries) { entries[0].layout = 9; }},
      {"do not go together", [](auto&, auto* entries) { entries[1].dtype = 4; }},
      {"do not go together", [](auto&, auto* entries) { entries[1].padded[0] = 33; }},
      {"do not go together", [](auto&, auto* entries) { entries[1].shape[1] = 65; }},
      {"bytes: expected", [](auto&, auto* entries) { entries[1].padded[0] = entries[1].padded[1] = uint64_t{1} << 31; }},
      {"bytes: expected", [](auto&, auto* entries) { entries[1].bytes -= 2; }},
      {"group size: expected 0", [](auto&, auto* entries) { entries[1].group_size = 32; }},
      {"not on a border", [](auto&, auto* entries) { entries[1].offset += 64; }},
      {"beyond the file", [](auto&, auto* entries) { entries[1].offset = uint64_t{1} << 40; }},
      {"overlaps", [](auto&, auto* entries) { entries[1].offset = entries[0].offset; }},
      {"overlaps", [](auto&, auto* entries) { entries[0].offset = 0; }},
  };
  for (const auto& [expected, edit] : edits) {
    const EngineDirectory engine;
    change(engine, edit);
    const std::string error = opening(engine);
    EXPECT_TRUE(error.starts_with("ENGINE_INVALID: ") && error.find(expected) != std::string::npos) << expected << " / " << error;
  }
}

TEST(EngineReader, names_both_versions) {
  const EngineDirectory engine;
  change(engine, [](FileHeader& header, SectionEntry*) { header.format_version = 7; });
  const std::string error = opening(engine);
  EXPECT_TRUE(error.starts_with("ENGINE_VERSION: ")) << error;
  EXPECT_NE(error.find("version 7"), std::string::npos);
  EXPECT_NE(error.find("version 1"), std::string::npos);
}

TEST(EngineReader, a_changed_byte_shows_in_table_or_section) {
  const EngineDirectory engine;
  const std::vector<std::byte> good = read_bytes(engine.file());
  for (const size_t at : {kHeaderBytes + 3, kHeaderBytes + 400, good.size() - 1}) {
    std::vector<std::byte> bad = good;
    bad[at] ^= std::byte{1};
    write_bytes(engine.file(), bad);
    EXPECT_NE(opening(engine), "") << at;
  }
  for (const size_t size : {size_t{0}, size_t{100}, size_t{kHeaderBytes}, good.size() - 1}) {
    write_bytes(engine.file(), std::span(good).first(size));
    EXPECT_NE(opening(engine), "") << size;
  }
}

TEST(EngineReader, files_of_another_build_and_missing_ones_are_named) {
  const EngineDirectory engine;
  EXPECT_TRUE(opening(engine, 1).starts_with("ENGINE_NOT_FOUND: ")) << opening(engine, 1);
  const std::string graph = "{ }";
  write_bytes(engine.path + "/graph.json", std::as_bytes(std::span(graph)));
  EXPECT_NE(opening(engine).find("graph.json"), std::string::npos);
  std::filesystem::remove(engine.path + "/config.json");
  EXPECT_NE(opening(engine).find("config.json is missing"), std::string::npos);
}

TEST(EngineWriter, puts_sections_one_after_the_other_on_borders_of_4_KiB) {
  EXPECT_EQ(section_offsets({10, 4 << 20, 20}), (std::vector<uint64_t>{8192, 12288, 12288 + (4 << 20), 12288 + (4 << 20) + 20}));
}

TEST(EngineWriter, a_file_that_was_not_finished_is_removed) {
  const EngineDirectory engine;
  const std::string path = engine.path + "/other.engine";
  {
    EngineWriter writer(path, 0, {{"a", Layout::vector, DType::float32, {10}, 16, 1}});
    EXPECT_TRUE(std::filesystem::exists(path));
  }
  EXPECT_FALSE(std::filesystem::exists(path));
}

TEST(EngineWriter, says_how_much_was_needed_where_it_does_not_fit) {
  const EngineDirectory engine;
  const std::string path = engine.path + "/large.engine";
  std::signal(SIGXFSZ, SIG_IGN);
  rlimit old;
  getrlimit(RLIMIT_FSIZE, &old);
  const rlimit small{1 << 20, old.rlim_max};
  setrlimit(RLIMIT_FSIZE, &small);
  const std::string error = error_of([&] { EngineWriter(path, 0, {{"a", Layout::tile16, DType::float32, {1024, 1024}, 1024, 1024}}); });
  setrlimit(RLIMIT_FSIZE, &old);
  EXPECT_TRUE(error.starts_with("DISK_FULL: ")) << error;
  EXPECT_NE(error.find(std::to_string(8192 + 4'194'304)), std::string::npos) << error;
  EXPECT_FALSE(std::filesystem::exists(path));
}

}  // namespace
}  // namespace trtllm::engine_file
