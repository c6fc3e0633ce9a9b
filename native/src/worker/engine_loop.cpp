#include "worker/engine_loop.h"

#include "base/error.h"

namespace trtllm::worker {

void EngineLoop::run() {
  while (!is_closed_) {
    const bool has_work = executor_.has_work();
    if (!has_work && is_draining_) break;
    if (!has_work) wait_for_work();
    for (Incoming& message : connection_.take_incoming())
      std::visit([this](auto& known) { take(std::move(known)); }, message);
    if (!is_closed_ && executor_.has_work()) step();
  }
  send_stats(true);
}

void EngineLoop::wait_for_work() {
  send_stats(true);
  connection_.heartbeat().set_idle(true);
  connection_.wait_incoming();
  connection_.heartbeat().set_idle(false);
}

void EngineLoop::take(ToWorker message) {
  std::visit([this](auto& known) { handle(std::move(known)); }, message);
}

void EngineLoop::take(const PeerClosed&) { is_closed_ = true; }

void EngineLoop::take(const PeerBroken& broken) { throw Error(broken.code, broken.message); }

void EngineLoop::handle(Submit submit) {
  const uint64_t id = submit.request.id;
  if (is_draining_) return refuse(id, "SHUTTING_DOWN", "the engine is draining and takes no new requests");
  if (!live_ids_.insert(id).second) throw Error("WORKER_PROTOCOL", "submit: id " + std::to_string(id) + " is taken by a request that has not ended");
  try {
    executor_.submit(std::move(submit.request));
  } catch (const Error& error) {
    refuse(id, error.code(), error.what());
  }
}

void EngineLoop::handle(const RefusedSubmit& refused) {
  if (live_ids_.contains(refused.id)) throw Error("WORKER_PROTOCOL", "submit: id " + std::to_string(refused.id) + " is taken by a request that has not ended");
  refuse(refused.id, refused.code, refused.message);
}

void EngineLoop::handle(const Cancel& cancel) { executor_.cancel(cancel.id); }

void EngineLoop::handle(const Drain&) { is_draining_ = true; }

void EngineLoop::step() {
  const StepResult& result = executor_.step();
  connection_.heartbeat().beat();
  iteration_ = result.stats.iteration;
  for (const ContextLogits& logits : result.context_logits) {
    for (std::string& frame : encode_logits(logits, vocab_size_)) connection_.outbox().put_when_room(std::move(frame));
  }
  for (const RequestEvent& event : result.events) {
    if (event.finish != FinishReason::none) live_ids_.erase(event.id);
  }
  if (!result.events.empty()) connection_.outbox().put_step({.iteration = iteration_, .events = {result.events.begin(), result.events.end()}});
  stats_.add(result.stats);
  send_stats(false);
}

void EngineLoop::refuse(uint64_t id, const std::string& code, const std::string& message) {
  live_ids_.erase(id);
  RequestEvent event;
  event.id = id;
  event.finish = FinishReason::error;
  event.error_code = code;
  event.error_message = message;
  connection_.outbox().put_step({.iteration = iteration_, .events = {std::move(event)}});
}

void EngineLoop::send_stats(bool falls_idle) {
  if (std::optional<StatsBatch> batch = stats_.take(falls_idle)) connection_.outbox().put_stats(std::move(*batch));
}

}  // namespace trtllm::worker
