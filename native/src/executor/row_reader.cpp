#include "executor/row_reader.h"

namespace trtllm {
namespace {

void read_logprobs(sampler::Sampler& sampler, int num_top, RowTask& task) {
  if (num_top < 0) return;
  task.logprobs = sampler.logprobs(task.logits, task.token, num_top);
  task.is_finite = task.logprobs.has_value();
}

void read_next(sampler::Sampler& sampler, RowTask& task) {
  const LiveRequest& live = *task.request;
  const SamplingParams& params = live.request.sampling;
  const bool is_early = live.sequence.num_generated() < params.min_tokens;
  const std::span<const int32_t> suppressed = is_early ? std::span<const int32_t>(live.request.stop_token_ids) : std::span<const int32_t>();
  const std::optional<int32_t> token = sampler.sample({task.logits, &params, &live.seen, suppressed, static_cast<uint64_t>(task.position)});
  task.is_finite = token.has_value();
  if (!token) return;
  task.token = *token;
  read_logprobs(sampler, params.num_logprobs, task);
}

void read_one(sampler::Sampler& sampler, RowTask& task) {
  const scheduler::Sequence& sequence = task.request->sequence;
  task.logprobs.reset();
  if (task.position >= sequence.num_tokens()) return read_next(sampler, task);
  task.token = sequence.tokens[static_cast<size_t>(task.position)];
  read_logprobs(sampler, task.request->request.sampling.num_prompt_logprobs, task);
}

}  // namespace

RowReader::RowReader(const HostCompute& host, int vocab_size) : host_(host) {
  samplers_.reserve(static_cast<size_t>(host.team->size()));
  for (int thread = 0; thread < host.team->size(); ++thread) samplers_.emplace_back(*host.kernels, vocab_size);
}

// One row is not worth waking anybody.
void RowReader::read(std::span<RowTask> tasks) {
  if (tasks.size() == 1) return read_one(samplers_[0], tasks[0]);
  if (tasks.empty()) return;
  WorkCounter work;
  const int count = static_cast<int>(tasks.size());
  const auto read_some = [&](int thread) {
    for (int i; (i = work.take(count)) >= 0;) read_one(samplers_[static_cast<size_t>(thread)], tasks[static_cast<size_t>(i)]);
  };
  host_.team->run(std::ref(read_some));
}

}  // namespace trtllm
