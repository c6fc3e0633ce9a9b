// Time to read one row of logits on one thread, by what is asked of it: sampler_bench [--vocab 128256] [--isa NAME]. Medians of 51.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <random>
#include <vector>

#include "sampler/sampler.h"

namespace {

using namespace trtllm;

template <typename Function>
double median_us(Function function) {
  std::vector<double> times;
  for (int i = 0; i < 51; ++i) {
    const auto start = std::chrono::steady_clock::now();
    function(i);
    times.push_back(std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - start).count());
  }
  std::nth_element(times.begin(), times.begin() + 25, times.end());
  return times[25];
}

}  // namespace

int main(int argc, char** argv) {
  int vocab_size = 128256;
  ops::Isa isa = ops::best_isa();
  for (int i = 1; i + 1 < argc; i += 2) {
    if (!std::strcmp(argv[i], "--vocab")) vocab_size = std::atoi(argv[i + 1]);
    if (!std::strcmp(argv[i], "--isa")) isa = ops::parse_isa(argv[i + 1]).value_or(isa);
  }
  sampler::Sampler sampler(ops::kernels(isa, DType::float32), vocab_size);
  std::mt19937 random(1);
  for (float deviation : {1.0f, 3.0f}) {
    std::normal_distribution<float> normal(0, deviation);
    std::vector<float> logits(static_cast<size_t>(vocab_size));
    for (float& logit : logits) logit = normal(random);
    const auto sample = [&](const SamplingParams& params) {
      return median_us([&](int i) { sampler.sample({logits, &params, nullptr, {}, static_cast<uint64_t>(i)}); });
    };
    std::printf("%s, %d logits of deviation %g: greedy %.0f us, temperature %.0f, top-k 50 %.0f, top-p 0.9 %.0f, min-p 0.1 %.0f, 5 log-probabilities %.0f\n", ops::isa_name(isa).data(), vocab_size,
                static_cast<double>(deviation), sample({.temperature = 0}), sample({}), sample({.top_k = 50}), sample({.top_p = 0.9f}), sample({.min_p = 0.1f}),
                median_us([&](int) { sampler.logprobs(logits, 7, 5); }));
  }
}
