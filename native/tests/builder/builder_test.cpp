#include <gtest/gtest.h>
#include <sys/resource.h>

#include <cmath>
#include <csignal>
#include <limits>

#include "builder/convert.h"
#include "builder/pack.h"
#include "builder/synthetic.h"
#include "builder/workshop.h"
#include "engine_file/engine_reader.h"

namespace trtllm::builder {
namespace {

// docs/engine-format.md: element (n, k) of a tile16 section.
float element(std::span<const std::byte> section, DType dtype, int64_t k_padded, int64_t n, int64_t k) {
  if (dtype == DType::float32) return reinterpret_cast<const float*>(section.data())[(n / 16 * k_padded + k) * 16 + n % 16];
  const int64_t index = ((n / 16 * (k_padded / 32) + k / 32) * 16 + (k % 32) / 2) * 32 + (n % 16) * 2 + k % 2;
  return bf16_to_float(reinterpret_cast<const uint16_t*>(section.data())[index]);
}

TEST(Builder, packs_odd_shapes_as_the_format_page_says_and_pads_with_zeros) {
  for (const char* stored : {"bfloat16", "float32"}) {
    for (const auto& [n, k] : std::vector<std::pair<int64_t, int64_t>>{{1, 1}, {16, 32}, {17, 33}, {40, 70}, {31, 5}}) {
      Workshop shop;
      const std::vector<float> values = random_values(static_cast<size_t>(n * k), 7);
      shop.tensor("w", "F32", {n, k}, values);
      const std::vector<std::byte> file = shop.build(shop.plan({entry_of("w", {n, k}, {shop.part("w", 0, n)}, stored)}));
      const engine_file::Section section = engine_file::parse_engine_file(file, "built").front();
      for (int64_t row = 0; row < section.n_padded; ++row) {
        for (int64_t column = 0; column < section.k_padded; ++column) {
          const float value = row < n && column < k ? values[static_cast<size_t>(row * k + column)] : 0.0f;
          ASSERT_EQ(element(section.data, section.dtype, section.k_padded, row, column), section.dtype == DType::float32 ? value : round_to_bf16(value)) << stored << n << "x" << k << " at " << row << "," << column;
        }
      }
    }
  }
}

TEST(Builder, concatenates_without_gaps_and_takes_runs_of_rows) {
  Workshop shop;
  const std::vector<float> q = random_values(20 * 8, 1), k = random_values(12 * 8, 2);
  shop.tensor("q", "F32", {20, 8}, q);
  shop.tensor("k", "F32", {12, 8}, k);
  const auto file = shop.build(shop.plan({entry_of("qk", {15, 8}, {shop.part("q", 3, 12), shop.part("k", 6, 12)}, "float32")}));
  const engine_file::Section section = engine_file::parse_engine_file(file, "built").front();
  for (int64_t row = 0; row < 15; ++row) {
    const float expected = row < 9 ? q[static_cast<size_t>((3 + row) * 8 + 5)] : k[static_cast<size_t>((6 + row - 9) * 8 + 5)];
    EXPECT_EQ(element(section.data, DType::float32, 32, row, 5), expected);
  }
}

TEST(Builder, interleaves_gate_and_up_by_sixteen_rows_each_padded) {
  Workshop shop;
  const std::vector<float> gate = random_values(20 * 4, 1), up = random_values(20 * 4, 2);
  shop.tensor("g", "F32", {20, 4}, gate);
  shop.tensor("u", "F32", {20, 4}, up);
  const auto file = shop.build(shop.plan({entry_of("gu", {64, 4}, {shop.part("g", 0, 20), shop.part("u", 0, 20)}, "float32", "interleave16")}));
  const engine_file::Section section = engine_file::parse_engine_file(file, "built").front();
  for (int64_t row = 0; row < 64; ++row) {
    const int64_t local = row / 32 * 16 + row % 16;
    const std::vector<float>& part = row / 16 % 2 ? up : gate;
    EXPECT_EQ(element(section.data, DType::float32, 32, row, 3), local < 20 ? part[static_cast<size_t>(local * 4 + 3)] : 0.0f) << row;
  }
}

TEST(Builder, gives_the_same_bytes_on_any_number_of_threads) {
  Workshop shop;
  shop.tensor("w", "F32", {300, 200}, random_values(60'000, 3));
  shop.tensor("norm", "F32", {200}, random_values(200, 4));
  const json synthetic = {{"name", "s"}, {"layout", "tile16"}, {"dtype", "bfloat16"}, {"shape", {100, 90}}, {"parts", json::array()}, {"arrange", "concat"},
                          {"synthetic", {{"seed", 5}, {"distribution", "normal"}, {"value", 0.02}}}};
  const json plan = shop.plan({entry_of("w", {300, 200}, {shop.part("w", 0, 300)}), entry_of("norm", {200}, {shop.part("norm", 0, 200)}, "float32"), synthetic});
  const auto once = shop.build(plan, 1);
  EXPECT_EQ(shop.build(plan, 2), once);
  EXPECT_EQ(shop.build(plan, 3), once);
}

TEST(Builder, refuses_weights_that_are_not_finite_by_name_and_leaves_no_file) {
  Workshop shop;
  std::vector<float> values = random_values(64, 1);
  values[40] = std::numeric_limits<float>::infinity();
  shop.tensor("model.bad.weight", "BF16", {8, 8}, values);
  json plan = shop.plan({entry_of("w", {8, 8}, {shop.part("model.bad.weight", 0, 8)})});
  const std::string error = error_of([&] { shop.build(plan); });
  EXPECT_TRUE(error.starts_with("TENSOR_NONFINITE: ") && error.find("model.bad.weight") != std::string::npos) << error;
  EXPECT_FALSE(std::filesystem::exists(shop.folder + "/rank0.engine"));
  plan["check_finite"] = false;
  EXPECT_EQ(error_of([&] { shop.build(plan); }), "");
}

TEST(Builder, names_the_part_that_is_not_finite_and_values_that_bfloat16_cannot_hold) {
  Workshop shop;
  std::vector<float> values = random_values(128, 1);
  shop.tensor("gate", "BF16", {16, 8}, values);
  values[9] = std::numeric_limits<float>::max();  // finite, and rounds to infinity
  shop.tensor("up", "F32", {16, 8}, values);
  const auto entry = [&](const char* dtype) { return entry_of("gu", {32, 8}, {shop.part("gate", 0, 16), shop.part("up", 0, 16)}, dtype, "interleave16"); };
  const std::string error = error_of([&] { shop.build(shop.plan({entry("bfloat16")})); });
  EXPECT_TRUE(error.starts_with("TENSOR_NONFINITE: up (gu): 1 values")) << error;
  EXPECT_EQ(error_of([&] { shop.build(shop.plan({entry("float32")})); }), "");
}

TEST(Builder, reads_half_precision_and_counts_changes_by_the_dtype_of_each_part) {
  Workshop shop;
  shop.tensor("half", "F16", {1, 2}, {0, 0});
  const uint16_t halves[] = {0x0001, 0x3c01};  // 2^-24, and 1 + 2^-10, which bfloat16 rounds to 1
  shop.data.replace(0, sizeof halves, reinterpret_cast<const char*>(halves), sizeof halves);
  shop.tensor("full", "F32", {1, 2}, {1, 2});
  const json plan_json = shop.plan({entry_of("w", {2, 2}, {shop.part("half", 0, 1), shop.part("full", 0, 1)})});
  const auto file = shop.build(plan_json);
  const engine_file::Section section = engine_file::parse_engine_file(file, "built").front();
  EXPECT_EQ(element(section.data, DType::bfloat16, 32, 0, 0), 0x1p-24f);
  EXPECT_EQ(element(section.data, DType::bfloat16, 32, 0, 1), 1.0f);
  std::filesystem::remove(shop.folder + "/rank0.engine");
  const BuildResult result = write_engine(parse_build_plan(plan_json.dump()), shop.folder, {}, 1, [](const Progress&) {});
  EXPECT_EQ(result.converted.at(SourceDtype::f16).num_changed, 1u);
  EXPECT_EQ(result.converted.at(SourceDtype::f32).num_changed, 0u);
}

TEST(Builder, tells_when_its_file_closes_after_a_failure_too) {
  Workshop shop;
  shop.tensor("w", "F32", {1, 1}, {std::numeric_limits<float>::infinity()});
  const BuildPlan plan = parse_build_plan(shop.plan({entry_of("w", {1, 1}, {shop.part("w", 0, 1)})}).dump());
  std::vector<bool> is_open;
  EXPECT_THROW(write_engine(plan, shop.folder, {}, 1, [](const Progress&) {}, [&](const auto* writer) { is_open.push_back(writer != nullptr); }), Error);
  EXPECT_EQ(is_open, (std::vector<bool>{true, false}));
}

TEST(Builder, says_how_much_room_was_needed_when_the_file_does_not_fit) {
  Workshop shop;
  shop.tensor("w", "F32", {64, 64}, random_values(4096, 1));
  const json plan = shop.plan({entry_of("w", {64, 64}, {shop.part("w", 0, 64)})});
  rlimit limit;
  ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &limit), 0);
  const rlimit small{1024, limit.rlim_max};
  const auto old_handler = std::signal(SIGXFSZ, SIG_IGN);
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &small), 0);
  const std::string error = error_of([&] { write_engine(parse_build_plan(plan.dump()), shop.folder, {}, 1, [](const Progress&) {}); });
  setrlimit(RLIMIT_FSIZE, &limit);
  std::signal(SIGXFSZ, old_handler);
  EXPECT_TRUE(error.starts_with("DISK_FULL: ") && error.find("bytes are needed") != std::string::npos) << error;
  EXPECT_FALSE(std::filesystem::exists(shop.folder + "/rank0.engine"));
}

