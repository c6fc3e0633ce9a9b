// Every op's kernel, as one table of function pointers per ISA class and arithmetic. Kernels are row or item kernels: they take a
// range and know neither threads nor models. All memory, scratch included, is the caller's. They assume valid input
// (checked where it entered) and never allocate.
//
// Batch invariance (engine-design D4): what a kernel writes for a row depends on that row's inputs alone, never on how
// many rows, which range or which thread. scalar, avx2 and avx512 agree bit for bit: same source over a 16-lane vector
// type, every accumulator sees k in order, explicit fma, reductions over 16 virtual lanes in one fixed tree.
//
// Two arithmetics, fixed when an engine is built:
//   bfloat16  weights, activations (inputs of linear), q, p, and KV are bf16 values; products are summed in float32; residual float32.
//   float32   everything float32. `amx` has no float32 tiles: its float32 table is avx512's.
//
// "Activations" are what a linear reads, in the class's own storage (Kernels::activation): rows of `stride` elements, columns
// [width, round_up(width, 32)) zero (the arena zeroes them once; kernels never write there, swiglu's padding excepted, which is zero).
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/types.h"
#include "ops/isa.h"

namespace trtllm::ops {

enum class ActivationStorage {
  float32,          // float32 arithmetic
  float32_of_bf16,  // float32 holding values already rounded to bf16 (lane classes: no conversion in the inner loop)
  bfloat16,         // AMX
};

constexpr size_t activation_bytes(ActivationStorage storage) { return storage == ActivationStorage::bfloat16 ? 2 : 4; }

// Weights of y[rows, n] = x[rows, k] * W[n, k]^T, packed as docs/engine-format.md ("tile16") says. Tiles of one column of tiles (fixed
// n/16) are contiguous along k. Padding is zero (int4: the code of zero).
//   bf16: tile of 1 KiB = 16 outputs x 32 k; row r holds the pairs k = 2r, 2r+1 of its 16 outputs:
//         element (n, k) at uint16 index ((n/16 * (k_padded/32) + k/32) * 16 + (k%32)/2) * 32 + (n%16) * 2 + k%2
//   int8: tile of 1 KiB = 16 outputs x 64 k; row r holds the quads k = 4r .. 4r+3 of its 16 outputs:
//         element (n, k) at byte index ((n/16 * (k_padded/64) + k/64) * 16 + (k%64)/4) * 64 + (n%16) * 4 + k%4
//   int4: tile of 512 B: an int8 tile's rows 0-7 in the low halves of its bytes, rows 8-15 in the high halves; a half holds code + 8
//   f32:  element (n, k) at float index (n/16 * k_padded + k) * 16 + n%16
// What a code stands for, exactly:
//   int8                  code * scale[n]
//   int4 with group_scale code * group_scale[n][k / group_size]
//   int4 with multiplier  code * multiplier[n][k / group_size] * scale[n]; code * multiplier fits int8
struct PackedWeight {
  const std::byte* data = nullptr;
  DType dtype = DType::bfloat16;
  int n = 0, k = 0;
  int n_padded = 0;  // multiple of 16
  int k_padded = 0;  // multiple of 32; of 64 for int8 and int4
  const float* scale = nullptr;         // [n_padded]
  int group_size = 0;                   // int4: 32, 64 or 128, so a power of two; the last group may be short
  const float* group_scale = nullptr;   // [n_padded / 16][groups][16]
  const int8_t* multiplier = nullptr;   // [n_padded / 16][groups][16]

