#include "program/program.h"

#include "base/error.h"
#include "program/buffer_table.h"

namespace trtllm::program {
namespace {

// Walks the graph once, op by op, and appends what each becomes.
class Binder {
 public:
  Binder(const Graph& graph, const WeightSource& weights, DType kv_dtype) : graph_(graph), weights_(weights) {
    program_.dtype = graph.dtype;
    program_.kv_dtype = kv_dtype;
    program_.vocab_size = graph.vocab_size;
    program_.max_position_embeddings = graph.max_position_embeddings;
    program_.rope_tables = graph.rope_tables;
  }

  Program bind() {
    for (const Op& op : graph_.ops) {
      where_ = op.where;
      if (has_logits_) refuse("lm_head must be the last op");
      std::visit([this](const auto& kind) { add(kind); }, op.kind);
    }
    where_ = "graph.json";
    if (!has_logits_) refuse("no lm_head: logits would never be computed");
    program_.buffers = buffers_.specs();
    return std::move(program_);
  }

 private:
  void add(const Embed& op) {
    const ops::PackedWeight table = weights_.tile16(op.weight, graph_.dtype, graph_.vocab_size, graph_.hidden_size, where_);
    const int output = buffers_.write({op.output, Storage::float32, graph_.hidden_size, Rows::all}, where_);
    add_row_op(EmbedOp{.table = table, .output = output}, Rows::all);
  }

  void add(const RmsNorm& op) {
    const int input = buffers_.read(op.input, Storage::float32, where_);
    const BufferSpec& spec = buffers_.spec(input);
    const int width = spec.width;
    const Rows rows = spec.rows;
    const float* weight = weights_.vector(op.weight, width, where_);
    const int output = buffers_.write({op.output, Storage::activation, width, rows}, where_);
    add_row_op(RmsNormOp{.input = input, .weight = weight, .width = width, .epsilon = op.epsilon, .output = output}, rows);
  }

  void add(const Quantize& op) {
    if (graph_.dtype != DType::bfloat16) refuse("float32 arithmetic has no int8 rows");
    const int input = buffers_.read(op.input, Storage::activation, where_);
    BufferSpec spec = buffers_.spec(input);
    const int width = spec.width;
    spec.name = op.output;
    spec.storage = Storage::int8;
    if (width > ops::kMaxInt8Width) refuse("input: " + op.input + " has " + std::to_string(width) + " columns, sums of int8 are exact up to " + std::to_string(ops::kMaxInt8Width));
    const Rows rows = spec.rows;
    add_row_op(QuantizeOp{.input = input, .output = buffers_.write(spec, where_), .width = width}, rows);
  }

  void add(const HeadNorm& op) {
    const BoundHeads heads = bind_heads(op.heads);
    add_row_op(HeadNormOp{.heads = heads, .weight = weights_.vector(op.weight, heads.head_dim, where_), .epsilon = op.epsilon},
               buffers_.spec(heads.buffer).rows);
  }

  void add(const Rope& op) {
    const BoundHeads heads = bind_heads(op.heads);
    const size_t rotary_dim = 2 * graph_.rope_tables[op.table].inv_freq.size();
    if (rotary_dim > static_cast<size_t>(heads.head_dim))
      refuse("rope table " + std::to_string(op.table) + " rotates " + std::to_string(rotary_dim) + " dims, the heads have " + std::to_string(heads.head_dim));
    require_all_rows(heads.buffer);
    add_row_op(RopeOp{.heads = heads, .table = op.table}, Rows::all);
  }

  void add(const Linear& op) {
    const int input = buffers_.read(op.input, std::nullopt, where_);
    const BufferSpec from = buffers_.spec(input);
    LinearPhase phase{.input = input, .epilogue = op.epilogue, .rows = from.rows};
    bind_weight(op.weight, op.bias, 0, phase);
    if (op.epilogue == ops::Epilogue::swiglu) {
      if (phase.weight.n % 32 != 0) refuse(op.weight + " has " + std::to_string(phase.weight.n) + " rows; swiglu needs 16 gate and 16 up rows by turns");
      phase.output = buffers_.write({op.output, Storage::activation, phase.weight.n / 2, from.rows, true}, where_);
    } else {
      const BufferSpec to{op.output, Storage::float32, phase.weight.n, from.rows};
      if (op.epilogue == ops::Epilogue::add_residual) buffers_.read(op.output, Storage::float32, where_);
      phase.output = buffers_.write(to, where_);
    }
    if (phase.output == input) refuse("input and output are one buffer");
    program_.phases.emplace_back(phase);
  }

  void add(const Attention& op) {
    const int qkv = buffers_.read(op.qkv, Storage::float32, where_);
    const int q_width = op.num_heads * op.head_dim, kv_width = op.num_kv_heads * op.head_dim;
    if (buffers_.spec(qkv).width != q_width + 2 * kv_width)
      refuse("qkv: expected " + std::to_string(q_width + 2 * kv_width) + " columns in " + op.qkv + ", found " + std::to_string(buffers_.spec(qkv).width));
    require_all_rows(qkv);
    const int output = buffers_.write({op.output, Storage::activation, q_width, Rows::all}, where_);
    const int kv_layer = add_kv_layer(op);
    add_row_op(KvWriteOp{.qkv = qkv, .k_column = q_width, .v_column = q_width + kv_width, .kv_layer = kv_layer}, Rows::all);
    program_.phases.emplace_back(AttentionPhase{.qkv = qkv,
                                                .group_size = op.num_heads / op.num_kv_heads,
                                                .scale = op.scale,
                                                .window = op.window,
                                                .kv_layer = kv_layer,
                                                .output = output});
  }

