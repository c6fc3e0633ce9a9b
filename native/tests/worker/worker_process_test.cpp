// The executable itself: what it says, what it refuses, and how it ends.
#include <fcntl.h>
#include <sys/un.h>

#include <fstream>

#include "ops/isa.h"
#include "program/tiny_engine.h"
#include "worker/worker_child.h"

namespace trtllm::worker {
namespace {

using nlohmann::json;
using program::TinyEngine;
using program::TinyShape;

constexpr TinyShape shape_of_long_streams() {
  TinyShape shape;
  shape.max_positions = 1 << 15;
  return shape;
}

class WorkerProcess : public testing::Test {
 protected:
  std::vector<std::string> arguments(std::vector<std::string> more = {}) const {
    std::vector<std::string> all{"--engine", engine_.directory(), "--connect", "-", "--threads", "1"};
    all.insert(all.end(), more.begin(), more.end());
    return all;
  }

  static json submit(int id, int max_tokens) { return {{"type", "submit"}, {"id", id}, {"max_tokens", max_tokens}, {"sampling", {{"temperature", 0}}}}; }

  // Tokens of a request until its finish.
  struct Stream {
    std::vector<int32_t> tokens;
    json last_event;
  };
  static Stream receive_stream(WorkerChild& worker, int id) {
    Stream stream;
    while (const std::optional<Frame> frame = worker.receive("step")) {
      size_t at = 0;
      for (const json& event : frame->header["events"]) {
        const size_t count = event["num_tokens"];
        std::vector<int32_t> tokens(count);
        if (count > 0) std::memcpy(tokens.data(), frame->tail.data() + at * 4, count * 4);
        at += count;
        if (event["id"] != id) continue;
        stream.tokens.insert(stream.tokens.end(), tokens.begin(), tokens.end());
        stream.last_event = event;
        if (event.contains("finish")) return stream;
      }
    }
    return stream;
  }

