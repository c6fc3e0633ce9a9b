#include "sampler/sampler.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <random>

#include "sampler/logprobs.h"

namespace trtllm::sampler {
namespace {

const ops::Kernels& scalar() { return ops::kernels(ops::Isa::scalar, DType::float32); }

bool all_finite(std::span<const float> logits) { return WeighedRow(scalar(), static_cast<int>(logits.size())).scan(logits); }

RawLogprobs raw_logprobs(const std::vector<float>& logits, int32_t token, int num_top) {
  return Sampler(scalar(), static_cast<int>(logits.size())).logprobs(logits, token, num_top).value();
}

std::vector<float> random_logits(int size, uint32_t seed, bool with_ties) {
  std::mt19937 random(seed);
  std::normal_distribution<float> normal(0, 3);
  std::vector<float> logits;
  for (int i = 0; i < size; ++i) logits.push_back(with_ties ? std::round(normal(random)) : normal(random));
  return logits;
}

// The definition, by sorting everything: top-k, then top-p of what is left, then min-p.
std::vector<int32_t> naive_filter(const std::vector<float>& logits, const SamplingParams& params) {
  std::vector<int32_t> order(logits.size());
  for (size_t i = 0; i < order.size(); ++i) order[i] = static_cast<int32_t>(i);
  std::stable_sort(order.begin(), order.end(), [&](int32_t a, int32_t b) { return logits[a] > logits[b]; });
  if (params.top_k > 0) order.resize(std::min(order.size(), static_cast<size_t>(params.top_k)));
  const auto weight = [&](int32_t token) { return std::exp(static_cast<double>(logits[token]) - logits[order[0]]); };
  if (params.top_p < 1) {
    double total = 0, sum = 0;
    for (int32_t token : order) total += weight(token);
    size_t size = 0;
    while (size < order.size() && sum < params.top_p * total) sum += weight(order[size++]);
    order.resize(std::max<size_t>(1, size));
  }
  if (params.min_p > 0) {
    const float lowest = logits[order[0]] + std::log(params.min_p);
    order.erase(std::find_if(order.begin() + 1, order.end(), [&](int32_t token) { return logits[token] < lowest; }), order.end());
  }
  return order;
}

TEST(CandidateFilter, leaves_what_sorting_everything_leaves) {
  std::mt19937 random(3);
  for (uint32_t round = 0; round < 400; ++round) {
    const std::vector<float> logits = random_logits(1 + static_cast<int>(random() % 3000), round, round % 2);
    SamplingParams params;
    params.top_k = random() % 2 ? static_cast<int32_t>(random() % 60) : 0;
    params.top_p = random() % 2 ? 0.05f + 0.9f * static_cast<float>(random() % 1000) / 1000 : 1;
    params.min_p = random() % 3 == 0 ? 0.001f + 0.3f * static_cast<float>(random() % 1000) / 1000 : 0;
    WeighedRow row(scalar(), static_cast<int>(logits.size()));
    ASSERT_TRUE(row.scan(logits));
    row.weigh(1);
    CandidateFilter filter(static_cast<int>(logits.size()));
    std::vector<int32_t> found;
    for (const Candidate& candidate : filter.filter(row, params)) found.push_back(candidate.token);
    std::vector<int32_t> expected = naive_filter(logits, params);
    std::ranges::sort(expected);
    EXPECT_EQ(found, expected) << "round " << round << " top_k " << params.top_k << " top_p " << params.top_p << " min_p " << params.min_p;
  }
}

// The bound below which nothing is looked at follows the temperature.
TEST(CandidateFilter, temperatures_and_levels_do_not_move_the_nucleus) {
  const std::vector<float> logits = random_logits(5000, 8, false);
  for (float temperature : {0.05f, 0.7f, 3.0f, 50.0f}) {
    for (float level : {0.0f, 1000.0f, -30000.0f}) {
      std::vector<float> scaled, moved;
      for (float logit : logits) {
        moved.push_back(level + logit);
        scaled.push_back((level + logit) / temperature);
      }
      WeighedRow row(scalar(), 5000);
      ASSERT_TRUE(row.scan(moved));
      row.weigh(1 / temperature);
      CandidateFilter filter(5000);
      const SamplingParams params{.top_p = 0.9f};
      const double expected = static_cast<double>(naive_filter(scaled, params).size());
      EXPECT_NEAR(static_cast<double>(filter.filter(row, params).size()), expected, 1 + expected * 2e-3) << "temperature " << temperature << ", level " << level;
    }
  }
}

// Chi-square of many draws against the probabilities; `degrees` + 5 sqrt(2 degrees) is five deviations up.
void expect_distribution(const std::vector<float>& logits, SamplingParams params, const std::map<int32_t, double>& probability) {
  constexpr int kDraws = 40'000;
  Sampler sampler(scalar(), static_cast<int>(logits.size()));
  std::map<int32_t, int> counts;
  params.seed = 99;
  for (int position = 0; position < kDraws; ++position) ++counts[*sampler.sample({logits, &params, nullptr, {}, static_cast<uint64_t>(position)})];
  double chi_square = 0;
  for (const auto& [token, p] : probability) chi_square += std::pow(counts[token] - kDraws * p, 2) / (kDraws * p);
  for (const auto& [token, count] : counts) EXPECT_TRUE(probability.contains(token)) << "token " << token << " was filtered out";
  const double degrees = static_cast<double>(probability.size()) - 1;
  EXPECT_LT(chi_square, degrees + 5 * std::sqrt(2 * degrees));
}

std::map<int32_t, double> softmax_of(const std::vector<float>& logits, const std::vector<int32_t>& tokens, double temperature) {
  std::map<int32_t, double> probability;
  double total = 0;
  for (int32_t token : tokens) total += probability[token] = std::exp(logits[token] / temperature);
  for (auto& [token, p] : probability) p /= total;
  return probability;
}

TEST(Sampler, draws_follow_the_probabilities) {
  const std::vector<float> logits = {1.0f, 0.0f, 2.5f, -1.0f, 2.5f, 0.5f};
  expect_distribution(logits, {.temperature = 1}, softmax_of(logits, {0, 1, 2, 3, 4, 5}, 1));
  expect_distribution(logits, {.temperature = 0.5f}, softmax_of(logits, {0, 1, 2, 3, 4, 5}, 0.5));
  expect_distribution(logits, {.temperature = 1, .top_k = 3}, softmax_of(logits, {2, 4, 0}, 1));
  expect_distribution(logits, {.temperature = 1, .top_p = 0.7f}, softmax_of(logits, {2, 4}, 1));
  expect_distribution(logits, {.temperature = 1, .min_p = 0.2f}, softmax_of(logits, {2, 4, 0}, 1));
}

TEST(Sampler, temperature_0_takes_the_first_of_the_best) {
  const std::vector<float> logits = {1, 5, 5, 2};
  SamplingParams params{.temperature = 0};
  EXPECT_EQ(Sampler(scalar(), 4).sample({logits, &params, nullptr, {}, 3}), 1);
}

TEST(Sampler, extreme_temperatures_neither_overflow_nor_fail) {
  const std::vector<float> logits = {-80, 90, 3};
  for (float temperature : {1e-45f, 1e-40f, 1e-30f, 1e-6f, 1e6f, 1e30f}) {
    for (float top_p : {1.0f, 0.9f}) {
      SamplingParams params{.temperature = temperature, .top_p = top_p};
      const auto token = Sampler(scalar(), 3).sample({logits, &params, nullptr, {}, 0});
      ASSERT_TRUE(token);
      if (temperature < 1) {
        EXPECT_EQ(*token, 1) << "temperature " << temperature << " top_p " << top_p;
      }
    }
  }
}

TEST(Sampler, extreme_penalties_leave_logits_that_can_be_drawn_from) {
  SeenTokens seen;
  seen.add_prompt(std::vector<int32_t>{0, 1}, 4);
  for (float penalty : {0.0f, 1e-45f, 1e-38f, 1e38f}) {
    std::vector<float> logits = {30, -30, 20, -20};
    SamplingParams params{.top_p = 0.9f, .repetition_penalty = penalty};
    const auto token = Sampler(scalar(), 4).sample({logits, &params, &seen, {}, 0});
    EXPECT_EQ(token, penalty < 1 ? 0 : 2) << "penalty " << penalty;
    seen.penalize(params, logits);
    EXPECT_TRUE(all_finite(logits)) << "penalty " << penalty;
  }
}

TEST(Sampler, a_draw_does_not_depend_on_what_was_drawn_before) {
  constexpr int kVocab = 700;
  Sampler busy(scalar(), kVocab);
  std::mt19937 random(21);
  for (uint32_t round = 0; round < 200; ++round) {
    const std::vector<float> logits = random_logits(kVocab, round, false);
    SamplingParams params{.temperature = 0.9f, .top_k = round % 3 ? 40 : 0, .top_p = round % 2 ? 0.8f : 1, .seed = random()};
    EXPECT_EQ(busy.sample({logits, &params, nullptr, {}, round}), Sampler(scalar(), kVocab).sample({logits, &params, nullptr, {}, round}));
  }
}

TEST(Sampler, rows_that_are_not_finite_give_nothing) {
  SamplingParams params;
  for (float bad : {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity(), -std::numeric_limits<float>::infinity()}) {
    const std::vector<float> logits = {0, bad, 1};
    EXPECT_FALSE(Sampler(scalar(), 3).sample({logits, &params, nullptr, {}, 0}));
  }
}

TEST(Sampler, suppressed_tokens_are_not_drawn) {
  const std::vector<float> logits = {9, 8, 7};
  const std::vector<int32_t> suppressed = {0, 1};
  SamplingParams params{.temperature = 0};
  EXPECT_EQ(Sampler(scalar(), 3).sample({logits, &params, nullptr, suppressed, 0}), 2);
  params.temperature = 1;
  for (uint64_t position = 0; position < 200; ++position) EXPECT_EQ(Sampler(scalar(), 3).sample({logits, &params, nullptr, suppressed, position}), 2);
  params.top_k = 3;  // wide enough to take them in: they weigh nothing
  for (uint64_t position = 0; position < 200; ++position) EXPECT_EQ(Sampler(scalar(), 3).sample({logits, &params, nullptr, suppressed, position}), 2);
}

TEST(SeenTokens, repetition_counts_prompt_and_output_the_others_output_only) {
  SeenTokens seen;
  seen.add_prompt(std::vector<int32_t>{0, 1}, 4);
  for (int32_t token : {1, 2, 2}) seen.add_output(token);
  std::vector<float> logits = {4, -4, 4, 4};
  seen.penalize({.repetition_penalty = 2, .presence_penalty = 0.5f, .frequency_penalty = 0.25f}, logits);
  EXPECT_EQ(logits, (std::vector<float>{2, -8 - 0.5f - 0.25f, 2 - 0.5f - 0.5f, 4}));
}

TEST(Logprobs, are_those_of_the_raw_logits_with_ranks) {
  const std::vector<float> logits = random_logits(500, 5, true);
  double sum = 0;
  for (float logit : logits) sum += std::exp(static_cast<double>(logit));
  for (int32_t token : {0, 17, 499}) {
    const RawLogprobs found = raw_logprobs(logits, token, 5);
    EXPECT_NEAR(found.logprob, logits[token] - std::log(sum), 1e-5);
    const std::vector<int32_t> order = naive_filter(logits, {});
    EXPECT_EQ(order[static_cast<size_t>(found.rank) - 1], token);
    ASSERT_EQ(found.top.size(), 5u);
    for (size_t i = 0; i < 5; ++i) {
      EXPECT_EQ(found.top[i].first, order[i]);
      EXPECT_NEAR(found.top[i].second, logits[order[i]] - std::log(sum), 1e-5);
    }
  }
}

TEST(Logprobs, have_a_floor) {
  EXPECT_EQ(raw_logprobs(std::vector<float>{0, -20'000}, 1, 2).logprob, kLowestLogprob);
}

}  // namespace
}  // namespace trtllm::sampler
