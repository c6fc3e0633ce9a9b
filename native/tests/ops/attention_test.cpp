// attention against softmax in double precision; and its promises: classes agree in bits, chunking does not show, and what a
// row must not see it does not touch (everything that was never written is NaN here).
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "ops/op_data.h"

namespace trtllm::ops {
namespace {

struct Case {
  int head_dim, group_size, rows, first_position, window;
};

std::vector<Case> cases() {
  return {{8, 1, 1, 0, 0},      {16, 4, 3, 0, 0},     {32, 3, 5, 30, 0},     {64, 4, 9, 500, 0},   {80, 2, 2, 63, 0},    {96, 7, 1, 511, 0},
          {128, 8, 1, 1030, 0}, {16, 1, 33, 0, 0},    {8, 2, 17, 505, 0},    {64, 1, 4, 0, 1},     {32, 5, 12, 40, 7},   {16, 4, 20, 1020, 100},
          {64, 2, 3, 700, 512}, {16, 3, 40, 480, 33}, {128, 1, 16, 1536, 0}, {8, 4, 2, 1100, 600}, {24, 2, 6, 100, 1000}};
}

constexpr int kKvHeads = 2, kKvHead = 1;

// A sequence's q, and K and V in pages whose order in the pool is shuffled.
struct Call {
  Call(const Kernels& table, DType kv_dtype, const Case& shape)
      : table(table),
        shape(shape),
        tokens(shape.first_position + shape.rows),
        width(shape.group_size * shape.head_dim),
        q(gaussian(static_cast<size_t>(shape.rows) * width, 1)),
        k(stored_gaussian(table.arithmetic, static_cast<size_t>(tokens) * kKvHeads * shape.head_dim, 2)),
        v(stored_gaussian(table.arithmetic, static_cast<size_t>(tokens) * kKvHeads * shape.head_dim, 3)) {
    const int pages = (tokens + kBlockTokens - 1) / kBlockTokens;
    for (int page = 0; page < pages; ++page) blocks.push_back(page);
    std::shuffle(blocks.begin(), blocks.end(), std::mt19937(4));
    kv.head_bytes = kv_head_bytes(shape.head_dim, kv_dtype);
    kv.v_offset = kKvHeads * kv.head_bytes;
    kv.block_bytes = 2 * kv.v_offset;
    kv.num_kv_heads = kKvHeads;
    kv.head_dim = shape.head_dim;
    kv.dtype = kv_dtype;
    pool = AlignedBytes(static_cast<size_t>(pages) * kv.block_bytes);
    kv.base = pool.data();
    write_kv();
  }

  void write_kv() {
    std::vector<int32_t> slots;
    for (int t = 0; t < tokens; ++t) slots.push_back(blocks[t / kBlockTokens] * kBlockTokens + t % kBlockTokens);
    table.kv_write({k.data(), v.data(), kKvHeads * shape.head_dim, slots.data(), kv, 0, tokens});
  }

  // What the cache holds of K or V.
  std::vector<float> stored(std::vector<float> values) const {
    if (kv.dtype != DType::int8) return values;
    for (size_t head = 0; head < values.size(); head += shape.head_dim) {
      float largest = 0;
      for (int i = 0; i < shape.head_dim; ++i) largest = std::max(largest, std::abs(values[head + i]));
      for (int i = 0; i < shape.head_dim; ++i) values[head + i] = std::nearbyint(values[head + i] * (127 / largest)) * (largest / 127);
    }
    return values;
  }