  TinyEngine engine_{shape_of_long_streams()};
};

TEST_F(WorkerProcess, SaysHelloAndReadyAndStreamsTokens) {
  WorkerChild worker(arguments({"--max_batch_size", "3", "--isa", "scalar"}));
  const std::optional<Frame> hello = worker.receive();
  ASSERT_TRUE(hello);
  EXPECT_EQ(hello->header["type"], "hello");
  EXPECT_EQ(hello->header["protocol_version"], 1);
  const std::optional<Frame> ready = worker.receive();
  ASSERT_TRUE(ready);
  EXPECT_EQ(ready->header["type"], "ready");
  EXPECT_EQ(ready->header["isa"], "scalar");
  EXPECT_EQ(ready->header["threads"], 1);
  EXPECT_EQ(ready->header["dtype"], "bfloat16");
  EXPECT_EQ(ready->header["vocab_size"], 101);
  EXPECT_EQ(ready->header["max_batch_size"], 3);
  EXPECT_EQ(ready->header["max_num_tokens"], 64);
  worker.send(submit(1, 5), {1, 2, 3});
  const Stream alone = receive_stream(worker, 1);
  EXPECT_EQ(alone.tokens.size(), 5u);
  EXPECT_EQ(alone.last_event["finish"], "length");
  worker.send(submit(2, 40), {9, 9});
  worker.send(submit(1, 5), {1, 2, 3});  // its id is free again
  EXPECT_EQ(receive_stream(worker, 1).tokens, alone.tokens);
}

TEST_F(WorkerProcess, DialsAUnixSocket) {
  const std::string path = engine_.directory() + "/socket";
  const int listener = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, sizeof address.sun_path - 1);
  ASSERT_EQ(::bind(listener, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  ASSERT_EQ(::listen(listener, 1), 0);
  WorkerChild worker({"--engine", engine_.directory(), "--connect", "unix:" + path});
  const int peer = ::accept(listener, nullptr, nullptr);
  char prefix[kPrefixBytes];
  EXPECT_EQ(::recv(peer, prefix, sizeof prefix, MSG_WAITALL), static_cast<ssize_t>(sizeof prefix));
  ::close(peer);
  ::close(listener);
  EXPECT_EQ(worker.wait(), 0);
}

TEST_F(WorkerProcess, ARefusedRequestGetsAnEventAndTheWorkerGoesOn) {
  WorkerChild worker(arguments());
  worker.send(submit(1, 5), {1, 101});
  Stream stream = receive_stream(worker, 1);
  EXPECT_EQ(stream.last_event["error"]["code"], "REQUEST_INVALID");
  worker.send(submit(1, 1 << 20), {1});
  stream = receive_stream(worker, 1);
  EXPECT_EQ(stream.last_event["error"]["code"], "REQUEST_TOO_LONG");
  worker.send({{"type", "submit"}, {"id", 1}, {"max_tokens", 1}, {"beams", 2}}, {1});
  stream = receive_stream(worker, 1);
  EXPECT_NE(stream.last_event["error"]["message"].get<std::string>().find("\"beams\""), std::string::npos);
  worker.send(submit(1, 2), {1});
  EXPECT_EQ(receive_stream(worker, 1).tokens.size(), 2u);
}

TEST_F(WorkerProcess, ACancelledRequestEndsAndItsBlocksAreFree) {
  WorkerChild worker(arguments());
  worker.send(submit(1, 30'000), {1, 2, 3});
  ASSERT_TRUE(worker.receive("step"));
  worker.send({{"type", "cancel"}, {"id", 1}});
  // The last statistics may come before the end of the stream or after it; an idle worker sends no more.
  bool is_cancelled = false;
  std::optional<Frame> stats;
  while (!is_cancelled || !stats || stats->header["num_active"] != 0) {
    std::optional<Frame> frame = worker.receive();
    ASSERT_TRUE(frame) << "cancelled: " << is_cancelled << ", statistics: " << (stats ? stats->header.dump() : "none");
    if (frame->header["type"] == "stats") stats = std::move(frame);
    else if (frame->header["type"] == "step") is_cancelled = is_cancelled || frame->header.dump().find("\"cancelled\"") != std::string::npos;
  }
  EXPECT_EQ(stats->header["free_blocks"], stats->header["total_blocks"]);
  EXPECT_TRUE(stats->header["records"].back().contains("iterLatencyMS"));
}

TEST_F(WorkerProcess, ContextLogitsComeBeforeTheEnd) {
  WorkerChild worker(arguments());
  json header = submit(1, 1);
  header["context_logits"] = true;
  worker.send(header, std::vector<int32_t>(100, 7));
  int rows = 0;
  while (const std::optional<Frame> frame = worker.receive()) {
    if (frame->header["type"] == "step") break;
    if (frame->header["type"] != "logits") continue;
    EXPECT_EQ(frame->header["first_row"], rows);
    EXPECT_EQ(frame->tail.size(), frame->header["num_rows"].get<size_t>() * 101 * 4);
    rows += frame->header["num_rows"].get<int>();
  }
  EXPECT_EQ(rows, 100);
}

TEST_F(WorkerProcess, AnswersPings) {
  WorkerChild worker(arguments());
  worker.send({{"type", "ping"}, {"nonce", 77}});
  const std::optional<Frame> pong = worker.receive("pong");
  ASSERT_TRUE(pong);
  EXPECT_EQ(pong->header["nonce"], 77);
}

TEST_F(WorkerProcess, DrainFinishesWhatRunsAndTakesNothingNew) {
  WorkerChild worker(arguments());
  worker.send(submit(1, 300), {1});
  worker.send({{"type", "drain"}});
  worker.send(submit(2, 3), {1});
  EXPECT_EQ(receive_stream(worker, 2).last_event["error"]["code"], "SHUTTING_DOWN");
  EXPECT_EQ(receive_stream(worker, 1).last_event["finish"], "length");
  EXPECT_EQ(worker.wait(), 0);
}

TEST_F(WorkerProcess, EndsWhenTheConnectionCloses) {
  WorkerChild worker(arguments());
  worker.send(submit(1, 30'000), {1});
  ASSERT_TRUE(worker.receive("step"));
  worker.close_socket();
  EXPECT_EQ(worker.wait(), 0);
}

TEST_F(WorkerProcess, BytesThatAreNoFrameEndItWithAReason) {
  for (const std::string& bytes : {std::string(8, '\xff'), encode_frame({{"type", "dance"}}), encode_frame({{"type", "submit"}})}) {
    WorkerChild worker(arguments());
    ASSERT_TRUE(worker.receive("ready"));
    worker.send_bytes(bytes);
    const std::optional<Frame> failed = worker.receive("failed");
    ASSERT_TRUE(failed);
    EXPECT_EQ(failed->header["code"], "WORKER_PROTOCOL");
    EXPECT_EQ(worker.wait(), 1);
  }
}

TEST_F(WorkerProcess, AnEngineThatDoesNotLoadIsSaidByName) {
  const std::pair<std::vector<std::string>, std::string> cases[] = {
      {{"--engine", "/nowhere/at/all", "--connect", "-"}, "ENGINE_NOT_FOUND"},
      {arguments({"--max_seq_len", "100000"}), "BAD_FLAG"},
  };
  for (const auto& [flags, code] : cases) {
    WorkerChild worker(flags);
    const std::optional<Frame> failed = worker.receive("failed");
    ASSERT_TRUE(failed) << code;
    EXPECT_EQ(failed->header["code"], code) << failed->header;
    EXPECT_EQ(worker.wait(), 1);
  }
}

TEST_F(WorkerProcess, AClassTheMachineLacksIsRefusedWithThoseItHas) {
  if (ops::isa_available(ops::Isa::amx)) GTEST_SKIP() << "this machine has every class";
  WorkerChild worker(arguments({"--isa", "amx"}));
  const std::optional<Frame> failed = worker.receive("failed");
  ASSERT_TRUE(failed);
  EXPECT_EQ(failed->header["code"], "ISA_UNAVAILABLE");
  EXPECT_NE(failed->header["message"].get<std::string>().find("scalar"), std::string::npos);
}

TEST_F(WorkerProcess, AChangedWeightIsFoundWhereVerificationIsAskedFor) {
  const std::string path = engine_.directory() + "/rank0.engine";
  std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
  file.seekp(-4, std::ios::end);  // inside the last section: small ones are laid out whole, in order of name
  file.put('\x55');
  file.close();
  WorkerChild worker(arguments({"--verify_engine"}));
  const std::optional<Frame> failed = worker.receive("failed");
  ASSERT_TRUE(failed);
  EXPECT_EQ(failed->header["code"], "ENGINE_INVALID");
}

TEST_F(WorkerProcess, ABadFlagIsExitStatus2) {
  WorkerChild worker(arguments({"--fast"}));
  EXPECT_EQ(worker.wait(), 2);
  EXPECT_NE(worker.errors().find("unknown flag \"--fast\""), std::string::npos);
}

TEST_F(WorkerProcess, AnEngineFileCutWhileInUseIsSaidInWords) {
  WorkerChild worker(arguments());
  ASSERT_TRUE(worker.receive("ready"));
  ASSERT_EQ(::truncate((engine_.directory() + "/rank0.engine").c_str(), 0), 0);
  worker.send(submit(1, 3), {1});
  EXPECT_EQ(worker.wait(), 1);
  EXPECT_NE(worker.errors().find("engine file changed while in use"), std::string::npos);
}

}  // namespace
}  // namespace trtllm::worker
