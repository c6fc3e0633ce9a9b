#include "scheduler/step_time_model.h"

#include <gtest/gtest.h>

#include <limits>
#include <random>

#include "base/types.h"

namespace trtllm::scheduler {
namespace {

constexpr int kNoLimit = std::numeric_limits<int>::max();

// A machine: reading the weights takes 20 ms, a generation row 2 ms, a context row 1 ms.
double time_of(int generation_rows, int context_rows) { return std::max(20.0, 2.0 * generation_rows) + context_rows; }

StepTimeModel taught(double noise = 0) {
  std::mt19937 random(1);
  std::uniform_real_distribution<double> factor(1 - noise, 1 + noise);
  StepTimeModel model;
  for (int i = 0; i < 200; ++i) {
    const int generation = 1 << random() % 6, context = i % 2 ? 32 * static_cast<int>(random() % 8) : 0;
    model.observe(generation, context, time_of(generation, context) * factor(random));
  }
  return model;
}

TEST(StepTimeModel, HasNoLimitUntilItKnowsAndWhereNobodyWaits) {
  StepTimeModel model;
  EXPECT_EQ(model.context_rows_within(4, 50), kNoLimit);
  model.observe(4, 0, 20);
  EXPECT_EQ(model.context_rows_within(4, 50), kNoLimit) << "a context row's cost is not known yet";
  model.observe(0, 100, 100);
  EXPECT_EQ(model.context_rows_within(0, 50), kNoLimit) << "nobody generates";
  EXPECT_LT(model.context_rows_within(4, 90), kNoLimit);
}

TEST(StepTimeModel, FillsTheStepUpToTheTarget) {
  const StepTimeModel model = taught();
  EXPECT_NEAR(model.context_rows_within(1, 100), 80, 1);
  EXPECT_NEAR(model.context_rows_within(32, 200), 136, 1);
  EXPECT_EQ(model.context_rows_within(32, 70), kBlockTokens) << "a prompt always goes on";
}

TEST(StepTimeModel, ADecodeStepLongerThanTheTargetTakesAFewRowsMore) {
  StepTimeModel model;
  model.observe(64, 0, 1000);
  model.observe(0, 100, 100);
  EXPECT_NEAR(model.context_rows_within(64, 50), 150, 1) << "15 % of 1000 ms at 1 ms a row";
}

TEST(StepTimeModel, NoiseAndASingleHeldUpStepMoveItLittle) {
  StepTimeModel model = taught(0.2);
  EXPECT_NEAR(model.context_rows_within(1, 100), 80, 30);
  const int before = model.context_rows_within(8, 100);
  model.observe(8, 0, 5000);
  EXPECT_NEAR(model.context_rows_within(8, 100), before, 10);
}

TEST(StepTimeModel, AnUnseenBatchIsTakenForTheNearestSmallerOne) {
  StepTimeModel model;
  model.observe(0, 100, 100);
  model.observe(16, 0, 40);
  model.observe(2, 0, 20);
  EXPECT_NEAR(model.context_rows_within(9, 100), 80, 1);
  EXPECT_NEAR(model.context_rows_within(500, 100), 60, 1);
  EXPECT_NEAR(model.context_rows_within(1, 100), 80, 1) << "or the nearest larger one";
}

}  // namespace
}  // namespace trtllm::scheduler
