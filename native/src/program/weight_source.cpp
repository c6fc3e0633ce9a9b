#include "program/weight_source.h"

#include "base/error.h"
#include "engine_file/engine_reader.h"

namespace trtllm::program {
namespace {

using engine_file::Layout;
using engine_file::Section;

// "tile16 bfloat16 [1024, 64]"; a size that may be anything is "*".
std::string describe(Layout layout, DType dtype, const std::vector<int64_t>& shape) {
  std::string text = std::string(layout == Layout::tile16 ? "tile16 " : layout == Layout::group16 ? "group16 " : "vector ") + dtype_name(dtype) + " [";
  for (size_t i = 0; i < shape.size(); ++i) text += (i > 0 ? ", " : "") + (shape[i] == 0 ? "*" : std::to_string(shape[i]));
  return text + "]";
}

bool fits(const std::vector<int64_t>& expected, const std::vector<int64_t>& found) {
  if (expected.size() != found.size()) return false;
  for (size_t i = 0; i < found.size(); ++i) {
    if (expected[i] != 0 && expected[i] != found[i]) return false;
  }
  return true;
}

ops::PackedWeight packed(const Section& found) {
  return {.data = found.data.data(),
          .dtype = found.dtype,
          .n = static_cast<int>(found.shape[0]),
          .k = static_cast<int>(found.shape[1]),
          .n_padded = static_cast<int>(found.n_padded),
          .k_padded = static_cast<int>(found.k_padded),
          .group_size = found.group_size};
}

}  // namespace

const Section& WeightSource::section(const std::string& name, Layout layout, DType dtype, const std::vector<int64_t>& shape, const std::string& where) const {
  const std::string expected = describe(layout, dtype, shape);
  const Section* section = reader_.find(name);
  if (!section)
    throw Error("ENGINE_TENSOR_MISMATCH", where + ": weight " + name + " in " + reader_.path() + ": expected " + expected + ", found no such section; rebuild the engine");
  if (section->layout != layout || section->dtype != dtype || !fits(shape, section->shape))
    throw Error("ENGINE_TENSOR_MISMATCH", where + ": weight " + name + " in " + reader_.path() + ": expected " + expected + ", found " +
                                              describe(section->layout, section->dtype, section->shape) + "; rebuild the engine");
  return *section;
}

ops::PackedWeight WeightSource::tile16(const std::string& name, DType dtype, int n, int k, const std::string& where) const {
  const Section* any = reader_.find(name);
  const bool is_quantized = any && dtype == DType::bfloat16 && (any->dtype == DType::int8 || any->dtype == DType::int4);
  const Section& found = section(name, Layout::tile16, is_quantized ? any->dtype : dtype, {n, k}, where);
  ops::PackedWeight weight = packed(found);
  if (is_quantized) add_scales(name, weight, where);
  return weight;
}

// What the codes are multiplied with lies in sections of its own beside them.
void WeightSource::add_scales(const std::string& name, ops::PackedWeight& weight, const std::string& where) const {
  if (weight.dtype == DType::int8) {
    weight.scale = vector(name + ".scale", weight.n, where);
  } else if (reader_.find(name + ".multiplier")) {
    weight.multiplier = reinterpret_cast<const int8_t*>(section(name + ".multiplier", Layout::group16, DType::int8, {weight.n, weight.num_groups()}, where).data.data());
    weight.scale = vector(name + ".scale", weight.n, where);
  } else {
    weight.group_scale = reinterpret_cast<const float*>(section(name + ".group_scale", Layout::group16, DType::float32, {weight.n, weight.num_groups()}, where).data.data());
  }
}

const float* WeightSource::vector(const std::string& name, int n, const std::string& where) const {
  return reinterpret_cast<const float*>(section(name, Layout::vector, DType::float32, {n}, where).data.data());
}

}  // namespace trtllm::program
