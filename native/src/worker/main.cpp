// trtllm-worker: runs one engine for the runtime that it dials back to. docs/worker-protocol.md is its contract.
#include <unistd.h>

#include <new>

#include "base/error.h"
#include "worker/connection.h"
#include "worker/engine_loop.h"
#include "worker/load.h"
#include "worker/options.h"
#include "worker/process.h"

namespace {

using namespace trtllm;
using namespace trtllm::worker;

constexpr const char* kBuild = "trtllm-worker, g++ " __VERSION__;

void work(const Options& options, Connection& connection) {
  connection.outbox().put(encode_hello(kBuild, ::getpid()));
  const LoadedEngine engine = load_engine(options);
  connection.outbox().put(encode_ready(engine));
  log_line("ready in " + std::to_string(static_cast<int>(engine.load_ms)) + " ms: " + engine.dtype + ", " + engine.isa + ", " +
           std::to_string(engine.threads) + " threads, " + std::to_string(engine.info.weight_bytes >> 20) + " MiB weights, " +
           std::to_string(engine.executor->num_blocks()) + " KV blocks of " + std::to_string(engine.info.block_bytes) + " bytes");
  EngineLoop(*engine.executor, connection, engine.info.vocab_size, engine.stats_limits()).run();
}

int fail(Connection& connection, const std::string& code, const std::string& message) {
  log_line(code + ": " + message);
  connection.outbox().put(encode_failed(code, message));
  return 1;
}

int work_or_fail(const Options& options, Connection& connection) {
  try {
    work(options, connection);
    return 0;
  } catch (const Error& error) {
    return fail(connection, error.code(), error.what());
  } catch (const std::bad_alloc&) {
    return fail(connection, "OUT_OF_MEMORY", "memory ran out; lower max_batch_size, max_num_tokens or the KV cache");
  } catch (const std::exception& error) {
    return fail(connection, "INTERNAL_ERROR", error.what());
  }
}

}  // namespace

int main(int argc, char** argv) {
  prepare_process();
  try {
    const Options options = parse_options({argv + 1, argv + argc});
    Connection connection(dial(options.connect));
    return work_or_fail(options, connection);
  } catch (const Error& error) {
    log_line(error.code() + ": " + error.what());
    return error.code() == "BAD_FLAG" ? 2 : 1;
  }
}
