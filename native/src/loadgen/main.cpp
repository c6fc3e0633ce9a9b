// trtllm-loadgen: sends the requests of a plan at their times and gives back what came, stamped. The plan comes on standard input, the
// records leave on standard output (plan_input.h, records.h); what requests and replies say is the caller's business.
#include <charconv>
#include <cstring>
#include <iostream>
#include <string>

#include "base/error.h"
#include "loadgen/run.h"

namespace {

int64_t whole_number(const std::string& flag, const std::string& text, int64_t min, int64_t max) {
  int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value < min || value > max) {
    throw trtllm::Error("BAD_FLAG", flag + ": expected a whole number from " + std::to_string(min) + " to " + std::to_string(max) + ", found '" + text + "'");
  }
  return value;
}

trtllm::loadgen::RunOptions parse(int argc, char** argv) {
  trtllm::loadgen::RunOptions options;
  for (int i = 1; i < argc; i += 2) {
    const std::string flag = argv[i], text = i + 1 < argc ? argv[i + 1] : "";
    const auto number = [&](int64_t min, int64_t max) { return whole_number(flag, text, min, max); };
    if (flag == "--host") options.host = text;
    else if (flag == "--port") options.port = std::to_string(number(1, 65'535));
    else if (flag == "--workers") options.workers = static_cast<int>(number(1, 256));
    else if (flag == "--max-concurrency") options.max_concurrency = number(0, 1'000'000'000);
    else if (flag == "--connections") options.connections = static_cast<int>(number(0, 1'000'000));
    else if (flag == "--spare-connections") options.spare_connections = static_cast<int>(number(0, 10'000));
    else if (flag == "--timeout-ms") options.timeout_ms = number(1, 1'000'000'000'000);
    else if (flag == "--flush-ms") options.flush_ms = static_cast<int>(number(0, 1000));
    else if (flag == "--keep-awake") options.keeps_awake = number(0, 1) == 1;
    else if (flag == "--kernel-stamps") options.asks_kernel = number(0, 1) == 1;
    else throw trtllm::Error("BAD_FLAG", "'" + flag + "': unknown; this executable is run by `trtllm bench`");
  }
  if (options.host.empty() || options.port.empty()) throw trtllm::Error("BAD_FLAG", "--host and --port: expected where the server is, found nothing");
  return options;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    trtllm::loadgen::run(parse(argc, argv), 0, 1);
    return 0;
  } catch (const trtllm::Error& error) {
    std::cerr << error.code() << ": " << error.what() << '\n';
    return error.code() == "BAD_FLAG" ? 2 : 6;
  }
}