TEST(Builder, refuses_a_checkpoint_that_is_not_what_was_planned) {
  Workshop shop;
  shop.tensor("a", "F32", {4, 8}, random_values(32, 1));
  shop.tensor("b", "F32", {4, 8}, random_values(32, 2));
  const json good = shop.plan({entry_of("w", {4, 8}, {shop.part("a", 0, 4)})});
  EXPECT_EQ(error_of([&] { shop.build(good); }), "");
  for (const auto& [field, value] : std::vector<std::pair<const char*, json>>{{"tensor", "c"}, {"dtype", "BF16"}, {"offset", 130}}) {
    json bad = good;
    bad["entries"][0]["parts"][0][field] = value;
    const std::string error = error_of([&] { shop.build(bad); });
    EXPECT_TRUE(error.starts_with("CHECKPOINT_INVALID: ")) << field << ": " << error;
  }
  json larger = good;
  larger["sources"][0]["bytes"] = good["sources"][0]["bytes"].get<int64_t>() + 1;
  EXPECT_TRUE(error_of([&] { shop.build(larger); }).starts_with("CHECKPOINT_INVALID: "));
}

TEST(BuildPlan, refuses_each_field_that_is_wrong_by_name) {
  Workshop shop;
  shop.tensor("a", "F32", {32, 8}, random_values(256, 1));
  const json good = shop.plan({entry_of("w", {32, 8}, {shop.part("a", 0, 16), shop.part("a", 16, 32)})});
  EXPECT_NO_THROW(parse_build_plan(good.dump()));
  const std::vector<std::pair<const char*, json>> patches = {
      {"plan_version", {{"/plan_version", 2}}},       {"output", {{"/output", "../x"}}},          {"layout", {{"/entries/0/layout", "rows"}}},
      {"quantize: missing", {{"/entries/0/dtype", "int4"}}},      {"rows of 7", {{"/entries/0/parts/0/shape/1", 7}}}, {"shape says 33", {{"/entries/0/shape/0", 33}}},
      {"source", {{"/entries/0/parts/1/source", 1}}}, {"rows", {{"/entries/0/parts/0/rows/1", 99}}},      {"beyond its source", {{"/entries/0/parts/0/offset", 1'000'000}}},
      {"arrange", {{"/entries/0/arrange", "mixed"}}}, {"name", {{"/entries/0/name", std::string(200, 'a')}}}, {"surplus", {{"/surplus", 1}}},
  };
  for (const auto& [expected, patch] : patches) {
    json bad = good;
    for (const auto& [pointer, value] : patch.items()) bad[json::json_pointer(pointer)] = value;
    const std::string error = error_of([&] { parse_build_plan(bad.dump()); });
    EXPECT_TRUE(error.starts_with("PLAN_INVALID: ") && error.find(expected) != std::string::npos) << expected << " / " << error;
  }
}

