// Weights by name, each checked against what its op expects of it.
#pragma once

#include <string>
#include <vector>

#include "engine_file/engine_reader.h"
#include "ops/kernels.h"

namespace trtllm::program {

class WeightSource {
 public:
  explicit WeightSource(const engine_file::EngineReader& reader) : reader_(reader) {}

  // Both throw Error{ENGINE_TENSOR_MISMATCH}. where: the op that asks, for the message.
  // tile16 of bfloat16 arithmetic may also be int8 or int4; then its scales come along.
  // n or k of 0: whatever the file has (the op's output tells its own width).
  ops::PackedWeight tile16(const std::string& name, DType dtype, int n, int k, const std::string& where) const;
  const float* vector(const std::string& name, int n, const std::string& where) const;

 private:
  void add_scales(const std::string& name, ops::PackedWeight& weight, const std::string& where) const;
  const engine_file::Section& section(const std::string& name, engine_file::Layout layout, DType dtype, const std::vector<int64_t>& shape,
                                      const std::string& where) const;

  const engine_file::EngineReader& reader_;
};

}  // namespace trtllm::program
