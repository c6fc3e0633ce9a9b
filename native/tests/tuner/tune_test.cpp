#include "tuner/tune.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "program/tiny_engine.h"
#include "tuner/candidates.h"
#include "tuner/options.h"

namespace trtllm::tuner {
namespace {

Options options_for(const program::TinyEngine& engine, double seconds) {
  Options options;
  options.engine = engine.directory();
  options.isa = ops::best_isa();
  options.threads = 2;
  options.seconds = seconds;
  return options;
}

// More than a busy machine needs for few rows.
constexpr double kEnoughSeconds = 300;

TEST(Tune, TimesWhatIsNotKnownAtTheRowsOfItsKey) {
  const program::TinyEngine engine({.dtype = "bfloat16", .max_batch_size = 1, .max_num_tokens = 3, .qformat = "w4a8"});
  int total = 0;
  const Result first = tune(options_for(engine, kEnoughSeconds), {}, [&](const Progress& progress) {
    EXPECT_FALSE(progress.linear.empty());
    EXPECT_TRUE(progress.rows == 1 || progress.rows == 2 || progress.rows == 4) << progress.rows << " rows";
    total = progress.total;
  });
  EXPECT_EQ(first.timed, total);
  EXPECT_EQ(first.reused + first.left, 0);
  for (const Gain& gain : first.gains) EXPECT_NE(gain.timed.tactic, program::Tactic{}) << gain.linear;

  const Result second = tune(options_for(engine, 1e-9), first.cache, [](const Progress&) {});
  EXPECT_EQ(second.timed + second.left, 0);
  EXPECT_EQ(second.reused, total);
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
  int total = 0;
  const Result result = tune(options_for(engine, 1e-9), {}, [&](const Progress& progress) { total = progress.total; });
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