TEST(Convert, half_precision_is_exact) {
  EXPECT_EQ(half_to_float(0x3c00), 1.0f);
  EXPECT_EQ(half_to_float(0xc000), -2.0f);
  EXPECT_EQ(half_to_float(0x0001), 0x1p-24f);
  EXPECT_EQ(half_to_float(0x83ff), -1023 * 0x1p-24f);
  EXPECT_EQ(half_to_float(0x0400), 0x1p-14f);
  EXPECT_EQ(half_to_float(0x7bff), 65504.0f);
  EXPECT_TRUE(std::isinf(half_to_float(0x7c00)));
  EXPECT_TRUE(std::isnan(half_to_float(0x7e01)));
  EXPECT_TRUE(std::signbit(half_to_float(0x8000)));
}

TEST(Convert, bf16_rounds_to_nearest_even_and_counts_what_it_loses) {
  EXPECT_EQ(round_to_bf16(1 + 0x1p-8f), 1.0f);
  EXPECT_EQ(round_to_bf16(1 + 3 * 0x1p-8f), 1 + 0x1p-6f);
  EXPECT_TRUE(std::isnan(round_to_bf16(std::numeric_limits<float>::quiet_NaN())));
  ConversionStats stats;
  count_conversion(std::vector<float>{1, 1 + 0x1p-8f, 0, std::numeric_limits<float>::infinity()}, DType::bfloat16, stats);
  EXPECT_EQ(stats.num_changed, 1u);
  EXPECT_EQ(stats.num_nonfinite, 1u);
  EXPECT_NEAR(stats.max_relative_change, 0x1p-8 / (1 + 0x1p-8), 1e-9);
}

TEST(Synthetic, values_depend_on_seed_name_and_index_alone_and_look_gaussian) {
  const Synthetic normal{1, Distribution::normal, 0.5};
  std::vector<float> all(100'000), tail(10);
  SyntheticTensor(normal, "a").fill(0, all);
  SyntheticTensor(normal, "a").fill(99'990, tail);
  EXPECT_TRUE(std::equal(tail.begin(), tail.end(), all.end() - 10));
  double sum = 0, squares = 0, within = 0;
  for (float value : all) sum += value, squares += double{value} * value, within += std::abs(value) < 0.5;
  EXPECT_NEAR(sum / 1e5, 0, 0.01);
  EXPECT_NEAR(std::sqrt(squares / 1e5), 0.5, 0.01);
  EXPECT_NEAR(within / 1e5, 0.683, 0.01);  // one deviation
  std::vector<float> other(10);
  SyntheticTensor(normal, "b").fill(0, other);
  EXPECT_FALSE(std::equal(other.begin(), other.end(), all.begin()));
}

}  // namespace
}  // namespace trtllm::builder
