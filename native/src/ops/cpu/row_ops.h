// Kernels that treat each row alone: embedding, RMS norms, rotary embedding, writing K and V into their pages.
#pragma once

#include "ops/cpu/int8_pages.h"

namespace trtllm::ops::TRTLLM_ISA {

// One weight of a quantized table.
TRTLLM_INLINE float int8_element(const PackedWeight& table, const std::byte* column, int k, int n) {
  return static_cast<float>(static_cast<int8_t>(column[k / 4 * 64 + n % 16 * 4 + k % 4])) * table.scale[n];
}
TRTLLM_INLINE float int4_element(const PackedWeight& table, const std::byte* column, int k, int n) {
  const int row = k % 64 / 4;
  const int both = static_cast<int>(column[k / 64 * 512 + row % 8 * 64 + n % 16 * 4 + k % 4]);
  const float code = static_cast<float>((row < 8 ? both & 15 : both >> 4) - 8);
  const int64_t group = (int64_t{n / 16} * table.num_groups() + k / table.group_size) * 16 + n % 16;
  if (table.group_scale) return code * table.group_scale[group];
  return code * static_cast<float>(table.multiplier[group]) * table.scale[n];
}

static void embed_quantized(const EmbedArgs& args) {
  const PackedWeight& table = args.table;
  for (int row = args.row_begin; row < args.row_end; ++row) {
    const int token = args.tokens[row];
    const std::byte* column = table.data + token / 16 * table.column_bytes();
    float* output = args.output + row * args.output_stride;
    for (int k = 0; k < table.k; ++k) output[k] = table.dtype == DType::int8 ? int8_element(table, column, k, token) : int4_element(table, column, k, token);
  }
}

template <class Arithmetic>
void embed(const EmbedArgs& args) {
  const PackedWeight& table = args.table;
  if (table.dtype == DType::int8 || table.dtype == DType::int4) return embed_quantized(args);
  const int64_t column_bytes = int64_t{table.k_padded} * 16 * Arithmetic::kElementBytes;
  for (int row = args.row_begin; row < args.row_end; ++row) {
    const int token = args.tokens[row];
    const std::byte* column = table.data + token / 16 * column_bytes;
    float* output = args.output + row * args.output_stride;
    for (int k = 0; k < table.k; ++k) output[k] = Arithmetic::weight_element(column, k, token % 16);
  }
}

// 1 / sqrt(mean(x^2) + epsilon)
TRTLLM_INLINE float inverse_rms(const float* x, int width, float epsilon) {
  F32x16 squares = zero();
  for (int i = 0; i < width; i += 16) {
    const F32x16 value = load_first(x + i, smaller(width - i, 16));
    squares = fma(value, value, squares);
  }
  return 1.0f / __builtin_sqrtf(sum_of_lanes(squares) / static_cast<float>(width) + epsilon);
}

template <class Arithmetic>
void rms_norm(const RmsNormArgs& args) {
  for (int row = args.row_begin; row < args.row_end; ++row) {
    const float* input = args.input + row * args.input_stride;
    auto* output = static_cast<typename Arithmetic::Activation*>(args.output) + row * args.output_stride;
    const F32x16 scale = splat(inverse_rms(input, args.width, args.epsilon));
    for (int i = 0; i < args.width; i += 16) {
      const int count = smaller(args.width - i, 16);
      const F32x16 normal = mul(load_first(input + i, count), scale);
      Arithmetic::store_activation(output + i, mul(normal, load_first(args.weight + i, count)), count);
    }
  }
}

static void head_norm(const HeadNormArgs& args) {
  for (int row = args.row_begin; row < args.row_end; ++row) {
    for (int h = 0; h < args.num_heads; ++h) {
      float* head = args.heads + row * args.stride + h * args.head_dim;
      const F32x16 scale = splat(inverse_rms(head, args.head_dim, args.epsilon));
      for (int i = 0; i < args.head_dim; i += 16) {
        const int count = smaller(args.head_dim - i, 16);
        const F32x16 normal = mul(load_first(head + i, count), scale);
        store_first(head + i, mul(normal, load_first(args.weight + i, count)), count);
      }
    }
  }
}

static void rope(const RopeArgs& args) {
  const int half = args.rotary_dim / 2;
  for (int row = args.row_begin; row < args.row_end; ++row) {
    const float* cos = args.cos + int64_t{args.positions[row]} * half;
    const float* sin = args.sin + int64_t{args.positions[row]} * half;
    for (int h = 0; h < args.num_heads; ++h) {
      float* first = args.heads + row * args.stride + h * args.head_dim;
      float* second = first + half;
      for (int i = 0; i < half; i += 16) {
        const int count = smaller(half - i, 16);
        const F32x16 c = load_first(cos + i, count), s = load_first(sin + i, count);
        const F32x16 x = load_first(first + i, count), y = load_first(second + i, count);
        store_first(first + i, sub(mul(x, c), mul(y, s)), count);
        store_first(second + i, fma(x, s, mul(y, c)), count);
      }
    }
  }
}

// The padding of a head in its page is written too (zeros): attention reads K in pairs of dims and V in tiles of 16.
template <class Arithmetic>
void kv_write(const KvWriteArgs& args) {
  const KvLayer& kv = args.kv;
  if (kv.dtype == DType::int8) return kv_write_int8(args);
  const int padded_dim = (kv.head_dim + 31) / 32 * 32;
  for (int row = args.row_begin; row < args.row_end; ++row) {
    const int block = args.slots[row] / kBlockTokens, token = args.slots[row] % kBlockTokens;
    for (int h = 0; h < kv.num_kv_heads; ++h) {
      std::byte* page = kv.base + block * kv.block_bytes + h * kv.head_bytes;
      const int64_t at = row * args.stride + h * kv.head_dim;
      for (int i = 0; i < padded_dim; i += 16) {
        const int count = larger(smaller(kv.head_dim - i, 16), 0);
        Arithmetic::write_keys(page, token, i, load_first(args.k + at + i, count));
        Arithmetic::write_values(page + kv.v_offset, token, i, load_first(args.v + at + i, count), padded_dim);
      }
    }
  }
}

}  // namespace trtllm::ops::TRTLLM_ISA
