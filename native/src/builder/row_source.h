// Rows of one entry as float32, wherever they come from: a run of checkpoint rows, padding, or the synthetic generator.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "builder/build_plan.h"
#include "builder/convert.h"

namespace trtllm::builder {

// Checkpoint files, opened once, read by descriptor with pread.
class SourceFiles {
 public:
  // Throws IO_ERROR, or CHECKPOINT_INVALID when a size is not the plan's: the checkpoint changed since it was planned.
  explicit SourceFiles(const std::vector<Source>& sources);
  void read(int source, uint64_t offset, std::span<std::byte> out) const;

 private:
  struct Descriptor {
    explicit Descriptor(int fd) : fd(fd) {}
    Descriptor(Descriptor&& other) noexcept : fd(std::exchange(other.fd, -1)) {}
    ~Descriptor();
    int fd;
  };

  std::vector<Source> sources_;
  std::vector<Descriptor> descriptors_;
};

// Row `row` of an entry, 0 <= row < n_padded; a padding row is all zero. out.size() == entry.k.
// `raw` is scratch of at least 4 * k bytes. Thread-safe over different scratch and stats.
// stats: one for each of the entry's parts.
void read_row(const Entry& entry, const SourceFiles& sources, int64_t row, std::span<float> out, std::vector<std::byte>& raw,
              std::span<ConversionStats> stats);

// The checkpoint row behind an arranged row; part is null for padding.
struct RowOrigin {
  const Part* part = nullptr;
  int64_t row = 0;
};
RowOrigin row_origin(const Entry& entry, int64_t row);

}  // namespace trtllm::builder