  [[gnu::always_inline]] int num_groups() const { return group_size == 0 ? 0 : (k + group_size - 1) >> __builtin_ctz(static_cast<unsigned>(group_size)); }
  // Bytes of one column of tiles.
  [[gnu::always_inline]] int64_t column_bytes() const { return int64_t{kTileColumns} * k_padded * dtype_bits(dtype) / 8; }
};

// A row of activations as int8 codes (`quantize` makes them): x = code * scale. It lies as
//   int8  codes[round_up(width, 64)], zero behind width
//   int32 sums[round_up(width, 64) / 32 + 1], of the codes before 0, 32, 64 ...; the last is the total: kernels that multiply weights
//         with an offset take it off with the difference of two
//   float scale
// Rows start on 64-byte borders.
struct Int8Row {
  static constexpr int kSumCodes = 32;
  [[gnu::always_inline]] static constexpr int64_t sums_offset(int64_t width) { return round_up(width, 64); }
  [[gnu::always_inline]] static constexpr int64_t total_offset(int64_t width) { return round_up(width, 64) + round_up(width, 64) / kSumCodes * 4; }
  [[gnu::always_inline]] static constexpr int64_t scale_offset(int64_t width) { return total_offset(width) + 4; }
  [[gnu::always_inline]] static constexpr int64_t bytes(int64_t width) { return round_up(scale_offset(width) + 4, 64); }
};

enum class Epilogue {
  store,         // out[row, n] = y
  add_residual,  // out[row, n] += y
  // W's tile columns alternate gate, up, gate, up ... (16 wide each): out_activation[row, j] = silu(gate_j) * up_j
  swiglu,
};

// 255 * 127 * width fits int32 (an unsigned weight, as VNNI takes it, times an input).
inline constexpr int kMaxInt8Width = 65536;

// How a linear reads its weights. No bit depends on it; what is best depends on the machine. 0: what the class does of itself.
struct LinearTactic {
  int one_row_streams = 0;  // 1 or 4: columns of weights that a single row reads side by side, where the class lets it choose
  int ahead_bytes = 0;      // of a column, that lanes ask memory for before they use them; the tile unit keeps its own distance
  bool operator==(const LinearTactic&) const = default;
};

struct LinearArgs {
  // Activations [rows, input_stride]; linear_int8: Int8Row. Up to the next multiple of 16 rows must be readable: a tile unit takes 16 at once.
  const void* input = nullptr;
  int64_t input_stride = 0;     // elements; linear_int8: bytes
  int rows = 0;
  PackedWeight weight;
  const float* bias = nullptr;  // [n_padded] (swiglu: interleaved like the weight, zero-padded) or null
  Epilogue epilogue = Epilogue::store;
  float* output = nullptr;  // float32 [rows, output_stride]; store writes exactly columns [0, n)
  int64_t output_stride = 0;
  void* output_activation = nullptr;  // swiglu: activations [rows, output_activation_stride], n_padded/2 columns written
  int64_t output_activation_stride = 0;
  int tile_begin = 0, tile_end = 0;  // tile columns [begin, end) of the weight to compute; even borders for swiglu
  std::byte* scratch = nullptr;      // Kernels::linear_scratch_bytes, 64-byte aligned, per thread
  LinearTactic tactic = {};
};

struct RmsNormArgs {
  const float* input = nullptr;  // [rows, input_stride]
  int64_t input_stride = 0;
  const float* weight = nullptr;  // [width]
  int width = 0;
  float epsilon = 0;
  void* output = nullptr;  // activations
  int64_t output_stride = 0;
  int row_begin = 0, row_end = 0;
};

// Activations to Int8Row: scale = max |x| / 127, code = x / scale to nearest, ties to even. A row with NaN or infinity gets the scale NaN.
struct QuantizeArgs {
  const void* input = nullptr;  // activations
  int64_t input_stride = 0;
  int width = 0;
  std::byte* output = nullptr;  // Int8Row
  int64_t output_stride = 0;    // bytes
  int row_begin = 0, row_end = 0;
};

// RMS norm of each head alone (Qwen3's q_norm, k_norm), in place.
struct HeadNormArgs {
  float* heads = nullptr;  // [rows, stride], the first of num_heads heads of head_dim, side by side
  int64_t stride = 0;
  int num_heads = 0, head_dim = 0;
  const float* weight = nullptr;  // [head_dim]
  float epsilon = 0;
  int row_begin = 0, row_end = 0;
};

// Rotary embedding, half-split pairs (i, i + rotary_dim/2), in place; dims from rotary_dim on stay.
struct RopeArgs {
  float* heads = nullptr;
  int64_t stride = 0;
  int num_heads = 0, head_dim = 0, rotary_dim = 0;
  const float* cos = nullptr;  // [max positions, rotary_dim/2], attention factor multiplied in
  const float* sin = nullptr;
  const int32_t* positions = nullptr;  // per row
  int row_begin = 0, row_end = 0;
};

struct EmbedArgs {
  PackedWeight table;              // tile16: a tied embedding is stored once, as the LM head's weight
  const int32_t* tokens = nullptr;
  float* output = nullptr;  // [rows, output_stride]
  int64_t output_stride = 0;
  int row_begin = 0, row_end = 0;
};

// KV pages of one layer: page(block, kv head, K or V) = base + block * block_bytes + (is_v ? v_offset : 0) + head * head_bytes.
// Inside a page, head_dim padded to 32 (head_dim_padded), 32 tokens:
//   bf16 K: tile = (i/32)*2 + t/16; row (i%32)/2, column t%16, half i%2     (16 tokens in the lanes; an AMX B operand of q k^T)
//   bf16 V: tile = i/16;            row t/2,      column i%16, half t%2     (16 dims in the lanes; an AMX B operand of p v)
//   f32  K: [i][32 tokens]    f32 V: [t][head_dim_padded]
//   int8 K: row (i/4)*2 + t/16, byte (t%16)*4 + i%4   (16 tokens in the lanes, four dims each), then float32 scale[32 tokens]
//   int8 V: tile = i/16; row t/4, byte (i%16)*4 + t%4 (16 dims in the lanes, four tokens each), then float32 scale[32 tokens]
// int8 stands for code * scale of its token, made as quantize makes rows.
struct KvLayer {
  std::byte* base = nullptr;
  int64_t block_bytes = 0;
  int64_t v_offset = 0;
  int64_t head_bytes = 0;
  int num_kv_heads = 0, head_dim = 0;
  DType dtype = DType::bfloat16;  // the arithmetic's, or int8
};

constexpr int64_t kv_head_bytes(int head_dim, DType dtype) {
  const int64_t scale_bytes = dtype == DType::int8 ? kBlockTokens * static_cast<int64_t>(sizeof(float)) : 0;
  return round_up(head_dim, 32) * kBlockTokens * static_cast<int64_t>(dtype_bytes(dtype)) + scale_bytes;
}

struct KvWriteArgs {
  const float* k = nullptr;  // [rows, stride]: num_kv_heads * head_dim values a row
  const float* v = nullptr;
  int64_t stride = 0;
  const int32_t* slots = nullptr;  // per row: block * 32 + offset
  KvLayer kv;
  int row_begin = 0, row_end = 0;
};

// K pages of one head of a sequence, to be fetched while others are computed.
struct KeyPages {
  const int32_t* blocks = nullptr;
  int count = 0;
  int kv_head = 0;
};

// Attention of `rows` consecutive query rows of one sequence with one kv head (all query heads of its group).
// Row i sits at position first_position + i and sees positions (p - window, p]; window 0: all.
// KV is taken in splits of 512 tokens at absolute positions, each giving (max, sum, weighted V); splits are merged in ascending
// order. So chunking, batch and prefix reuse cannot change a bit.
struct AttentionArgs {
  const float* q = nullptr;  // [rows, q_stride]: the first query head of the group
  int64_t q_stride = 0;
  int rows = 0;
  int first_position = 0;
  int group_size = 0;  // query heads per kv head
  int kv_head = 0;
  float scale = 0;
  int window = 0;
  const int32_t* blocks = nullptr;  // the sequence's block table
  KvLayer kv;
  KeyPages next = {};      // what the thread reads after this call, in the same layer
  void* output = nullptr;  // activations [rows, output_stride]: the group's first head
  int64_t output_stride = 0;
  std::byte* scratch = nullptr;  // Kernels::attention_scratch_bytes(head_dim, group_size), per thread
};

// A row of logits is looked at in blocks of so many tokens.
inline constexpr int kLogitBlock = 256;
constexpr int logit_blocks(int count) { return (count + kLogitBlock - 1) / kLogitBlock; }

struct LogitScanArgs {
  const float* logits = nullptr;  // [count]
  int count = 0;                  // >= 1
  float* block_best = nullptr;    // [logit_blocks(count)]: each block's largest
};

// Where all are finite: the largest logit and the first token that has it.
struct LogitScan {
  float best = 0;
  int32_t token = 0;
  bool is_finite = false;
};

// weights[i] = exp((logits[i] - best) * scale), at most 1; 0 below 2^-126.
struct LogitWeighArgs {
  const float* logits = nullptr;  // [count], finite
  int count = 0;
  float best = 0, scale = 1;
  float* weights = nullptr;    // [count]
  float* block_sum = nullptr;  // [logit_blocks(count)]: the sum of each block's weights
};

struct Kernels {
  Isa isa = Isa::scalar;
  DType arithmetic = DType::bfloat16;  // bfloat16 or float32
  ActivationStorage activation = ActivationStorage::float32_of_bf16;
  int preferred_tiles = 4;  // tile columns a linear call likes to get at once (grain of work stealing)
  // The same for more rows than many_rows: a panel's weights are fetched while the one before is multiplied, and AMX loads the
  // activations into the cache once a call. Fewer where threads would stay idle.
  int preferred_tiles_many_rows = 16;
  int many_rows = 8;
  int pieces_many_rows = 4;  // that a thread should get of them at least, so that others can take some
  size_t (*linear_scratch_bytes)(int max_rows, int max_k_padded) = nullptr;
  size_t (*attention_scratch_bytes)(int head_dim, int group_size) = nullptr;
  int attention_rows = 8;  // query rows an attention call likes to get at once

