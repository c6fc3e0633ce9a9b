// The memory that steps work in: one region a buffer, the logits, and scratch for each thread.
#pragma once

#include <vector>

#include "program/program.h"
#include "program/reserved_memory.h"

namespace trtllm::program {

class Workspace {
 public:
  Workspace() = default;
  Workspace(const Program& program, const ops::Kernels& kernels, int num_threads, int max_rows, int max_logit_rows);

  // Row `row` of a buffer, and the elements from one row to the next. Activations: zero behind the last column.
  std::byte* row(int buffer, int64_t row) const { return regions_[buffer].data + row * regions_[buffer].row_bytes; }
  float* float_row(int buffer, int64_t row) const { return reinterpret_cast<float*>(this->row(buffer, row)); }
  int64_t stride(int buffer) const { return regions_[buffer].stride; }
  int64_t used_row_bytes(int buffer) const { return regions_[buffer].used_bytes; }
  float* logits() const { return logits_; }  // [max_logit_rows, vocab_size]
  std::byte* scratch(int thread) const { return scratch_ + thread * scratch_bytes_; }
  size_t bytes() const { return memory_.bytes(); }

 private:
  struct Region {
    std::byte* data = nullptr;
    int64_t stride = 0;  // in elements; int8 rows: in bytes
    int64_t row_bytes = 0;
    int64_t used_bytes = 0;  // of a row
  };

  static Region region_of(const BufferSpec& spec, const ops::Kernels& kernels);

  ReservedMemory memory_;
  std::vector<Region> regions_;
  float* logits_ = nullptr;
  std::byte* scratch_ = nullptr;
  int64_t scratch_bytes_ = 0;
};

}  // namespace trtllm::program
