// The sending half of messages.h.
#include <algorithm>

#include "worker/messages.h"

namespace trtllm::worker {
namespace {

nlohmann::json logprobs_json(const TokenLogprobs& entry) {
  nlohmann::json top = nlohmann::json::array();
  for (const auto& [token, logprob] : entry.top) top.push_back({token, logprob});
  return {{"logprob", entry.logprob}, {"rank", entry.rank}, {"top", std::move(top)}};
}

// Rank 0 marks the entry without a prediction: the prompt's first token.
nlohmann::json prompt_logprobs_json(const std::vector<TokenLogprobs>& entries) {
  nlohmann::json array = nlohmann::json::array();
  for (const TokenLogprobs& entry : entries) array.push_back(entry.rank == 0 ? nlohmann::json(nullptr) : logprobs_json(entry));
  return array;
}

nlohmann::json event_json(const RequestEvent& event) {
  nlohmann::json json{{"id", event.id}, {"num_tokens", event.tokens.size()}};
  if (event.finish != FinishReason::none) json["finish"] = finish_name(event.finish);
  if (event.finish == FinishReason::error) json["error"] = {{"code", event.error_code}, {"message", event.error_message}};
  if (event.cached_tokens >= 0) json["cached_tokens"] = event.cached_tokens;
  for (const TokenLogprobs& entry : event.logprobs) json["logprobs"].push_back(logprobs_json(entry));
  if (event.prompt_logprobs) json["prompt_logprobs"] = prompt_logprobs_json(*event.prompt_logprobs);
  return json;
}

}  // namespace

const char* finish_name(FinishReason finish) {
  switch (finish) {
    case FinishReason::none: return "none";
    case FinishReason::stop: return "stop";
    case FinishReason::length: return "length";
    case FinishReason::cancelled: return "cancelled";
    case FinishReason::error: return "error";
  }
  return "none";
}

std::string encode_hello(const std::string& build, int pid) {
  return encode_frame({{"type", "hello"}, {"protocol_version", kProtocolVersion}, {"build", build}, {"pid", pid}});
}

std::string encode_pong(int64_t nonce) { return encode_frame({{"type", "pong"}, {"nonce", nonce}}); }

std::string encode_failed(const std::string& code, const std::string& message) {
  return encode_frame({{"type", "failed"}, {"code", code}, {"message", message}});
}

std::string encode_step(uint64_t iteration, std::span<const RequestEvent> events) {
  nlohmann::json array = nlohmann::json::array();
  std::vector<int32_t> tokens;
  for (const RequestEvent& event : events) {
    array.push_back(event_json(event));
    tokens.insert(tokens.end(), event.tokens.begin(), event.tokens.end());
  }
  return encode_frame({{"type", "step"}, {"iteration", iteration}, {"events", std::move(array)}}, std::as_bytes(std::span(tokens)));
}

std::vector<std::string> encode_logits(const ContextLogits& logits, int vocab_size) {
  const size_t row_values = static_cast<size_t>(vocab_size);
  const int rows_a_frame = std::max(1, static_cast<int>(kMaxTailBytes / (row_values * sizeof(float))));
  std::vector<std::string> frames;
  for (int first = 0; first < logits.num_rows; first += rows_a_frame) {
    const int rows = std::min(rows_a_frame, logits.num_rows - first);
    const std::span values(logits.values + first * row_values, rows * row_values);
    const nlohmann::json header{
        {"type", "logits"}, {"id", logits.id}, {"first_row", logits.first_row + first}, {"num_rows", rows}, {"vocab_size", vocab_size}};
    frames.push_back(encode_frame(header, std::as_bytes(values)));
  }
  return frames;
}

}  // namespace trtllm::worker
