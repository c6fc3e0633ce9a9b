#include "engine_file/engine_reader.h"

#include <xxhash.h>

#include <algorithm>
#include <cstring>
#include <filesystem>

#include "base/error.h"
#include "base/json_fields.h"
#include "base/sha256.h"

namespace trtllm::engine_file {
namespace {

constexpr size_t kMaxManifestBytes = 4 << 20;
constexpr size_t kMaxGraphBytes = 64 << 20;

[[noreturn]] void invalid(const std::string& path, const std::string& what) {
  throw Error("ENGINE_INVALID", path + ": " + what + "; rebuild the engine");
}

std::string both(const std::string& field, uint64_t expected, uint64_t found) {
  return field + ": expected " + std::to_string(expected) + ", found " + std::to_string(found);
}

FileHeader checked_header(std::span<const std::byte> bytes, const std::string& path) {
  if (bytes.size() < kHeaderBytes) invalid(path, both("file size of at least", kHeaderBytes, bytes.size()));
  FileHeader header;
  std::memcpy(&header, bytes.data(), sizeof header);
  if (std::memcmp(header.magic, kMagic, sizeof kMagic) != 0) invalid(path, "not an engine file (its first 8 bytes are not TRTLLME)");
  if (header.byte_order_mark != kByteOrderMark) invalid(path, both("byte order mark", kByteOrderMark, header.byte_order_mark));
  if (header.format_version != kFormatVersion)
    throw Error("ENGINE_VERSION", path + ": engine format version " + std::to_string(header.format_version) + ", this trtllm reads version " +
                                      std::to_string(kFormatVersion) + "; rebuild the engine with `trtllm build`");
  if (header.file_bytes != bytes.size()) invalid(path, both("file size", header.file_bytes, bytes.size()) + " (truncated?)");
  if (header.num_sections > kMaxSections) invalid(path, both("number of sections of at most", kMaxSections, header.num_sections));
  if (bytes.size() - kHeaderBytes < uint64_t{header.num_sections} * sizeof(SectionEntry)) invalid(path, "the section table does not fit into the file");
  return header;
}

void check_hash(XXH128_hash_t hash, const uint8_t* expected, const std::string& path, const std::string& what) {
  XXH128_canonical_t canonical;
  XXH128_canonicalFromHash(&canonical, hash);
  if (std::memcmp(canonical.digest, expected, sizeof canonical.digest) != 0) invalid(path, what + " is damaged: its hash differs");
}

std::string_view checked_name(const SectionEntry& entry, const std::string& path) {
  const size_t length = strnlen(entry.name, sizeof entry.name);
  const std::string_view name(entry.name, length);
  const auto allowed = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-'; };
  if (length == 0 || length == sizeof entry.name || !std::all_of(name.begin(), name.end(), allowed)) invalid(path, "a section has no proper name");
  return name;
}

bool is_tile_type(DType dtype) { return dtype == DType::bfloat16 || dtype == DType::float32 || dtype == DType::int8 || dtype == DType::int4; }
uint64_t tile_depth(DType dtype) { return dtype == DType::int8 || dtype == DType::int4 ? 64 : 32; }

// Bytes that a section of this layout and padding must have; 0 when its numbers make no sense.
uint64_t bytes_of(const SectionEntry& entry) {
  constexpr uint64_t kMaxSide = uint64_t{1} << 31;
  const uint64_t n = entry.padded[0], k = entry.padded[1];
  if (n == 0 || k == 0 || n > kMaxSide || k > kMaxSide || n % kTileColumns != 0) return 0;
  if (entry.shape[0] == 0 || entry.shape[0] > n) return 0;
  if (static_cast<Layout>(entry.layout) == Layout::vector)
    return entry.num_dims == 1 && k == 1 && static_cast<DType>(entry.dtype) == DType::float32 ? n * 4 : 0;
  if (entry.num_dims != 2 || entry.shape[1] == 0 || entry.shape[1] > k) return 0;
  const DType dtype = static_cast<DType>(entry.dtype);
  const bool is_group = static_cast<Layout>(entry.layout) == Layout::group16;
  if (is_group && (entry.shape[1] != k || (dtype != DType::float32 && dtype != DType::int8))) return 0;
  if (!is_group && (static_cast<Layout>(entry.layout) != Layout::tile16 || !is_tile_type(dtype) || k % tile_depth(dtype) != 0)) return 0;
  return n * k / 8 * static_cast<uint64_t>(dtype_bits(dtype));  // sides of at most 2^30: the product fits
}

void check_group_size(const SectionEntry& entry, const std::string& name, const std::string& path) {
  const uint32_t size = entry.group_size;
  const bool is_int4 = static_cast<DType>(entry.dtype) == DType::int4;
  if (is_int4 ? size != 32 && size != 64 && size != 128 : size != 0)
    invalid(path, "section " + name + ": group size: expected " + (is_int4 ? "32, 64 or 128" : "0") + ", found " + std::to_string(size));
}

Section checked_section(std::span<const std::byte> bytes, const SectionEntry& entry, const std::string& path) {
  Section section;
  section.name = checked_name(entry, path);
  const std::string name(section.name);
  const uint64_t expected = bytes_of(entry);
  if (expected == 0) invalid(path, "section " + name + ": layout, dtype and shape do not go together");
  if (entry.bytes != expected) invalid(path, "section " + name + ": " + both("bytes", expected, entry.bytes));
  check_group_size(entry, name, path);
  if (entry.offset % kSectionAlignment != 0) invalid(path, "section " + name + ": its offset is not on a border of " + std::to_string(kSectionAlignment));
  if (entry.offset > bytes.size() || entry.bytes > bytes.size() - entry.offset) invalid(path, "section " + name + " ends beyond the file");
  section.layout = static_cast<Layout>(entry.layout);
  section.dtype = static_cast<DType>(entry.dtype);
  for (uint32_t i = 0; i < entry.num_dims; ++i) section.shape.push_back(static_cast<int64_t>(entry.shape[i]));
  section.n_padded = static_cast<int64_t>(entry.padded[0]);
  section.k_padded = static_cast<int64_t>(entry.padded[1]);
  section.group_size = static_cast<int>(entry.group_size);
  section.data = bytes.subspan(entry.offset, entry.bytes);
  std::memcpy(section.xxh3.data(), entry.xxh3, sizeof entry.xxh3);
  return section;
}

// Sections may lie in any order in the file, but not upon each other or upon the table.
void check_overlaps(const std::vector<Section>& sections, std::span<const std::byte> bytes, const std::string& path) {
  std::vector<const Section*> by_place;
  for (const Section& section : sections) by_place.push_back(&section);
  std::sort(by_place.begin(), by_place.end(), [](auto* a, auto* b) { return a->data.data() < b->data.data(); });
  const std::byte* end = bytes.data() + kHeaderBytes + sections.size() * sizeof(SectionEntry);
  for (const Section* section : by_place) {
    if (section->data.data() < end) invalid(path, "section " + std::string(section->name) + " overlaps what lies before it");
    end = section->data.data() + section->data.size();
  }
}

std::string rank_file(const std::string& directory, int rank) { return directory + "/rank" + std::to_string(rank) + ".engine"; }

std::string required_text(const std::string& directory, const char* name, size_t max_bytes) {
  const std::string path = directory + "/" + name;
  if (!std::filesystem::exists(path)) throw Error("ENGINE_NOT_FOUND", directory + ": not an engine directory, " + name + " is missing");
  return read_small_file(path, max_bytes);
}

MappedFile map_rank_file(const std::string& directory, int rank) {
  if (std::filesystem::exists(rank_file(directory, rank))) return MappedFile(rank_file(directory, rank));
  std::string found;
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator(directory, ignored)) {
    if (entry.path().extension() == ".engine") found += " " + entry.path().filename().string();
  }
  throw Error("ENGINE_NOT_FOUND", rank_file(directory, rank) + " is missing; found:" + (found.empty() ? " none" : found));
}

void check_graph(const std::string& directory, const std::string& manifest, const std::string& graph) {
  const std::string path = directory + "/config.json";
  const nlohmann::json json = parse_json(manifest, path, "ENGINE_INVALID");
  if (!json.is_object() || !json.contains("trtllm") || !json["trtllm"].is_object()) invalid(path, "not the manifest of an engine");
  const auto hash = json["trtllm"].find("graph_sha256");
  if (hash == json["trtllm"].end() || !hash->is_string()) invalid(path, "trtllm.graph_sha256 is missing");
  if (hash->get<std::string>() != to_hex(sha256(graph))) invalid(directory + "/graph.json", "its SHA-256 is not the one in config.json: the file was changed");
}

}  // namespace

