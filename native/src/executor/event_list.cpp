#include "executor/event_list.h"

namespace trtllm {

RequestEvent& EventList::add(uint64_t id) {
  if (size_ == events_.size()) events_.emplace_back();
  RequestEvent& event = events_[size_++];
  event.id = id;
  event.tokens.clear();
  event.logprobs.clear();
  event.prompt_logprobs.reset();
  event.finish = FinishReason::none;
  event.error_code.clear();
  event.error_message.clear();
  event.cached_tokens = -1;
  return event;
}

}  // namespace trtllm
