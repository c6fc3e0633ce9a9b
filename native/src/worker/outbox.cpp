#include "worker/outbox.h"

#include <algorithm>
#include <iterator>

#include "worker/messages.h"

namespace trtllm::worker {
namespace {

constexpr size_t kMaxUnsentRecords = 1000;
constexpr size_t kMaxUnsentBytes = 128 << 20;  // of bulk frames
// Bounds a merged step's header far below kMaxHeaderBytes: a token's log-probabilities take at most 40 bytes each.
constexpr size_t kMaxMergedLogprobs = 64 << 10;
constexpr size_t kMaxMergedTokens = 1 << 20;

size_t num_logprobs(const StepBatch& step) {
  size_t count = 0;
  for (const RequestEvent& event : step.events) {
    for (const TokenLogprobs& entry : event.logprobs) count += entry.top.size() + 2;
    if (event.prompt_logprobs) {
      for (const TokenLogprobs& entry : *event.prompt_logprobs) count += entry.top.size() + 2;
    }
  }
  return count;
}

size_t num_tokens(const StepBatch& step) {
  size_t count = 0;
  for (const RequestEvent& event : step.events) count += event.tokens.size();
  return count;
}

RequestEvent* find_event(StepBatch& step, uint64_t id) {
  const auto found = std::ranges::find(step.events, id, &RequestEvent::id);
  return found == step.events.end() ? nullptr : &*found;
}

// An id that has ended is free again: what comes under it later is another request's and needs another frame.
bool can_absorb(StepBatch& waiting, const StepBatch& step) {
  for (const RequestEvent& event : step.events) {
    const RequestEvent* known = find_event(waiting, event.id);
    if (known && known->finish != FinishReason::none) return false;
  }
  return num_logprobs(waiting) + num_logprobs(step) <= kMaxMergedLogprobs && num_tokens(waiting) + num_tokens(step) <= kMaxMergedTokens;
}

void absorb_event(RequestEvent& known, RequestEvent&& later) {
  known.tokens.insert(known.tokens.end(), later.tokens.begin(), later.tokens.end());
  std::ranges::move(later.logprobs, std::back_inserter(known.logprobs));
  if (later.prompt_logprobs) known.prompt_logprobs = std::move(later.prompt_logprobs);
  if (later.cached_tokens >= 0) known.cached_tokens = later.cached_tokens;
  known.finish = later.finish;
  known.error_code = std::move(later.error_code);
  known.error_message = std::move(later.error_message);
}

void absorb(StepBatch& waiting, StepBatch&& step) {
  waiting.iteration = step.iteration;
  for (RequestEvent& event : step.events) {
    if (RequestEvent* known = find_event(waiting, event.id)) absorb_event(*known, std::move(event));
    else waiting.events.push_back(std::move(event));
  }
}

void absorb_stats(StatsBatch& waiting, StatsBatch&& later) {
  later.records.insert(later.records.begin(), std::make_move_iterator(waiting.records.begin()), std::make_move_iterator(waiting.records.end()));
  waiting = std::move(later);
}

void drop_oldest(StatsBatch& stats) {
  if (stats.records.size() > kMaxUnsentRecords) stats.records.erase(stats.records.begin(), stats.records.end() - kMaxUnsentRecords);
}

}  // namespace

void Outbox::put(std::string frame) {
  const std::lock_guard lock(mutex_);
  put_locked(std::move(frame));
}

void Outbox::put_step(StepBatch step) {
  const std::lock_guard lock(mutex_);
  // Only the newest item may absorb it: logits that were put in between must arrive before what follows them.
  StepBatch* newest = waiting_.empty() ? nullptr : std::get_if<StepBatch>(&waiting_.back());
  if (newest && can_absorb(*newest, step)) absorb(*newest, std::move(step));
  else put_locked(std::move(step));
}

void Outbox::put_stats(StatsBatch stats) {
  const std::lock_guard lock(mutex_);
  for (Outgoing& item : waiting_) {
    StatsBatch* waiting = std::get_if<StatsBatch>(&item);
    if (!waiting) continue;
    absorb_stats(*waiting, std::move(stats));
    return drop_oldest(*waiting);
  }
  drop_oldest(stats);
  put_locked(std::move(stats));
}

void Outbox::put_when_room(std::string frame) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return is_abandoned_ || waiting_bytes_ <= kMaxUnsentBytes; });
  put_locked(std::move(frame));
}

std::optional<Outgoing> Outbox::take() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return is_closed_ || is_abandoned_ || !waiting_.empty(); });
  if (waiting_.empty()) return std::nullopt;
  Outgoing item = std::move(waiting_.front());
  waiting_.pop_front();
  if (const std::string* frame = std::get_if<std::string>(&item)) waiting_bytes_ -= frame->size();
  changed_.notify_all();
  return item;
}

void Outbox::close() {
  const std::lock_guard lock(mutex_);
  is_closed_ = true;
  changed_.notify_all();
}

void Outbox::abandon() {
  const std::lock_guard lock(mutex_);
  is_abandoned_ = true;
  waiting_.clear();
  waiting_bytes_ = 0;
  changed_.notify_all();
}

void Outbox::put_locked(Outgoing item) {
  if (is_abandoned_ || is_closed_) return;
  if (const std::string* frame = std::get_if<std::string>(&item)) waiting_bytes_ += frame->size();
  waiting_.push_back(std::move(item));
  changed_.notify_all();
}

std::string encode(const Outgoing& item) {
  if (const StepBatch* step = std::get_if<StepBatch>(&item)) return encode_step(step->iteration, step->events);
  if (const StatsBatch* stats = std::get_if<StatsBatch>(&item)) return encode_stats(*stats);
  return std::get<std::string>(item);
}

}  // namespace trtllm::worker
