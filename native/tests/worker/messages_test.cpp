#include "worker/messages.h"

#include <gtest/gtest.h>

#include "base/error.h"

namespace trtllm::worker {
namespace {

using nlohmann::json;

json submit_header() { return {{"type", "submit"}, {"id", 5}, {"max_tokens", 3}}; }

Frame submit_frame(json header) { return {.header = std::move(header), .tail = std::vector<std::byte>(8)}; }

json decoded_header(const std::string& bytes) {
  FrameDecoder decoder;
  decoder.push(std::as_bytes(std::span(bytes)));
  return decoder.next().value().header;
}

TEST(Messages, ASubmitWithNothingButItsMustsTakesTheDefaults) {
  const ToWorker message = parse_message(submit_frame(submit_header()));
  const Request& request = std::get<Submit>(message).request;
  EXPECT_EQ(request.prompt, (std::vector<int32_t>{0, 0}));
  EXPECT_EQ(request.sampling.temperature, 1.0f);
  EXPECT_EQ(request.sampling.num_logprobs, -1);
  EXPECT_TRUE(request.allow_reuse);
  EXPECT_FALSE(request.context_logits);
  EXPECT_EQ(request.priority, 50);
}

TEST(Messages, EveryFieldOfASubmitArrives) {
  json header = submit_header();
  header["sampling"] = {{"temperature", 0.5},      {"top_k", 7},        {"top_p", 0.25},       {"min_p", 0.125},
                        {"repetition_penalty", 2}, {"presence_penalty", -1}, {"frequency_penalty", 1}, {"seed", "18446744073709551615"},
                        {"num_logprobs", 3},       {"num_prompt_logprobs", 0}, {"min_tokens", 2}};
  header["stop_token_ids"] = {2, 9};
  header["context_logits"] = true;
  header["allow_reuse"] = false;
  header["cache_salt"] = "tenant";
  header["priority"] = 99;
  const ToWorker message = parse_message(submit_frame(header));
  const Request& request = std::get<Submit>(message).request;
  EXPECT_EQ(request.sampling.temperature, 0.5f);
  EXPECT_EQ(request.sampling.top_k, 7);
  EXPECT_EQ(request.sampling.top_p, 0.25f);
  EXPECT_EQ(request.sampling.min_p, 0.125f);
  EXPECT_EQ(request.sampling.repetition_penalty, 2.0f);
  EXPECT_EQ(request.sampling.presence_penalty, -1.0f);
  EXPECT_EQ(request.sampling.frequency_penalty, 1.0f);
  EXPECT_EQ(request.sampling.seed, UINT64_MAX);
  EXPECT_EQ(request.sampling.num_logprobs, 3);
  EXPECT_EQ(request.sampling.num_prompt_logprobs, 0);
  EXPECT_EQ(request.sampling.min_tokens, 2);
  EXPECT_EQ(request.stop_token_ids, (std::vector<int32_t>{2, 9}));
  EXPECT_TRUE(request.context_logits);
  EXPECT_FALSE(request.allow_reuse);
  EXPECT_EQ(request.cache_salt, "tenant");
  EXPECT_EQ(request.priority, 99);
}

TEST(Messages, ABadFieldOfASubmitRefusesThatRequestByName) {
  const std::pair<json, std::string> cases[] = {
      {{{"max_tokens", -1}}, "max_tokens: expected an integer from 0 to 2147483647, found -1"},
      {{{"priority", 101}}, "priority"},
      {{{"sampling", {{"temperature", -1}}}}, "temperature: expected a number from 0 to 1000000, found -1"},
      {{{"sampling", {{"top_p", 0}}}}, "top_p: expected a number above 0, found 0"},
      {{{"sampling", {{"seed", "-1"}}}}, "seed: expected decimal text"},
      {{{"sampling", {{"seed", "99999999999999999999"}}}}, "seed: expected decimal text"},
      {{{"sampling", {{"temprature", 1}}}}, "field \"temprature\" is not known"},
      {{{"sampling", {{"top_k", 1.5}}}}, "top_k: expected an integer"},
      {{{"stop_token_ids", {-1}}}, "stop_token_ids: expected integers"},
      {{{"context_logits", 1}}, "context_logits: expected true or false"},
      {{{"beam_width", 2}}, "field \"beam_width\" is not known"},
  };
  for (const auto& [patch, expected] : cases) {
    json header = submit_header();
    header.update(patch);
    const ToWorker message = parse_message(submit_frame(header));
    ASSERT_TRUE(std::holds_alternative<RefusedSubmit>(message)) << patch;
    EXPECT_EQ(std::get<RefusedSubmit>(message).id, 5u);
    EXPECT_EQ(std::get<RefusedSubmit>(message).code, "REQUEST_INVALID");
    EXPECT_NE(std::get<RefusedSubmit>(message).message.find(expected), std::string::npos) << std::get<RefusedSubmit>(message).message;
  }
}

TEST(Messages, PromptLogprobsThatWouldNotFitOneHeaderAreRefused) {
  json header = submit_header();
  header["sampling"] = {{"num_prompt_logprobs", 1000}};
  const Frame frame{.header = header, .tail = std::vector<std::byte>(4 * 1000)};
  EXPECT_TRUE(std::holds_alternative<RefusedSubmit>(parse_message(frame)));
}

TEST(Messages, WhatBreaksTheLinkThrows) {
  for (const json& header : {json{{"type", "dance"}}, json{{"type", "submit"}}, json{{"type", "submit"}, {"id", -1}}, json{{"type", "cancel"}, {"id", "1"}},
                             json{{"type", "ping"}}, json{{"type", "dance"}, {"optional", false}}})
    EXPECT_THROW(parse_message(submit_frame(header)), Error) << header;
}

TEST(Messages, AnUnknownTypeMayBeOptional) {
  EXPECT_TRUE(std::holds_alternative<Ignored>(parse_message({.header = {{"type", "dance"}, {"optional", true}}, .tail = {}})));
}

TEST(Messages, AStepCarriesEventsAndTheirTokensInOrder) {
  std::vector<RequestEvent> events(2);
  events[0].id = 3;
  events[0].tokens = {10, 11};
  events[0].logprobs = {{.logprob = -0.5f, .rank = 1, .top = {{10, -0.5f}}}, {.logprob = -2, .rank = 4, .top = {}}};
  events[0].prompt_logprobs = std::vector<TokenLogprobs>{{}, {.logprob = -1, .rank = 2, .top = {}}};
  events[1].id = 4;
  events[1].finish = FinishReason::error;
  events[1].error_code = "NUMERICS_ERROR";
  events[1].error_message = "logits are not finite";
  const json header = decoded_header(encode_step(12, events));
  EXPECT_EQ(header["iteration"], 12);
  EXPECT_EQ(header["events"][0]["num_tokens"], 2);
  EXPECT_FALSE(header["events"][0].contains("finish"));
  EXPECT_EQ(header["events"][0]["logprobs"][0], (json{{"logprob", -0.5}, {"rank", 1}, {"top", {{10, -0.5}}}}));
  EXPECT_EQ(header["events"][0]["prompt_logprobs"][0], nullptr);
  EXPECT_EQ(header["events"][0]["prompt_logprobs"][1]["rank"], 2);
  EXPECT_EQ(header["events"][1]["finish"], "error");
  EXPECT_EQ(header["events"][1]["error"]["code"], "NUMERICS_ERROR");
}

TEST(Messages, LogitsOverTheTailLimitAreCutBetweenRows) {
  const int vocab = 1 << 22;  // 16 MiB a row: four rows fill a frame
  const std::vector<float> values(static_cast<size_t>(vocab) * 5, 1.0f);
  const std::vector<std::string> frames = encode_logits({.id = 9, .first_row = 100, .num_rows = 5, .values = values.data()}, vocab);
  ASSERT_EQ(frames.size(), 2u);
  EXPECT_EQ(decoded_header(frames[0])["num_rows"], 4);
  EXPECT_EQ(decoded_header(frames[1])["first_row"], 104);
  EXPECT_EQ(decoded_header(frames[1])["num_rows"], 1);
}

}  // namespace
}  // namespace trtllm::worker
