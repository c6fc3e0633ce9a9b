// embed, norms, rope and kv_write against double precision or exact placement, on every class.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "ops/op_data.h"

namespace trtllm::ops {
namespace {

constexpr int kRows = 5;

// Sum of squares, division, square root, two products: each rounds by 2^-24, the sum by its depth; bf16 rounds once more.
double norm_tolerance(DType arithmetic, double expected) {
  return std::abs(expected) * (arithmetic == DType::bfloat16 ? 0x1p-8 : 0x1p-19) + 1e-12;
}

class RowOps : public testing::TestWithParam<DType> {};
INSTANTIATE_TEST_SUITE_P(Arithmetics, RowOps, testing::Values(DType::bfloat16, DType::float32),
                         [](const auto& info) { return info.param == DType::bfloat16 ? "bfloat16" : "float32"; });

TEST_P(RowOps, embed_copies_a_row_of_the_packed_table) {
  for (const Kernels* table : tables(GetParam())) {
    for (int k : {1, 31, 64, 100}) {
      const Weight weight(GetParam(), 37, k, 1);
      const std::vector<int32_t> tokens{36, 0, 15, 16, 36};
      std::vector<float> output(kRows * k, -1);
      table->embed({weight.view, tokens.data(), output.data(), k, 1, kRows});
      for (int i = 0; i < k; ++i) EXPECT_EQ(output[i], -1) << "row 0 is outside the range";
      for (int row = 1; row < kRows; ++row) {
        for (int i = 0; i < k; ++i) ASSERT_EQ(output[row * k + i], weight.values[static_cast<size_t>(tokens[row]) * k + i]);
      }
    }
  }
}

std::vector<std::vector<float>> run_rms_norm(const Kernels& table, int width, const std::vector<float>& x, const std::vector<float>& weight) {
  Activations output(table.activation, kRows, width);
  table.rms_norm({x.data(), width, weight.data(), width, 1e-5f, output.row(0), output.stride(), 0, kRows});
  std::vector<std::vector<float>> rows;
  for (int row = 0; row < kRows; ++row) {
    rows.push_back(output.columns(row, width));
    for (int i = width; i < round_up(width, 32); ++i) EXPECT_EQ(output.get(row, i), 0) << "padding stays zero";
  }
  return rows;
}

TEST_P(RowOps, rms_norm_is_right_and_equal_on_every_class) {
  for (int width : {1, 8, 15, 16, 17, 64, 100, 2048}) {
    std::vector<float> x = gaussian(kRows * width, 5), weight = gaussian(width, 6);
    const auto expected_bits = run_rms_norm(*tables(GetParam())[0], width, x, weight);
    for (const Kernels* table : tables(GetParam())) {
      const auto result = run_rms_norm(*table, width, x, weight);
      ASSERT_TRUE(same_bits(result, expected_bits)) << name_of(*table);
      for (int row = 0; row < kRows; ++row) {
        double squares = 0;
        for (int i = 0; i < width; ++i) squares += double{x[row * width + i]} * x[row * width + i];
        for (int i = 0; i < width; ++i) {
          const double expected = x[row * width + i] / std::sqrt(squares / width + 1e-5) * weight[i];
          ASSERT_NEAR(result[row][i], expected, norm_tolerance(GetParam(), expected)) << name_of(*table);
        }
      }
    }
    x[width] = NAN;
    const auto ill = run_rms_norm(*tables(GetParam()).back(), width, x, weight);
    EXPECT_TRUE(std::isnan(ill[1][0])) << "a NaN shows in its row";
    for (int row : {0, 2, 3, 4}) EXPECT_EQ(ill[row], expected_bits[row]) << "and in no other";
  }
}

TEST_P(RowOps, head_norm_normalizes_each_head_alone) {
  for (int head_dim : {8, 16, 64, 80, 128}) {
    const int heads = 3, stride = heads * head_dim + 7;
    const std::vector<float> x = gaussian(kRows * stride, 7), weight = gaussian(head_dim, 8);
    std::vector<float> first;
    for (const Kernels* table : tables(GetParam())) {
      std::vector<float> y = x;
      table->head_norm({y.data(), stride, heads, head_dim, weight.data(), 1e-6f, 1, kRows});
      if (first.empty()) first = y;
      ASSERT_TRUE(same_bits(y, first)) << name_of(*table);
      for (int i = 0; i < kRows * stride; ++i) {
        const int row = i / stride, column = i % stride;
        if (row == 0 || column >= heads * head_dim) {
          ASSERT_EQ(y[i], x[i]) << "outside the heads nothing changes";
          continue;
        }
        const float* head = x.data() + row * stride + column / head_dim * head_dim;
        double squares = 0;
        for (int d = 0; d < head_dim; ++d) squares += double{head[d]} * head[d];
        const double expected = x[i] / std::sqrt(squares / head_dim + 1e-6) * weight[column % head_dim];
        ASSERT_NEAR(y[i], expected, norm_tolerance(DType::float32, expected)) << name_of(*table);
      }
    }
  }
}

TEST_P(RowOps, rope_turns_half_split_pairs_and_leaves_the_rest) {
  for (auto [head_dim, rotary_dim] : {std::pair{8, 8}, {16, 16}, {64, 64}, {80, 40}, {128, 128}, {6, 4}}) {
    const int heads = 2, stride = heads * head_dim, half = rotary_dim / 2, positions = 9;
    const std::vector<float> x = gaussian(kRows * stride, 9), cos = gaussian(positions * half, 10), sin = gaussian(positions * half, 11);
    const std::vector<int32_t> position{8, 0, 3, 3, 7};
    std::vector<float> first;
    for (const Kernels* table : tables(GetParam())) {
      std::vector<float> y = x;
      table->rope({y.data(), stride, heads, head_dim, rotary_dim, cos.data(), sin.data(), position.data(), 0, kRows});
      if (first.empty()) first = y;
      ASSERT_TRUE(same_bits(y, first)) << name_of(*table);
      for (int i = 0; i < kRows * stride; ++i) {
        const int row = i / stride, d = i % head_dim, pair = d % half;
        if (d >= rotary_dim) {
          ASSERT_EQ(y[i], x[i]);
          continue;
        }
        const double c = cos[position[row] * half + pair], s = sin[position[row] * half + pair];
        const double other = x[d < half ? i + half : i - half];
        const double expected = d < half ? x[i] * c - other * s : x[i] * c + other * s;
        ASSERT_NEAR(y[i], expected, 0x1p-23 * (std::abs(x[i] * c) + std::abs(other * s))) << name_of(*table);
      }
    }
  }
}

// Codes and scales of an int8 cache, on every class.
TEST_P(RowOps, kv_write_puts_each_code_and_scale_where_the_page_layout_says) {
  for (int head_dim : {8, 80, 128}) {
    const int heads = 2, stride = heads * head_dim + 3, padded = static_cast<int>(round_up(head_dim, 32));
    std::vector<float> k = gaussian(kRows * stride, 14), v = gaussian(kRows * stride, 15);
    for (int i = 0; i < head_dim; ++i) k[2 * stride + i] = 0;                             // a head of zeros
    v[3 * stride + head_dim + 1] = std::numeric_limits<float>::infinity();               // and one that has no codes
    const std::vector<int32_t> slots{0, 33, 63, 95, 16};
    for (const Kernels* table : tables(GetParam())) {
      KvLayer kv{.head_bytes = kv_head_bytes(head_dim, DType::int8), .num_kv_heads = heads, .head_dim = head_dim, .dtype = DType::int8};
      kv.v_offset = kv.head_bytes * heads;
      kv.block_bytes = 2 * kv.v_offset + 128;
      AlignedBytes pool(3 * kv.block_bytes), expected(3 * kv.block_bytes);
      kv.base = pool.data();
      table->kv_write({k.data(), v.data(), stride, slots.data(), kv, 0, kRows});
      for (int row = 0; row < kRows; ++row) {
        for (int h = 0; h < heads; ++h) {
          for (bool is_v : {false, true}) {
            const float* x = (is_v ? v : k).data() + row * stride + h * head_dim;
            const int64_t t = slots[row] % 32;
            std::byte* page = expected.data() + slots[row] / 32 * kv.block_bytes + h * kv.head_bytes + (is_v ? kv.v_offset : 0);
            float largest = 0;
            for (int i = 0; i < head_dim; ++i) largest = std::max(largest, std::abs(x[i]));
            const bool has_codes = largest > 0 && std::isfinite(largest);
            for (int64_t i = 0; i < padded; ++i) {
              const float code = has_codes && i < head_dim ? std::nearbyint(x[i] * (127 / largest)) : 0;
              page[is_v ? i / 16 * 512 + t / 4 * 64 + i % 16 * 4 + t % 4 : (i / 4 * 2 + t / 16) * 64 + t % 16 * 4 + i % 4] = static_cast<std::byte>(static_cast<int8_t>(code));
            }
            put_float(page + padded * 32, t, std::isfinite(largest) ? largest / 127 : std::numeric_limits<float>::quiet_NaN());
          }
        }
      }
      ASSERT_EQ(std::memcmp(pool.data(), expected.data(), 3 * kv.block_bytes), 0) << name_of(*table) << " head_dim " << head_dim;
    }
  }
}

TEST_P(RowOps, kv_write_puts_each_value_where_the_page_layout_says) {
  for (int head_dim : {8, 16, 32, 80, 128}) {
    const int heads = 2, stride = heads * head_dim + 3, padded = static_cast<int>(round_up(head_dim, 32));
    const std::vector<float> k = stored_gaussian(GetParam(), kRows * stride, 12), v = stored_gaussian(GetParam(), kRows * stride, 13);
    const std::vector<int32_t> slots{0, 33, 63, 95, 16};
    for (const Kernels* table : tables(GetParam())) {
      KvLayer kv;
      kv.head_bytes = kv_head_bytes(head_dim, GetParam());
      kv.v_offset = kv.head_bytes * heads;
      kv.block_bytes = 2 * kv.v_offset + 128;
      AlignedBytes pool(3 * kv.block_bytes), expected(3 * kv.block_bytes);
      kv.base = pool.data();
      kv.num_kv_heads = heads;
      kv.head_dim = head_dim;
      kv.dtype = GetParam();
      table->kv_write({k.data(), v.data(), stride, slots.data(), kv, 0, kRows});
      for (int row = 0; row < kRows; ++row) {
        for (int h = 0; h < heads; ++h) {
          const int64_t t = slots[row] % 32;
          std::byte* page = expected.data() + slots[row] / 32 * kv.block_bytes + h * kv.head_bytes;
          for (int64_t i = 0; i < padded; ++i) {
            const float key = i < head_dim ? k[row * stride + h * head_dim + i] : 0;
            const float value = i < head_dim ? v[row * stride + h * head_dim + i] : 0;
            if (GetParam() == DType::bfloat16) {
              put_bf16(page, (i / 32 * 2 + t / 16) * 512 + i % 32 / 2 * 32 + t % 16 * 2 + i % 2, key);
              put_bf16(page + kv.v_offset, i / 16 * 512 + t / 2 * 32 + i % 16 * 2 + t % 2, value);
            } else {
              put_float(page, i * 32 + t, key);
              put_float(page + kv.v_offset, t * padded + i, value);
            }
          }
        }
      }
      ASSERT_EQ(std::memcmp(pool.data(), expected.data(), 3 * kv.block_bytes), 0) << name_of(*table) << " head_dim " << head_dim;
    }
  }
}

}  // namespace
}  // namespace trtllm::ops
