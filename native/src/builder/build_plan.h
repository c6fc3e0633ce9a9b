// build-plan.json (packages/protocol/src/build-plan.ts): what to read, how to arrange it, where to put it. Decided elsewhere.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine_file/engine_format.h"

namespace trtllm::builder {

enum class SourceDtype { bf16, f16, f32 };
enum class Arrange { concat, interleave16 };
enum class Distribution { normal, constant };

constexpr int64_t source_bytes(SourceDtype dtype) { return dtype == SourceDtype::f32 ? 4 : 2; }

// Rows [row_begin, row_end) of a checkpoint tensor of `rows` rows of k values (k = 1 for a vector).
struct Part {
  int source = 0;
  std::string tensor;
  SourceDtype dtype = SourceDtype::bf16;
  int64_t rows = 0, k = 1;
  int64_t offset = 0;
  int64_t row_begin = 0, row_end = 0;
  int64_t num_rows() const { return row_end - row_begin; }
};

struct Synthetic {
  uint64_t seed = 0;
  Distribution distribution = Distribution::normal;
  double value = 0;  // standard deviation, or the constant
};

enum class Scheme { int8, int4_group, int4_two_level };
enum class Output { codes, scale, group_scale, multiplier };

// An entry that stores one side of quantized weights: the codes, or what they are multiplied with. Every side is made from the rows anew.
struct Quantize {
  std::string of;  // the codes' entry: synthetic values are keyed by its name
  Scheme scheme = Scheme::int8;
  int group_size = 0;
  Output output = Output::codes;
};

struct Entry {
  std::string name;
  engine_file::Layout layout = engine_file::Layout::tile16;
  DType dtype = DType::bfloat16;
  int64_t n = 0, k = 1;
  std::vector<Part> parts;  // empty: synthetic
  Arrange arrange = Arrange::concat;
  Synthetic synthetic;
  std::optional<Quantize> quantize;  // n and k are then the weight's
  const std::string& values_name() const { return quantize ? quantize->of : name; }
  int64_t n_padded() const { return round_up(n, kTileColumns); }
  // Elements stored for each output.
  int64_t k_padded() const {
    if (layout == engine_file::Layout::group16) return num_groups();
    return layout == engine_file::Layout::tile16 ? round_up(k, quantize ? 64 : 32) : 1;
  }
  int64_t num_groups() const { return (k + quantize->group_size - 1) / quantize->group_size; }
  // Bytes of 16 outputs.
  int64_t column_bytes() const { return kTileColumns * k_padded() * dtype_bits(dtype) / 8; }
};

struct Source {
  std::string file;
  int64_t bytes = 0;
};

struct BuildPlan {
  int rank = 0;
  std::string output;  // plain file name
  std::vector<Source> sources;
  std::vector<Entry> entries;
  bool check_finite = true;
};

// Throws Error{PLAN_INVALID} naming the entry and field. After this every part lies inside its source and shapes agree.
BuildPlan parse_build_plan(std::string_view json);

}  // namespace trtllm::builder
