// Quantized weights in an engine file: read back by a decoder of their own, they are as near to the weights as their scale allows.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "builder/quantize.h"
#include "builder/synthetic.h"
#include "builder/workshop.h"
#include "engine_file/engine_reader.h"

namespace trtllm::builder {
namespace {

using engine_file::Section;

struct Format {
  const char* scheme;
  int group_size;
  std::vector<const char*> sides;  // beside the codes
};
const Format kFormats[] = {{"int8", 0, {"scale"}},
                           {"int4_group", 32, {"group_scale"}},
                           {"int4_group", 128, {"group_scale"}},
                           {"int4_two_level", 64, {"scale", "multiplier"}},
                           {"int4_two_level", 128, {"scale", "multiplier"}}};

// The entries of one quantized weight, as packages/engine-builder/src/quantization.ts writes them.
std::vector<json> entries_of(const json& weight, const Format& format) {
  const auto side = [&](const std::string& output, const char* layout, const char* dtype) {
    json entry = weight;
    if (output != "codes") entry["name"] = weight["name"].get<std::string>() + "." + output;
    entry["layout"] = layout;
    entry["dtype"] = dtype;
    entry["quantize"] = {{"of", weight["name"]}, {"scheme", format.scheme}, {"group_size", format.group_size}, {"output", output}};
    return entry;
  };
  std::vector<json> entries{side("codes", "tile16", format.group_size == 0 ? "int8" : "int4")};
  for (const std::string output : format.sides)
    entries.push_back(side(output, output == "scale" ? "vector" : "group16", output == "multiplier" ? "int8" : "float32"));
  return entries;
}

// An engine file with one quantized weight "w", decoded as docs/engine-format.md says.
struct Decoded {
  explicit Decoded(std::vector<std::byte> bytes) : file(std::move(bytes)) {
    for (const Section& section : engine_file::parse_engine_file(file, "built")) {
      if (section.name == "w") codes = section;
      if (section.name == "w.scale") scale = reinterpret_cast<const float*>(section.data.data());
      if (section.name == "w.group_scale") group_scale = reinterpret_cast<const float*>(section.data.data());
      if (section.name == "w.multiplier") multiplier = reinterpret_cast<const int8_t*>(section.data.data());
    }
  }

  int code(int64_t n, int64_t k) const {
    const int64_t tile = n / 16 * (codes.k_padded / 64) + k / 64, row = k % 64 / 4, byte = n % 16 * 4 + k % 4;
    if (codes.dtype == DType::int8) return static_cast<int8_t>(codes.data[(tile * 16 + row) * 64 + byte]);
    return (static_cast<int>(codes.data[(tile * 8 + row % 8) * 64 + byte]) >> (row < 8 ? 0 : 4) & 15) - 8;
  }
  // What one step of a code is worth.
  double step(int64_t n, int64_t k) const {
    if (codes.dtype == DType::int8) return scale[n];
    const int64_t groups = (codes.shape[1] + codes.group_size - 1) / codes.group_size;
    const int64_t at = (n / 16 * groups + k / codes.group_size) * 16 + n % 16;
    return group_scale ? double{group_scale[at]} : double{scale[n]} * multiplier[at];
  }

