// Writes rank{N}.engine: space first, sections in any order, header last. A file that was not finished is removed.
#pragma once

#include <xxhash.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/sha256.h"
#include "engine_file/engine_format.h"

namespace trtllm::engine_file {

struct SectionSpec {
  std::string name;
  Layout layout = Layout::tile16;
  DType dtype = DType::bfloat16;
  std::vector<uint64_t> shape;  // logical
  uint64_t n_padded = 0, k_padded = 0;
  uint32_t group_size = 0;
  uint64_t bytes() const { return n_padded * k_padded * static_cast<uint64_t>(dtype_bits(dtype)) / 8; }
};

class EngineWriter {
 public:
  // Lays the sections out (sorted by name) and reserves the whole file. Throws DISK_FULL (how much was needed), IO_ERROR, PLAN_INVALID.
  EngineWriter(const std::string& path, int rank, std::vector<SectionSpec> sections);
  ~EngineWriter();  // removes the file unless finish() ended well
  EngineWriter(const EngineWriter&) = delete;

  const std::vector<SectionSpec>& sections() const { return sections_; }
  uint64_t file_bytes() const { return file_bytes_; }

  // A section's bytes, front to back, in as many pieces as wanted; one section after the other.
  void begin_section(size_t index);
  void append(std::span<const std::byte> piece);
  void end_section();

  // Writes table and header and syncs. Every section must have been written.
  void finish(const Sha256Digest& manifest_sha256);

  // Removes the file that is being written; async-signal-safe. For signal handlers.
  void remove_partial_file() const noexcept;

 private:
  void write_at(uint64_t offset, const void* data, uint64_t bytes);

  std::string path_;
  int rank_;
  int fd_ = -1;
  std::vector<SectionSpec> sections_;
  std::vector<uint64_t> offsets_;
  std::vector<SectionEntry> entries_;
  uint64_t file_bytes_ = 0;
  size_t current_ = 0;
  uint64_t written_ = 0;
  std::unique_ptr<XXH3_state_t, XXH_errorcode (*)(XXH3_state_t*)> hash_;
  size_t num_ended_ = 0;
  bool finished_ = false;
};

// Where sections of these sizes begin, in order, behind a table of so many entries; the last element is the file's size.
std::vector<uint64_t> section_offsets(const std::vector<uint64_t>& section_bytes);

}  // namespace trtllm::engine_file