std::vector<Section> parse_engine_file(std::span<const std::byte> bytes, const std::string& path) {
  const FileHeader header = checked_header(bytes, path);
  const std::byte* table = bytes.data() + kHeaderBytes;
  check_hash(XXH3_128bits(table, header.num_sections * sizeof(SectionEntry)), header.table_xxh3, path, "the section table");
  std::vector<Section> sections;
  sections.reserve(header.num_sections);
  for (uint32_t i = 0; i < header.num_sections; ++i) {
    // Entries are 256 bytes at a border of 4096, mapped: their names may be viewed in place.
    const auto* entry = reinterpret_cast<const SectionEntry*>(table + i * sizeof(SectionEntry));
    sections.push_back(checked_section(bytes, *entry, path));
    if (i > 0 && sections[i - 1].name >= sections[i].name) invalid(path, "section names are not sorted and unique at " + std::string(sections[i].name));
  }
  check_overlaps(sections, bytes, path);
  return sections;
}

EngineReader::EngineReader(const std::string& directory, int rank)
    : manifest_text_(required_text(directory, "config.json", kMaxManifestBytes)),
      graph_text_(required_text(directory, "graph.json", kMaxGraphBytes)),
      file_(map_rank_file(directory, rank)),
      sections_(parse_engine_file(file_.bytes(), file_.path())) {
  FileHeader header;
  std::memcpy(&header, file_.bytes().data(), sizeof header);
  if (header.rank != static_cast<uint32_t>(rank)) invalid(file_.path(), both("rank", static_cast<uint64_t>(rank), header.rank));
  const Sha256Digest manifest = sha256(manifest_text_);
  if (std::memcmp(manifest.data(), header.manifest_sha256, manifest.size()) != 0)
    invalid(file_.path(), "it belongs to another config.json (the file was changed, or comes from another build)");
  check_graph(directory, manifest_text_, graph_text_);
}

const Section* EngineReader::find(std::string_view name) const {
  const auto at = std::lower_bound(sections_.begin(), sections_.end(), name, [](const Section& section, std::string_view wanted) { return section.name < wanted; });
  return at != sections_.end() && at->name == name ? &*at : nullptr;
}

void EngineReader::verify_sections() const {
  for (const Section& section : sections_)
    check_hash(XXH3_128bits(section.data.data(), section.data.size()), section.xxh3.data(), file_.path(), "section " + std::string(section.name));
}

}  // namespace trtllm::engine_file