  std::vector<std::byte> file;
  Section codes;
  const float *scale = nullptr, *group_scale = nullptr;
  const int8_t* multiplier = nullptr;
};

json synthetic(std::vector<int64_t> shape) {
  return {{"name", "w"}, {"layout", "tile16"}, {"dtype", "bfloat16"}, {"shape", shape}, {"parts", json::array()}, {"arrange", "concat"},
          {"synthetic", {{"seed", 5}, {"distribution", "normal"}, {"value", 0.02}}}};
}

TEST(QuantizedWeights, are_within_half_a_step_of_the_weights_or_at_the_end_of_the_codes) {
  for (const Format& format : kFormats) {
    for (const auto& [n, k] : std::vector<std::pair<int64_t, int64_t>>{{1, 1}, {16, 64}, {17, 65}, {40, 200}, {33, 300}}) {
      Workshop shop;
      std::vector<float> values = random_values(static_cast<size_t>(n * k), 7);
      std::fill_n(values.begin(), k, 0.0f);  // a row of zeros has scale 0
      shop.tensor("w", "F32", {n, k}, values);
      const Decoded decoded(shop.build(shop.plan(entries_of(entry_of("w", {n, k}, {shop.part("w", 0, n)}), format)), 2));
      const double lowest = format.group_size == 0 ? -127 : -8, highest = format.group_size == 0 ? 127 : 7;
      for (int64_t row = 0; row < n; ++row) {
        for (int64_t column = 0; column < k; ++column) {
          const double weight = values[static_cast<size_t>(row * k + column)], step = decoded.step(row, column);
          const int code = decoded.code(row, column);
          if (step == 0) {
            ASSERT_EQ(code, 0);
            ASSERT_EQ(weight, 0);
            continue;
          }
          ASSERT_NEAR(code, std::clamp(weight / step, lowest, highest), 0.5 + 1e-4) << format.scheme << " " << n << "x" << k << " at " << row << ", " << column;
        }
      }
    }
  }
}

TEST(QuantizedWeights, of_padding_are_zero) {
  for (const Format& format : kFormats) {
    Workshop shop;
    shop.tensor("g", "F32", {20, 70}, random_values(20 * 70, 1));
    shop.tensor("u", "F32", {20, 70}, random_values(20 * 70, 2));
    const json weight = entry_of("w", {64, 70}, {shop.part("g", 0, 20), shop.part("u", 0, 20)}, "bfloat16", "interleave16");
    const Decoded decoded(shop.build(shop.plan(entries_of(weight, format))));
    for (int64_t row = 0; row < 64; ++row) {
      const bool is_padding = row / 32 * 16 + row % 16 >= 20;
      for (int64_t column = 0; column < 128; ++column) {
        if (is_padding || column >= 70) {
          ASSERT_EQ(decoded.code(row, column), 0) << format.scheme << " " << row << ", " << column;
        }
      }
      if (is_padding) {
        ASSERT_EQ(decoded.step(row, 0), 0);
      }
    }
  }
}

// |code * multiplier| at most 120: an int8, as the kernels take it.
TEST(QuantizedWeights, of_two_levels_fit_int8_and_lose_no_group) {
  QuantizedRow row;
  std::vector<float> weights = random_values(256, 3);
  for (int i = 128; i < 256; ++i) weights[i] *= 1e-4f;  // a group far below the largest
  quantize_row(weights, Scheme::int4_two_level, 128, row);
  EXPECT_LE(std::abs(row.multipliers[0]), 15);
  EXPECT_EQ(std::abs(row.multipliers[1]), 1);
}

TEST(QuantizedWeights, are_the_same_bytes_on_any_number_of_threads_and_synthetic_ones_follow_the_name_of_the_codes) {
  for (const Format& format : kFormats) {
    Workshop shop;
    shop.tensor("unused", "F32", {1}, {0});
    const json plan = shop.plan(entries_of(synthetic({100, 200}), format));
    const auto once = shop.build(plan, 1);
    EXPECT_EQ(shop.build(plan, 3), once);
    const Decoded decoded(once);
    std::vector<float> weights(200);
    SyntheticTensor({.seed = 5, .value = 0.02}, "w").fill(50 * 200, weights);
    for (int64_t column = 0; column < 200; ++column) {
      const double step = decoded.step(50, column);
      ASSERT_NEAR(decoded.code(50, column) * step, weights[column], std::abs(step) * 1.01) << format.scheme;
    }
  }
}

TEST(QuantizedWeights, of_a_plan_that_contradicts_itself_are_refused_by_name) {
  Workshop shop;
  shop.tensor("unused", "F32", {1}, {0});
  const json good = shop.plan(entries_of(synthetic({32, 64}), kFormats[3]));
  EXPECT_NO_THROW(parse_build_plan(good.dump()));
  const std::vector<std::pair<const char*, json>> patches = {
      {"scheme", {{"/entries/0/quantize/scheme", "int3"}}},          {"group_size: expected 0 for int8, otherwise 32, 64 or 128, found 48", {{"/entries/0/quantize/group_size", 48}}},
      {"output", {{"/entries/0/quantize/output", "bias"}}},          {"not those of this side", {{"/entries/0/dtype", "int8"}}},
      {"not those of this side", {{"/entries/2/dtype", "float32"}}}, {"surplus", {{"/entries/0/quantize/surplus", 1}}},
  };
  for (const auto& [expected, patch] : patches) {
    json bad = good;
    for (const auto& [pointer, value] : patch.items()) bad[json::json_pointer(pointer)] = value;
    const std::string error = error_of([&] { parse_build_plan(bad.dump()); });
    EXPECT_TRUE(error.starts_with("PLAN_INVALID: ") && error.find(expected) != std::string::npos) << expected << " / " << error;
  }
}

}  // namespace
}  // namespace trtllm::builder