  void add(const SelectRows& op) {
    const int input = buffers_.read(op.input, std::nullopt, where_);
    require_all_rows(input);
    BufferSpec spec = buffers_.spec(input);
    spec.name = op.output;
    spec.rows = Rows::selected;
    add_row_op(SelectRowsOp{.input = input, .output = buffers_.write(spec, where_)}, Rows::selected);
  }

  void add(const LmHead& op) {
    const int input = buffers_.read(op.input, std::nullopt, where_);
    if (buffers_.spec(input).rows != Rows::selected) refuse("input: " + op.input + " still has all rows; select_rows must come before");
    LinearPhase phase{.input = input, .output = kLogits, .rows = Rows::selected};
    bind_weight(op.weight, op.bias, graph_.vocab_size, phase);
    program_.phases.emplace_back(phase);
    has_logits_ = true;
  }

  // k is the input's width; behind swiglu that width is rounded up to whole tile columns.
  void bind_weight(const std::string& weight, const std::string& bias, int n, LinearPhase& phase) {
    const int width = buffers_.spec(phase.input).width;
    phase.weight = weights_.tile16(weight, graph_.dtype, n, 0, where_);
    check_input(weight, phase);
    const bool fits = phase.weight.k == width || (buffers_.spec(phase.input).is_padded && round_up(phase.weight.k, kTileColumns) == width);
    if (!fits)
      throw Error("ENGINE_TENSOR_MISMATCH", where_ + ": weight " + weight + ": expected " + std::to_string(width) + " inputs, as " +
                                                buffers_.spec(phase.input).name + " is wide, found " + std::to_string(phase.weight.k) + "; rebuild the engine");
    if (!bias.empty()) phase.bias = weights_.vector(bias, phase.weight.n, where_);
  }

  // Which weights a linear may have depends on how its input is stored (ops/kernels.h, Kernels::linear and linear_int8).
  void check_input(const std::string& weight, LinearPhase& phase) {
    const Storage storage = buffers_.spec(phase.input).storage;
    if (storage == Storage::float32) refuse("input: expected activations or int8 rows in buffer " + buffers_.spec(phase.input).name + ", found float32");
    phase.is_int8 = storage == Storage::int8;
    const bool is_plain = phase.weight.dtype == graph_.dtype, has_groups = phase.weight.group_scale != nullptr, is_two_level = phase.weight.multiplier != nullptr;
    if (phase.is_int8 ? is_plain || has_groups : is_two_level)
      refuse(weight + ": its quantization does not go with " + (phase.is_int8 ? "int8 rows" : "activations") + " as input");
  }

  BoundHeads bind_heads(const HeadRange& range) {
    const int buffer = buffers_.read(range.buffer, Storage::float32, where_);
    const int64_t end = int64_t{range.first_head + range.num_heads} * range.head_dim;
    if (end > buffers_.spec(buffer).width)
      refuse("heads end at column " + std::to_string(end) + ", " + range.buffer + " has " + std::to_string(buffers_.spec(buffer).width));
    return {.buffer = buffer, .first_column = range.first_head * range.head_dim, .num_heads = range.num_heads, .head_dim = range.head_dim};
  }

  int add_kv_layer(const Attention& op) {
    const int64_t bytes = 2 * op.num_kv_heads * ops::kv_head_bytes(op.head_dim, program_.kv_dtype);
    program_.kv_layers.push_back({.num_kv_heads = op.num_kv_heads, .head_dim = op.head_dim, .offset = program_.block_bytes, .bytes = bytes});
    program_.block_bytes += bytes;
    return static_cast<int>(program_.kv_layers.size()) - 1;
  }

  // Joins the phase before if that is one of row ops over the same rows.
  void add_row_op(RowOp op, Rows rows) {
    RowPhase* last = program_.phases.empty() ? nullptr : std::get_if<RowPhase>(&program_.phases.back());
    if (!last || last->rows != rows) last = &std::get<RowPhase>(program_.phases.emplace_back(RowPhase{.rows = rows}));
    last->ops.push_back(std::move(op));
  }

  void require_all_rows(int buffer) const {
    if (buffers_.spec(buffer).rows != Rows::all) refuse("buffer " + buffers_.spec(buffer).name + " has lost rows to select_rows");
  }

  [[noreturn]] void refuse(const std::string& what) const { throw Error("GRAPH_INVALID", where_ + ": " + what); }

  const Graph& graph_;
  const WeightSource& weights_;
  Program program_;
  BufferTable buffers_;
  std::string where_;
  bool has_logits_ = false;
};

}  // namespace

Program bind_program(const Graph& graph, const WeightSource& weights, std::optional<DType> kv_dtype) {
  const DType chosen = kv_dtype.value_or(graph.dtype);
  if (chosen != graph.dtype && chosen != DType::int8)
    throw Error("BAD_FLAG", "kv_cache_dtype: expected int8 or " + std::string(dtype_name(graph.dtype)) + ", which this engine computes in, found " + dtype_name(chosen));
  return Binder(graph, weights, chosen).bind();
}

}  // namespace trtllm::program
