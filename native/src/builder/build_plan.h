// build-plan.json (packages/protocol/src/build-plan.ts): what to read, how to arrange it, where to put it. Decided elsewhere.
#pragma once

#include <cstdint>
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

struct Entry {
  std::string name;
  engine_file::Layout layout = engine_file::Layout::tile16;
  DType dtype = DType::bfloat16;
  int64_t n = 0, k = 1;
  std::vector<Part> parts;  // empty: synthetic
  Arrange arrange = Arrange::concat;
  Synthetic synthetic;
  int64_t n_padded() const { return round_up(n, kTileColumns); }
  int64_t k_padded() const { return layout == engine_file::Layout::tile16 ? round_up(k, 32) : 1; }
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