  // Called once by each thread before its first kernel of a step (AMX: tile configuration), and after its last.
  void (*thread_begin)() = nullptr;
  void (*thread_end)() = nullptr;
  void (*embed)(const EmbedArgs&) = nullptr;
  void (*rms_norm)(const RmsNormArgs&) = nullptr;
  void (*head_norm)(const HeadNormArgs&) = nullptr;
  void (*rope)(const RopeArgs&) = nullptr;
  void (*kv_write)(const KvWriteArgs&) = nullptr;
  void (*attention)(const AttentionArgs&) = nullptr;
  void (*quantize)(const QuantizeArgs&) = nullptr;
  // Input in activations. Weights: of the arithmetic's dtype; in bfloat16 arithmetic also int8, and int4 with group_scale.
  void (*linear)(const LinearArgs&) = nullptr;
  // Input in Int8Row of at most kMaxInt8Width codes, sums exact in int32, so that all classes agree bit for bit. Weights: int8, and int4 with multiplier.
  void (*linear_int8)(const LinearArgs&) = nullptr;
  // For the sampler; outside of a step, so without thread_begin.
  LogitScan (*scan_logits)(const LogitScanArgs&) = nullptr;
  void (*weigh_logits)(const LogitWeighArgs&) = nullptr;
};

// The table of a class; throws Error{ISA_UNAVAILABLE} naming what the machine has.
const Kernels& kernels(Isa isa, DType arithmetic);
// All tables of a class that this machine can run, which give the same bits by different instructions; kernels() gives the first.
std::vector<const Kernels*> variants(Isa isa, DType arithmetic);

}  // namespace trtllm::ops