  std::vector<std::vector<float>> run(int first_row, int rows) {
    Activations output(table.activation, shape.rows, width);
    AlignedBytes scratch(table.attention_scratch_bytes(shape.head_dim, shape.group_size));
    AttentionArgs args;
    args.q = q.data() + static_cast<size_t>(first_row) * width;
    args.q_stride = width;
    args.rows = rows;
    args.first_position = shape.first_position + first_row;
    args.group_size = shape.group_size;
    args.kv_head = kKvHead;
    args.scale = scale();
    args.window = shape.window;
    args.blocks = blocks.data();
    args.kv = kv;
    args.next = next;
    args.output = output.row(first_row);
    args.output_stride = output.stride();
    args.scratch = scratch.data();
    table.thread_begin();
    table.attention(args);
    table.thread_end();
    std::vector<std::vector<float>> result;
    for (int row = first_row; row < first_row + rows; ++row) result.push_back(output.columns(row, width));
    return result;
  }
  std::vector<std::vector<float>> run() { return run(0, shape.rows); }

  float scale() const { return 1 / std::sqrt(static_cast<float>(shape.head_dim)); }
  size_t head_at(int t) const { return (static_cast<size_t>(t) * kKvHeads + kKvHead) * shape.head_dim; }

  const Kernels& table;
  Case shape;
  int tokens, width;
  std::vector<float> q, k, v;
  std::vector<int32_t> blocks;
  KvLayer kv;
  KeyPages next;
  AlignedBytes pool;
};

struct Reference {
  std::vector<double> output, size;  // size: sum of weight * |V|, what rounding is proportional to
};

// One row and head: softmax(scale * q K^T) V over the positions it sees.
Reference reference(const Call& call, const std::vector<float>& k, const std::vector<float>& v, int row, int head) {
  const int d = call.shape.head_dim, last = call.shape.first_position + row;
  const int first = call.shape.window > 0 ? std::max(last - call.shape.window + 1, 0) : 0;
  std::vector<double> weights;
  for (int t = first; t <= last; ++t) {
    double dot = 0;
    for (int i = 0; i < d; ++i) {
      const float q = call.q[static_cast<size_t>(row) * call.width + head * d + i];
      dot += double{call.table.arithmetic == DType::bfloat16 ? round_to_bf16(q) : q} * k[call.head_at(t) + i];
    }
    weights.push_back(dot * call.scale());
  }
  const double top = *std::max_element(weights.begin(), weights.end());
  double sum = 0;
  for (double& weight : weights) sum += weight = std::exp(weight - top);
  Reference result{std::vector<double>(d), std::vector<double>(d)};
  for (int t = first; t <= last; ++t) {
    for (int i = 0; i < d; ++i) {
      result.output[i] += weights[t - first] / sum * v[call.head_at(t) + i];
      result.size[i] += weights[t - first] / sum * std::abs(v[call.head_at(t) + i]);
    }
  }
  return result;
}

// float32: a score's error (head_dim roundings of a dot product below 64) and 2,000 summed positions, some 2^-24 each, stay below 2^-14 of
// the size. bfloat16: a weight and its share in the sum are off by 2^-9 each, the result is rounded by 2^-9 once more.
// An int8 cache: the weight times V's scale is rounded by 2^-9 again.
constexpr double kFloat32Tolerance = 0x1p-14, kBfloat16Tolerance = 4 * 0x1p-9;

struct Storage {
  DType arithmetic, kv;
};

class Attention : public testing::TestWithParam<Storage> {
 protected:
  std::vector<const Kernels*> all() const { return tables(GetParam().arithmetic); }
  Call make(const Kernels& table, const Case& shape) const { return Call(table, GetParam().kv, shape); }
};
INSTANTIATE_TEST_SUITE_P(Storages, Attention,
                         testing::Values(Storage{DType::bfloat16, DType::bfloat16}, Storage{DType::float32, DType::float32}, Storage{DType::bfloat16, DType::int8},
                                         Storage{DType::float32, DType::int8}),
                         [](const auto& info) {
                           return std::string(info.param.arithmetic == DType::bfloat16 ? "bfloat16" : "float32") + (info.param.kv == DType::int8 ? "_int8_cache" : "");
                         });

TEST_P(Attention, gives_the_softmax_in_double_precision_within_rounding) {
  const double tolerance = GetParam().arithmetic == DType::bfloat16 ? kBfloat16Tolerance : kFloat32Tolerance;
  for (const Case& shape : cases()) {
    for (const Kernels* table : all()) {
      Call call = make(*table, shape);
      const auto result = call.run();
      const std::vector<float> k = call.stored(call.k), v = call.stored(call.v);
      for (int row = 0; row < shape.rows; ++row) {
        for (int head = 0; head < shape.group_size; ++head) {
          const Reference expected = reference(call, k, v, row, head);
          for (int i = 0; i < shape.head_dim; ++i) {
            ASSERT_NEAR(result[row][head * shape.head_dim + i], expected.output[i], tolerance * expected.size[i])
                << name_of(*table) << " head_dim " << shape.head_dim << " row " << row << " head " << head << " dim " << i;
          }
        }
      }
    }
  }
}

TEST_P(Attention, has_the_same_bits_on_every_lane_class) {
  for (const Case& shape : cases()) {
    const auto expected = make(*lane_tables(GetParam().arithmetic)[0], shape).run();
    for (const Kernels* table : lane_tables(GetParam().arithmetic)) {
      ASSERT_TRUE(same_bits(make(*table, shape).run(), expected)) << name_of(*table) << " head_dim " << shape.head_dim;
    }
  }
}

TEST_P(Attention, gives_a_row_the_same_bits_in_any_chunk) {
  for (const Case& shape : cases()) {
    for (const Kernels* table : all()) {
      Call call = make(*table, shape);
      const auto whole = call.run();
      for (int chunk : {1, 2, 3, 8}) {
        for (int first = 0; first < shape.rows; first += chunk) {
          const int count = std::min(chunk, shape.rows - first);
          const auto part = call.run(first, count);
          for (int row = 0; row < count; ++row) {
            ASSERT_TRUE(same_bits(part[row], whole[first + row])) << name_of(*table) << " chunk " << chunk << " row " << first + row;
          }
        }
      }
    }
  }
}

// Under AddressSanitizer: no page behind the next call's last one is asked for.
TEST_P(Attention, gives_the_same_bits_whatever_the_thread_reads_next) {
  for (const Case& shape : cases()) {
    for (const Kernels* table : all()) {
      Call call = make(*table, shape);
      const auto alone = call.run();
      for (const size_t count : {1, 2, 9}) {
        const std::vector<int32_t> blocks(count, call.blocks.back());
        call.next = {blocks.data(), static_cast<int>(count), 1 - kKvHead};
        ASSERT_TRUE(same_bits(call.run(), alone)) << name_of(*table) << " head_dim " << shape.head_dim << " next " << count;
      }
    }
  }
}

TEST_P(Attention, keeps_a_nan_in_the_rows_that_see_it) {
  const Case shape{64, 2, 12, 505, 0};
  constexpr int kIllRow = 5;
  for (const Kernels* table : all()) {
    Call call = make(*table, shape);
    const auto healthy = call.run();
    call.q[static_cast<size_t>(kIllRow) * call.width + 3] = NAN;
    const auto ill_query = call.run();
    for (int row = 0; row < shape.rows; ++row) ASSERT_EQ(same_bits(ill_query[row], healthy[row]), row != kIllRow) << name_of(*table);

    Call other = make(*table, shape);
    const size_t position = shape.first_position + kIllRow;
    for (int i = 0; i < kKvHeads * shape.head_dim; ++i) other.k[position * kKvHeads * shape.head_dim + i] = NAN;
    for (int i = 0; i < kKvHeads * shape.head_dim; ++i) other.v[position * kKvHeads * shape.head_dim + i] = INFINITY;
    other.write_kv();
    const auto ill_token = other.run();
    for (int row = 0; row < shape.rows; ++row) ASSERT_EQ(same_bits(ill_token[row], healthy[row]), row < kIllRow) << name_of(*table);
  }
}

}  // namespace
}  // namespace trtllm::ops
