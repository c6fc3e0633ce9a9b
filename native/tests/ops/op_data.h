// What the op tests share: seeded values, weights packed as docs/engine-format.md says, activations in a class's storage,
// KV pages, and the list of tables to test.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <random>
#include <string>
#include <vector>

#include "ops/kernels.h"

namespace trtllm::ops {

inline std::vector<float> gaussian(size_t count, uint32_t seed) {
  std::mt19937 engine(seed);
  std::normal_distribution<float> normal;
  std::vector<float> values(count);
  for (float& value : values) value = normal(engine);
  return values;
}

// Gaussian values as an arithmetic stores them.
inline std::vector<float> stored_gaussian(DType arithmetic, size_t count, uint32_t seed) {
  std::vector<float> values = gaussian(count, seed);
  if (arithmetic == DType::bfloat16) {
    for (float& value : values) value = round_to_bf16(value);
  }
  return values;
}

// Every table that this machine can run, the emulated AMX class included.
inline std::vector<const Kernels*> tables(DType arithmetic) {
  std::vector<const Kernels*> all;
  for (Isa isa : available_isas()) {
    for (const Kernels* table : variants(isa, arithmetic)) all.push_back(table);
  }
  if (isa_available(Isa::amx_emulated) && arithmetic == DType::bfloat16) all.push_back(&kernels(Isa::amx_emulated, arithmetic));
  return all;
}

// Those whose results must be equal bit for bit: scalar first.
inline std::vector<const Kernels*> lane_tables(DType arithmetic) {
  std::vector<const Kernels*> all;
  for (Isa isa : {Isa::scalar, Isa::avx2, Isa::avx512}) {
    if (!isa_available(isa)) continue;
    for (const Kernels* table : variants(isa, arithmetic)) all.push_back(table);
  }
  return all;
}

inline std::string name_of(const Kernels& table) {
  return std::string(isa_name(table.isa)) + (table.arithmetic == DType::bfloat16 ? " bfloat16" : " float32");
}

// 64-byte aligned memory, filled with 0xff (a NaN in every type) so that reading what nobody wrote shows.
class AlignedBytes {
 public:
  explicit AlignedBytes(size_t size = 0) : storage_(size + 64, std::byte{0xff}) {}
  std::byte* data() { return storage_.data() + (64 - reinterpret_cast<uintptr_t>(storage_.data()) % 64) % 64; }
  const std::byte* data() const { return const_cast<AlignedBytes*>(this)->data(); }

 private:
  std::vector<std::byte> storage_;
};

inline void put_bf16(std::byte* base, int64_t index, float value) {
  const uint16_t bits = float_to_bf16(value);
  std::memcpy(base + index * 2, &bits, 2);
}
inline void put_float(std::byte* base, int64_t index, float value) { std::memcpy(base + index * 4, &value, 4); }

// W[n, k] packed as tile16.
struct Weight {
  Weight(DType dtype, int n, int k, uint32_t seed) : values(stored_gaussian(dtype, static_cast<size_t>(n) * k, seed)) {
    view.dtype = dtype;
    view.n = n;
    view.k = k;
    view.n_padded = static_cast<int>(round_up(n, 16));
    view.k_padded = static_cast<int>(round_up(k, 32));
    const size_t size = static_cast<size_t>(view.n_padded) * view.k_padded * dtype_bytes(dtype);
    bytes = AlignedBytes(size);
    std::memset(bytes.data(), 0, size);
    for (int out = 0; out < n; ++out) {
      for (int in = 0; in < k; ++in) put(out, in, values[static_cast<size_t>(out) * k + in]);
    }
    view.data = bytes.data();
  }

  void put(int64_t out, int64_t in, float value) {
    const int64_t padded = view.k_padded;
    if (view.dtype == DType::bfloat16) {
      put_bf16(bytes.data(), ((out / 16 * (padded / 32) + in / 32) * 16 + in % 32 / 2) * 32 + out % 16 * 2 + in % 2, value);
    } else {
      put_float(bytes.data(), (out / 16 * padded + in) * 16 + out % 16, value);
    }
  }

  std::vector<float> values;  // [n, k]
  AlignedBytes bytes;
  PackedWeight view;
};

// Rows of activations: columns [width, round_up(width, 32)) zero, and NaN behind them and behind the last row, where a tile unit may read
// (never use) up to 15 more rows.
class Activations {
 public:
  Activations(ActivationStorage storage, int rows, int width)
      : storage_(storage), stride_(round_up(width, 32) + 32), bytes_(static_cast<size_t>(rows + 15) * stride_ * activation_bytes(storage)) {
    for (int row = 0; row < rows; ++row) {
      for (int column = 0; column < round_up(width, 32); ++column) set(row, column, 0);
    }
  }
  Activations(ActivationStorage storage, int rows, int width, const std::vector<float>& values) : Activations(storage, rows, width) {
    for (int row = 0; row < rows; ++row) {
      for (int column = 0; column < width; ++column) set(row, column, values[static_cast<size_t>(row) * width + column]);
    }
  }

  void set(int row, int column, float value) {
    if (storage_ == ActivationStorage::bfloat16) {
      put_bf16(bytes_.data(), row * stride_ + column, value);
    } else {
      put_float(bytes_.data(), row * stride_ + column, value);
    }
  }
  float get(int row, int column) const {
    const std::byte* element = bytes_.data() + (row * stride_ + column) * static_cast<int64_t>(activation_bytes(storage_));
    if (storage_ == ActivationStorage::bfloat16) {
      uint16_t bits;
      std::memcpy(&bits, element, 2);
      return bf16_to_float(bits);
    }
    float value;
    std::memcpy(&value, element, 4);
    return value;
  }
  std::vector<float> columns(int row, int count) const {
    std::vector<float> values(count);
    for (int column = 0; column < count; ++column) values[column] = get(row, column);
    return values;
  }
  void* row(int index) { return bytes_.data() + index * stride_ * static_cast<int64_t>(activation_bytes(storage_)); }
  int64_t stride() const { return stride_; }

 private:
  ActivationStorage storage_;
  int64_t stride_;
  AlignedBytes bytes_;
};

// One call of linear or linear_int8 on a thread of its own state, the tile columns in pieces of `grain`.
inline void run_linear(const Kernels& table, void (*kernel)(const LinearArgs&), LinearArgs args, int grain) {
  AlignedBytes scratch(table.linear_scratch_bytes(args.rows, args.weight.k_padded));
  args.scratch = scratch.data();
  const int tiles = args.weight.n_padded / 16;
  table.thread_begin();
  for (args.tile_begin = 0; args.tile_begin < tiles; args.tile_begin = args.tile_end) {
    args.tile_end = std::min(args.tile_begin + grain, tiles);
    kernel(args);
  }
  table.thread_end();
}

// Equal bit for bit; any NaN equals any NaN (which payload survives is the compiler's choice).
inline bool same_bits(float a, float b) { return (a != a && b != b) || std::memcmp(&a, &b, 4) == 0; }
inline bool same_bits(const std::vector<float>& a, const std::vector<float>& b) {
  if (a.size() != b.size()) return false;
  for (size_t i = 0; i < a.size(); ++i) {
    if (!same_bits(a[i], b[i])) return false;
  }
  return true;
}
inline bool same_bits(const std::vector<std::vector<float>>& a, const std::vector<std::vector<float>>& b) {
  if (a.size() != b.size()) return false;
  for (size_t i = 0; i < a.size(); ++i) {
    if (!same_bits(a[i], b[i])) return false;
  }
  return true;
}

}  // namespace trtllm::ops
