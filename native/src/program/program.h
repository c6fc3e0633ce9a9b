// The graph bound to an engine's weights: a list of phases with a barrier after each. Names are gone: buffers are indices,
// weights are pointers into the mapped file. A program knows neither threads nor memory of its own.
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "ops/kernels.h"
#include "program/graph.h"
#include "program/weight_source.h"

namespace trtllm::program {

// Which rows a buffer has: all of the step, or only those whose logits are wanted.
enum class Rows { all, selected };

enum class Storage { float32, activation, int8 };  // ops/kernels.h: ActivationStorage, Int8Row

struct BufferSpec {
  std::string name;
  Storage storage = Storage::float32;
  int width = 0;
  Rows rows = Rows::all;
  bool is_padded = false;  // swiglu's output: width is rounded up to whole tile columns
  bool operator==(const BufferSpec&) const = default;
};

// Columns of some heads of a float32 buffer.
struct BoundHeads {
  int buffer = 0, first_column = 0, num_heads = 0, head_dim = 0;
};

// Row ops: row r of the output depends on row r of the input alone.
struct EmbedOp {
  ops::PackedWeight table;
  int output = 0;
};
struct RmsNormOp {
  int input = 0;
  const float* weight = nullptr;
  int width = 0;
  float epsilon = 0;
  int output = 0;
};
struct QuantizeOp {
  int input = 0, output = 0;
  int width = 0;
};
struct HeadNormOp {
  BoundHeads heads;
  const float* weight = nullptr;
  float epsilon = 0;
};
struct RopeOp {
  BoundHeads heads;
  int table = 0;
};
struct KvWriteOp {
  int qkv = 0, k_column = 0, v_column = 0;
  int kv_layer = 0;
};
struct SelectRowsOp {
  int input = 0, output = 0;
};
using RowOp = std::variant<EmbedOp, RmsNormOp, QuantizeOp, HeadNormOp, RopeOp, KvWriteOp, SelectRowsOp>;

// Row ops that follow each other: whoever takes a row does all of them to it, no barrier in between.
struct RowPhase {
  Rows rows = Rows::all;
  std::vector<RowOp> ops = {};
};

inline constexpr int kLogits = -1;  // as LinearPhase::output

struct LinearPhase {
  int input = 0;
  bool is_int8 = false;  // its input is int8 rows
  ops::PackedWeight weight = {};
  const float* bias = nullptr;
  ops::Epilogue epilogue = ops::Epilogue::store;
  int output = 0;
  Rows rows = Rows::all;
};

struct AttentionPhase {
  int qkv = 0;
  int group_size = 0;
  float scale = 0;
  int window = 0;
  int kv_layer = 0;
  int output = 0;
};

using Phase = std::variant<RowPhase, LinearPhase, AttentionPhase>;

// One layer's share of a KV block: K pages of all heads, then V pages.
struct KvLayerSpec {
  int num_kv_heads = 0, head_dim = 0;
  int64_t offset = 0;  // in the block
  int64_t bytes = 0;
};

struct Program {
  DType dtype = DType::bfloat16;
  DType kv_dtype = DType::bfloat16;  // dtype, or int8
  int vocab_size = 0;
  int max_position_embeddings = 0;
  std::vector<RopeTableSpec> rope_tables;
  std::vector<BufferSpec> buffers;
  std::vector<Phase> phases;
  std::vector<KvLayerSpec> kv_layers;
  int64_t block_bytes = 0;  // KV bytes of one block over all layers
};

// kv_dtype: int8, or the graph's own dtype, which nothing means too. Throws Error{GRAPH_INVALID} where ops do not fit each other, Error{ENGINE_TENSOR_MISMATCH} where a weight does not fit its op.
Program bind_program(const Graph& graph, const WeightSource& weights, std::optional<DType> kv_dtype = std::nullopt);

}  // namespace trtllm::program
