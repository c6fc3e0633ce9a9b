#include "tuner/tune.h"

#include <gtest/gtest.h>

#include <bit>

#include "base/error.h"
#include "program/tiny_engine.h"
#include "tuner/candidates.h"
#include "tuner/options.h"

namespace trtllm::tuner {
namespace {

Options quick(const program::TinyEngine& engine) {
  Options options;
  options.engine = engine.directory();
  options.isa = ops::best_isa();
  options.threads = 2;
  options.seconds = 0.5;
  return options;
}

TEST(Tune, TimesWhatIsNotKnownAndLeavesTheRest) {
  const program::TinyEngine engine({.dtype = "bfloat16", .qformat = "w4a8"});
  int total = 0;
  const Result first = tune(quick(engine), {}, [&](const Progress& progress) {
    EXPECT_FALSE(progress.linear.empty());
    EXPECT_TRUE(std::has_single_bit(static_cast<unsigned>(progress.rows))) << "timed at " << progress.rows << " rows, kept for another number";
    total = progress.total;
  });
  EXPECT_GT(first.timed, 0);
  EXPECT_EQ(first.reused, 0);
  EXPECT_EQ(first.timed + first.left, total);
  for (const Gain& gain : first.gains) EXPECT_NE(gain.timed.tactic, program::Tactic{}) << gain.linear;

  Options again = quick(engine);
  again.seconds = 1e-9;
  const Result second = tune(again, first.cache, [](const Progress&) {});
  EXPECT_EQ(second.timed, 0);
  EXPECT_EQ(second.reused, first.timed);
  EXPECT_EQ(second.cache.text(), first.cache.text());
}

TEST(Candidates, BeginWithTheDefaultAndKeepGateAndUpTogether) {
  const program::LinearPhase linear{.weight = {.dtype = DType::bfloat16, .n = 4096, .k = 2048, .n_padded = 4096, .k_padded = 2048}};
  for (const ops::Isa isa : ops::available_isas()) {
    for (const int rows : {1, 2, 16, 48, 512}) {
      const auto all = candidates(ops::kernels(isa, DType::bfloat16), linear, rows, 2);
      EXPECT_EQ(all.front(), program::Tactic{});
      EXPECT_GE(all.size(), 2u) << ops::isa_name(isa) << ", " << rows << " rows";
      EXPECT_LE(all.size(), 8u);
      for (size_t i = 1; i < all.size(); ++i) {
        EXPECT_EQ(all[i].grain % 2, 0);
        EXPECT_NE(all[i], program::Tactic{});
      }
    }
  }
}

TEST(Tune, LeavesAllWhereTimeIsOverAtOnce) {
  const program::TinyEngine engine({.dtype = "bfloat16", .qformat = "w4a8"});
  Options none = quick(engine);
  none.seconds = 1e-9;
  int total = 0;
  const Result result = tune(none, {}, [&](const Progress& progress) { total = progress.total; });
  EXPECT_EQ(result.timed, 0);
  EXPECT_EQ(result.left, total);
  EXPECT_TRUE(result.cache.is_empty());
}

std::string refusal(const std::vector<std::string>& arguments) {
  try {
    parse_command_line(arguments);
  } catch (const Error& error) {
    return error.code() + ": " + error.what();
  }
  return "";
}

TEST(CommandLine, IsRefusedByName) {
  EXPECT_EQ(refusal({"--engine", "e", "--output", "o", "--isa", "avx2", "--threads", "2", "--seconds", "0.5"}), "");
  EXPECT_EQ(refusal({"--engine", "e"}), "BAD_FLAG: --engine DIR and --output FILE are needed");
  EXPECT_EQ(refusal({"--engine"}), "BAD_FLAG: --engine: a value must follow");
  EXPECT_EQ(refusal({"--isa", "sse"}), "BAD_FLAG: --isa: expected scalar, avx2, avx512, amx or amx_emulated, found \"sse\"");
  EXPECT_EQ(refusal({"--threads", "1.5"}), "BAD_FLAG: --threads: expected a whole number, found \"1.5\"");
  EXPECT_EQ(refusal({"--seconds", "0"}), "BAD_FLAG: --seconds: expected a number above 0 and at most 86400, found \"0\"");
  EXPECT_EQ(refusal({"--speed", "1"}), "BAD_FLAG: unknown flag \"--speed\"");
}

}  // namespace
}  // namespace trtllm::tuner
