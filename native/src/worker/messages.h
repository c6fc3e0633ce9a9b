// JSON headers and tails <-> what the executor speaks. Every range is checked again here: the worker trusts no sender.
// The table of messages: docs/worker-protocol.md.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "executor/executor.h"
#include "worker/frame_codec.h"

namespace trtllm::worker {

inline constexpr int kProtocolVersion = 1;

struct Submit {
  Request request;
};
// A submit whose id is good and whose rest is not: answered by an event, the worker goes on.
struct RefusedSubmit {
  uint64_t id = 0;
  std::string code, message;
};
struct Cancel {
  uint64_t id = 0;
};
struct Ping {
  int64_t nonce = 0;
};
struct Drain {};
// Not a message of the wire: a type that this worker does not know and may ignore ("optional": true).
struct Ignored {};

using ToWorker = std::variant<Submit, RefusedSubmit, Cancel, Ping, Drain, Ignored>;

// Throws Error{WORKER_PROTOCOL}: the link is broken, the worker must end.
ToWorker parse_message(const Frame& frame);

std::string encode_hello(const std::string& build, int pid);
std::string encode_pong(int64_t nonce);
std::string encode_failed(const std::string& code, const std::string& message);
std::string encode_step(uint64_t iteration, std::span<const RequestEvent> events);
// One frame a piece of at most kMaxTailBytes.
std::vector<std::string> encode_logits(const ContextLogits& logits, int vocab_size);

const char* finish_name(FinishReason finish);

}  // namespace trtllm::worker
