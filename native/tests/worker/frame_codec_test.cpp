#include "worker/frame_codec.h"

#include <gtest/gtest.h>

#include <fstream>
#include <random>

#include "base/error.h"
#include "worker/messages.h"

namespace trtllm::worker {
namespace {

std::span<const std::byte> bytes_of(const std::string& text) { return std::as_bytes(std::span(text)); }

std::string prefix(uint32_t header_bytes, uint32_t tail_bytes) {
  std::string bytes(8, '\0');
  std::memcpy(bytes.data(), &header_bytes, 4);
  std::memcpy(bytes.data() + 4, &tail_bytes, 4);
  return bytes;
}

std::string recorded(const std::string& name) {
  std::ifstream file(TRTLLM_REPOSITORY "/test/fixtures/frames/" + name);
  EXPECT_TRUE(file.good()) << name;
  std::string digits, line, bytes;
  while (file >> line) digits += line;
  for (size_t i = 0; i + 1 < digits.size(); i += 2) bytes += static_cast<char>(std::stoi(digits.substr(i, 2), nullptr, 16));
  return bytes;
}

std::string refusal(const std::string& bytes) {
  try {
    FrameDecoder decoder;
    decoder.push(bytes_of(bytes));
    while (decoder.next()) {
    }
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), "WORKER_PROTOCOL");
    return error.what();
  }
  return "accepted";
}

TEST(FrameCodec, ReadsTheRecordedSubmitAndUnderstandsIt) {
  FrameDecoder decoder;
  decoder.push(bytes_of(recorded("submit.hex")));
  const std::optional<Frame> frame = decoder.next();
  ASSERT_TRUE(frame);
  EXPECT_TRUE(decoder.is_at_border());
  const ToWorker message = parse_message(*frame);
  const Request& request = std::get<Submit>(message).request;
  EXPECT_EQ(request.id, 1u);
  EXPECT_EQ(request.prompt, (std::vector<int32_t>{1, 403}));
  EXPECT_EQ(request.max_tokens, 2);
  EXPECT_EQ(request.sampling.temperature, 0.0f);
  EXPECT_EQ(request.stop_token_ids, std::vector<int32_t>{2});
}

TEST(FrameCodec, WritesWhatTheRecordedStepSays) {
  RequestEvent event;
  event.id = 1;
  event.tokens = {432, 383};
  event.finish = FinishReason::length;
  event.cached_tokens = 0;
  FrameDecoder ours, theirs;
  ours.push(bytes_of(encode_step(7, std::span(&event, 1))));
  theirs.push(bytes_of(recorded("step.hex")));
  const std::optional<Frame> written = ours.next(), expected = theirs.next();
  ASSERT_TRUE(written && expected);
  EXPECT_EQ(written->header, expected->header);
  EXPECT_EQ(written->tail, expected->tail);
}

TEST(FrameCodec, FramesComeOutAsTheyWentInHoweverTheBytesAreCut) {
  std::mt19937 random(7);
  for (int round = 0; round < 100; ++round) {
    std::string bytes;
    std::vector<Frame> sent;
    for (int i = 0; i < 8; ++i) {
      Frame frame{.header = {{"type", "x"}, {"n", random() % 1000}}, .tail = std::vector<std::byte>(random() % 40)};
      for (std::byte& byte : frame.tail) byte = static_cast<std::byte>(random());
      bytes += encode_frame(frame.header, frame.tail);
      sent.push_back(std::move(frame));
    }
    FrameDecoder decoder;
    std::vector<Frame> received;
    for (size_t at = 0; at < bytes.size();) {
      const size_t count = std::min<size_t>(1 + random() % 50, bytes.size() - at);
      decoder.push(bytes_of(bytes).subspan(at, count));
      at += count;
      while (std::optional<Frame> frame = decoder.next()) received.push_back(std::move(*frame));
    }
    ASSERT_EQ(received.size(), sent.size());
    for (size_t i = 0; i < sent.size(); ++i) {
      EXPECT_EQ(received[i].header, sent[i].header);
      EXPECT_EQ(received[i].tail, sent[i].tail);
    }
    EXPECT_TRUE(decoder.is_at_border());
  }
}

TEST(FrameCodec, LengthsOverTheirLimitAreRefusedBeforeMemoryIsTaken) {
  EXPECT_EQ(refusal(prefix(2, (64 << 20) + 1)), "a frame tail of 67108865 bytes is over the limit of 67108864");
  EXPECT_EQ(refusal(prefix(0xffffffff, 0)), "a frame header of 4294967295 bytes is over the limit of 16777216");
}

TEST(FrameCodec, AHeaderThatIsNoObjectWithATypeIsRefused) {
  for (const std::string header : {"", "[]", "null", "{\"type\":1}", "{", "\"\xff\""})
    EXPECT_NE(refusal(prefix(static_cast<uint32_t>(header.size()), 0) + header), "accepted") << header;
}

TEST(FrameCodec, AHalfFrameIsKeptUntilTheRestComes) {
  const std::string bytes = encode_frame({{"type", "x"}});
  FrameDecoder decoder;
  decoder.push(bytes_of(bytes).first(bytes.size() - 1));
  EXPECT_FALSE(decoder.next());
  EXPECT_FALSE(decoder.is_at_border());
}

}  // namespace
}  // namespace trtllm::worker
