// The receiving half of messages.h.
#include <charconv>
#include <cstring>

#include "base/error.h"
#include "base/json_fields.h"
#include "worker/messages.h"

namespace trtllm::worker {
namespace {

constexpr int64_t kMaxInt32 = INT32_MAX;
constexpr int64_t kMaxJsonInteger = (int64_t{1} << 53) - 1;
constexpr size_t kMaxStopTokens = 4096;
constexpr size_t kMaxSalt = 256;
constexpr int kMaxLogprobs = 1024;
constexpr double kMaxTemperature = 1e6, kMaxPenalty = 1e6;
// One log-probability as JSON text, at most: [16777215,-1234.5678901234567].
constexpr size_t kLogprobBytes = 40;

std::vector<int32_t> int32_tail(const Frame& frame) {
  std::vector<int32_t> values(frame.tail.size() / sizeof(int32_t));
  if (!values.empty()) std::memcpy(values.data(), frame.tail.data(), values.size() * sizeof(int32_t));
  return values;
}

uint64_t parse_seed(JsonFields& fields) {
  const std::string text = fields.text_or("seed", "0", 20);
  uint64_t seed = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seed);
  if (text.empty() || error != std::errc{} || end != text.data() + text.size())
    fields.refuse("seed: expected decimal text from 0 to 18446744073709551615, found \"" + text + "\"");
  return seed;
}

// (0, max]: zero has no meaning there.
float positive_or(JsonFields& fields, const char* name, float fallback, double max) {
  const double value = fields.number_or(name, fallback, 0, max);
  if (!(value > 0)) fields.refuse(std::string(name) + ": expected a number above 0, found 0");
  return static_cast<float>(value);
}

SamplingParams parse_sampling(const nlohmann::json& object) {
  JsonFields fields(object, "submit, sampling", "REQUEST_INVALID");
  SamplingParams sampling;
  sampling.temperature = static_cast<float>(fields.number_or("temperature", sampling.temperature, 0, kMaxTemperature));
  sampling.top_k = static_cast<int32_t>(fields.integer_or("top_k", sampling.top_k, 0, kMaxInt32));
  sampling.top_p = positive_or(fields, "top_p", sampling.top_p, 1);
  sampling.min_p = static_cast<float>(fields.number_or("min_p", sampling.min_p, 0, 1));
  sampling.repetition_penalty = positive_or(fields, "repetition_penalty", sampling.repetition_penalty, kMaxPenalty);
  sampling.presence_penalty = static_cast<float>(fields.number_or("presence_penalty", sampling.presence_penalty, -2, 2));
  sampling.frequency_penalty = static_cast<float>(fields.number_or("frequency_penalty", sampling.frequency_penalty, -2, 2));
  sampling.seed = parse_seed(fields);
  sampling.num_logprobs = static_cast<int32_t>(fields.integer_or("num_logprobs", sampling.num_logprobs, -1, kMaxLogprobs));
  sampling.num_prompt_logprobs = static_cast<int32_t>(fields.integer_or("num_prompt_logprobs", sampling.num_prompt_logprobs, -1, kMaxLogprobs));
  sampling.min_tokens = static_cast<int32_t>(fields.integer_or("min_tokens", sampling.min_tokens, 0, kMaxInt32));
  fields.finish();
  return sampling;
}

// The prompt's log-probabilities leave in one event, hence in one header.
void check_prompt_logprobs_fit(const JsonFields& fields, const Request& request) {
  const size_t bytes = request.prompt.size() * static_cast<size_t>(request.sampling.num_prompt_logprobs + 2) * kLogprobBytes;
  if (request.sampling.num_prompt_logprobs >= 0 && bytes > kMaxHeaderBytes / 2)
    fields.refuse(std::to_string(request.sampling.num_prompt_logprobs) + " log-probabilities for each of " + std::to_string(request.prompt.size()) +
                  " prompt tokens do not fit one message; ask for fewer");
}

Request parse_request(const Frame& frame, uint64_t id) {
  JsonFields fields(frame.header, "submit", "REQUEST_INVALID");
  fields.any("type");
  fields.any("id");
  if (frame.tail.size() % sizeof(int32_t) != 0) fields.refuse("a tail of " + std::to_string(frame.tail.size()) + " bytes does not hold int32 token ids");
  Request request;
  request.id = id;
  request.prompt = int32_tail(frame);
  request.max_tokens = static_cast<int32_t>(fields.integer("max_tokens", 0, kMaxInt32));
  if (fields.has("sampling")) request.sampling = parse_sampling(fields.object("sampling"));
  if (fields.has("stop_token_ids")) {
    for (const int64_t token : fields.integers("stop_token_ids", kMaxStopTokens, 0, kMaxInt32)) request.stop_token_ids.push_back(static_cast<int32_t>(token));
  }
  request.context_logits = fields.boolean_or("context_logits", request.context_logits);
  request.allow_reuse = fields.boolean_or("allow_reuse", request.allow_reuse);
  request.cache_salt = fields.text_or("cache_salt", "", kMaxSalt);
  request.priority = static_cast<int32_t>(fields.integer_or("priority", request.priority, 0, 100));
  fields.finish();
  check_prompt_logprobs_fit(fields, request);
  return request;
}

ToWorker parse_submit(const Frame& frame, uint64_t id) {
  try {
    return Submit{parse_request(frame, id)};
  } catch (const Error& error) {
    return RefusedSubmit{.id = id, .code = error.code(), .message = error.what()};
  }
}

}  // namespace

ToWorker parse_message(const Frame& frame) {
  const std::string type = frame.header["type"].get<std::string>();
  JsonFields fields(frame.header, "message " + nlohmann::json(type).dump(), "WORKER_PROTOCOL");
  fields.any("type");
  if (type == "submit") return parse_submit(frame, static_cast<uint64_t>(fields.integer("id", 0, kMaxJsonInteger)));
  if (type == "cancel") return Cancel{static_cast<uint64_t>(fields.integer("id", 0, kMaxJsonInteger))};
  if (type == "ping") return Ping{fields.integer("nonce", 0, kMaxJsonInteger)};
  if (type == "drain") return Drain{};
  if (fields.boolean_or("optional", false)) return Ignored{};
  fields.refuse("this worker does not know it; runtime and worker must be of one build");
}

}  // namespace trtllm::worker
