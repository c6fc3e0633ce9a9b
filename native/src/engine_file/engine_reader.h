// An engine directory, opened: rank{N}.engine mapped, its header, table and bindings checked. Sections are used in place.
#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/mapped_file.h"
#include "engine_file/engine_format.h"

namespace trtllm::engine_file {

// One section, checked to lie inside the file.
struct Section {
  std::string_view name;
  Layout layout;
  DType dtype;
  std::vector<int64_t> shape;     // logical: [n] or [n, k]
  int64_t n_padded = 0, k_padded = 0;
  int group_size = 0;  // int4: inputs that share a scale
  std::span<const std::byte> data;
  std::array<uint8_t, 16> xxh3;
};

class EngineReader {
 public:
  // Maps DIR/rank{rank}.engine and checks it against DIR/config.json and DIR/graph.json.
  // Throws Error: ENGINE_NOT_FOUND, ENGINE_VERSION (names both versions), ENGINE_INVALID (names file, field, expected, found).
  EngineReader(const std::string& directory, int rank);

  // nullptr if there is none of that name.
  const Section* find(std::string_view name) const;
  const std::vector<Section>& sections() const { return sections_; }
  const std::string& manifest_text() const { return manifest_text_; }  // config.json
  const std::string& graph_text() const { return graph_text_; }        // graph.json
  const std::string& path() const { return file_.path(); }
  size_t file_bytes() const { return file_.bytes().size(); }

  // Hashes every section; throws ENGINE_INVALID naming the first that differs.
  void verify_sections() const;
  void will_need() const { file_.will_need(); }

 private:
  std::string manifest_text_, graph_text_;
  MappedFile file_;
  std::vector<Section> sections_;  // sorted by name
};

// Header and section table of a file's bytes; everything but hashes of sections and bindings to other files. For the reader and its fuzzer.
std::vector<Section> parse_engine_file(std::span<const std::byte> bytes, const std::string& path);

}  // namespace trtllm::engine_file
