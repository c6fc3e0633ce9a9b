// Drawn tokens depend on the request's seed and the token's position, on nothing that surrounds the request.
#include "executor/machine.h"

namespace trtllm::executor_test {
namespace {

Request sampled(uint64_t id, std::vector<int32_t> prompt, int max_tokens, uint64_t seed) {
  Request request = greedy(id, std::move(prompt), max_tokens);
  request.sampling.temperature = 1;
  request.sampling.seed = seed;
  return request;
}

std::vector<int32_t> tokens_alone(Request request) {
  Machine machine({.num_blocks = 16, .enable_block_reuse = false});
  request.id = 0;
  machine.executor.submit(request);
  EXPECT_TRUE(machine.finish());
  return machine.outcomes.at(0).tokens;
}

TEST(Sampled, ATextContinuedInASecondRequestOfTheSameSeedIsTheSameText) {
  const std::vector<int32_t> prompt = text(1, 20);
  const std::vector<int32_t> whole = tokens_alone(sampled(0, prompt, 30, 5));
  std::vector<int32_t> first_part = prompt;
  first_part.insert(first_part.end(), whole.begin(), whole.begin() + 12);
  EXPECT_EQ(tokens_alone(sampled(0, first_part, 18, 5)), std::vector<int32_t>(whole.begin() + 12, whole.end()));
  EXPECT_NE(tokens_alone(sampled(0, prompt, 30, 6)), whole) << "another seed, another text";
}

TEST(Sampled, PenaltiesAndDrawsAreTheSameAfterPauses) {
  int paused = 0;
  for (unsigned seed = 0; seed < 20; ++seed) {
    Machine machine({.max_num_tokens = 16 + static_cast<int>(seed) * 5, .num_blocks = 5, .capacity_policy = CapacityPolicy::max_utilization});
    std::vector<Request> requests;
    for (unsigned i = 0; i < 4; ++i) {
      requests.push_back(sampled(i, text(seed + i, 20 + static_cast<int>(i) * 10), 70, seed));
      requests.back().sampling.frequency_penalty = 1.5f;
      requests.back().sampling.repetition_penalty = 1.2f;
    }
    for (const Request& request : requests) machine.executor.submit(request);
    ASSERT_TRUE(machine.finish());
    for (const Request& request : requests) EXPECT_EQ(machine.outcomes.at(request.id).tokens, tokens_alone(request));
    paused += machine.num_paused;
  }
  EXPECT_GT(paused, 20);
}

}  // namespace
}  // namespace trtllm::executor_test
