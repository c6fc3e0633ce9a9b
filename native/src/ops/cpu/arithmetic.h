// What differs between the arithmetics: how values are rounded, and how activations, weights and KV pages are stored.
// The kernels are templates over one of these.
#pragma once

#include "ops/cpu/isa_namespace.h"

namespace trtllm::ops::TRTLLM_ISA {

struct Float32 {
  static constexpr bool kHasScales = false;  // of its KV pages
  using Activation = float;
  static constexpr ActivationStorage kActivation = ActivationStorage::float32;
  static constexpr DType kDType = DType::float32;
  static constexpr int kElementBytes = 4;

  TRTLLM_INLINE F32x16 rounded(F32x16 value) { return value; }
  TRTLLM_INLINE void store_activation(float* target, F32x16 value, int count) { store_first(target, value, count); }
  TRTLLM_INLINE F32x16 load_activation(const float* source) { return load(source); }
  TRTLLM_INLINE float activation(const float* source) { return *source; }

  // W[16 outputs] at k and k + 1, k even; `column` is one column of tiles.
  TRTLLM_INLINE F32x16Pair weight_pair(const std::byte* column, int k) {
    const float* row = reinterpret_cast<const float*>(column) + int64_t{k} * 16;
    return {load(row), load(row + 16)};
  }
  TRTLLM_INLINE float weight_element(const std::byte* column, int k, int lane) {
    return reinterpret_cast<const float*>(column)[int64_t{k} * 16 + lane];
  }

  // K of 16 tokens at dims i and i + 1, i even: where it lies, and what it is.
  TRTLLM_INLINE const std::byte* key_line(const std::byte* page, int i, int token_tile) { return page + (i * kBlockTokens + token_tile * 16) * 4; }
  TRTLLM_INLINE F32x16Pair key_pair(const std::byte* page, int i, int token_tile) {
    const float* row = reinterpret_cast<const float*>(key_line(page, i, token_tile));
    return {load(row), load(row + kBlockTokens)};
  }
  // V of two tokens, the first even, at 16 dims.
  TRTLLM_INLINE const std::byte* value_line(const std::byte* page, int token, int dim_tile, int padded_dim) { return page + (token * padded_dim + dim_tile * 16) * 4; }
  TRTLLM_INLINE F32x16Pair value_pair(const std::byte* page, int token, int dim_tile, int padded_dim) {
    const float* row = reinterpret_cast<const float*>(value_line(page, token, dim_tile, padded_dim));
    return {load(row), load(row + padded_dim)};
  }
  // K, V of a token at dims [i, i + 16), i a multiple of 16.
  TRTLLM_INLINE void write_keys(std::byte* page, int token, int i, F32x16 value) {
    alignas(64) float lanes[16];
    store(lanes, value);
    for (int lane = 0; lane < 16; ++lane) reinterpret_cast<float*>(page)[(i + lane) * kBlockTokens + token] = lanes[lane];
  }
  TRTLLM_INLINE void write_values(std::byte* page, int token, int i, F32x16 value, int padded_dim) {
    store(reinterpret_cast<float*>(page) + token * padded_dim + i, value);
  }
};

// Activations hold bf16 values in float32, so that the inner loops convert nothing.
struct BFloat16 {
  static constexpr bool kHasScales = false;
  using Activation = float;
  static constexpr ActivationStorage kActivation = ActivationStorage::float32_of_bf16;
  static constexpr DType kDType = DType::bfloat16;
  static constexpr int kElementBytes = 2;
  static constexpr int kTileBytes = 1024, kTileRowBytes = 64;

  TRTLLM_INLINE F32x16 rounded(F32x16 value) { return round_to_bf16(value); }
  TRTLLM_INLINE void store_activation(float* target, F32x16 value, int count) {
    store_first(target, round_to_bf16(value), count);
  }
  TRTLLM_INLINE F32x16 load_activation(const float* source) { return load(source); }
  TRTLLM_INLINE float activation(const float* source) { return *source; }

  TRTLLM_INLINE F32x16Pair weight_pair(const std::byte* column, int k) {
    return load_bf16_pairs(column + int64_t{k} * (kTileRowBytes / 2));
  }
  TRTLLM_INLINE float weight_element(const std::byte* column, int k, int lane) {
    const uint16_t* row = reinterpret_cast<const uint16_t*>(column + int64_t{k / 2} * kTileRowBytes);
    return float_of(uint32_t{row[lane * 2 + k % 2]} << 16);
  }

  TRTLLM_INLINE const std::byte* key_line(const std::byte* page, int i, int token_tile) { return page + token_tile * kTileBytes + int64_t{i + i / 32 * 32} * (kTileRowBytes / 2); }
  TRTLLM_INLINE F32x16Pair key_pair(const std::byte* page, int i, int token_tile) { return load_bf16_pairs(key_line(page, i, token_tile)); }
  TRTLLM_INLINE const std::byte* value_line(const std::byte* page, int token, int dim_tile, int) { return page + dim_tile * kTileBytes + token * (kTileRowBytes / 2); }
  TRTLLM_INLINE F32x16Pair value_pair(const std::byte* page, int token, int dim_tile, int padded_dim) {
    return load_bf16_pairs(value_line(page, token, dim_tile, padded_dim));
  }
  TRTLLM_INLINE void write_keys(std::byte* page, int token, int i, F32x16 value) {
    alignas(32) uint16_t pairs[16];
    store_first_bf16(pairs, value, 16);
    std::byte* place = page + (i / 32 * 2 + token / 16) * kTileBytes + i % 32 / 2 * kTileRowBytes + token % 16 * 4;
    for (int pair = 0; pair < 8; ++pair) __builtin_memcpy(place + pair * kTileRowBytes, pairs + 2 * pair, 4);
  }
  TRTLLM_INLINE void write_values(std::byte* page, int token, int i, F32x16 value, int) {
    alignas(32) uint16_t values[16];
    store_first_bf16(values, value, 16);
    std::byte* place = page + i / 16 * kTileBytes + token / 2 * kTileRowBytes + token % 2 * 2;
    for (int lane = 0; lane < 16; ++lane) __builtin_memcpy(place + lane * 4, values + lane, 2);
  }
};

// BFloat16 with activations stored in 2 bytes, as AMX tiles and vdpbf16ps read them.
struct BFloat16Tiles : BFloat16 {
  using Activation = uint16_t;
  static constexpr ActivationStorage kActivation = ActivationStorage::bfloat16;
  TRTLLM_INLINE void store_activation(uint16_t* target, F32x16 value, int count) { store_first_bf16(target, value, count); }
  TRTLLM_INLINE F32x16 load_activation(const uint16_t* source) { return load_bf16(source); }
  TRTLLM_INLINE float activation(const uint16_t* source) { return float_of(uint32_t{*source} << 16); }
};

}  // namespace trtllm::ops::TRTLLM_ISA
