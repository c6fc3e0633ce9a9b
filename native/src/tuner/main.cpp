// trtllm-tuner: times the tactics of an engine's linears on this machine into a timing cache. Progress and result are JSON lines on stdout.
#include <csignal>
#include <cstdio>

#include <chrono>
#include <new>

#include "base/error.h"
#include "base/json.h"
#include "tuner/options.h"
#include "tuner/whole_file.h"

namespace {

using namespace trtllm;
using namespace trtllm::tuner;

void print_line(const nlohmann::json& json) {
  std::printf("%s\n", json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace).c_str());
  std::fflush(stdout);
}

// What is replaced in the end is the engine's own; the others are the user's.
program::TimingCache read_inputs(const CommandLine& line) {
  program::TimingCache cache;
  for (const std::string& path : line.inputs)
    cache.merge(program::read_timing_cache(path, path == line.output ? program::kTimingCacheMend : "give another timing cache, or none"));
  return cache;
}

nlohmann::json to_json(const Result& result, double seconds) {
  nlohmann::json gains = nlohmann::json::array();
  for (const Gain& gain : result.gains)
    gains.push_back({{"linear", gain.linear}, {"rows", gain.rows}, {"tactic", program::describe(gain.timed.tactic)}, {"us", gain.timed.us}, {"default_us", gain.timed.default_us}});
  return {{"timed", result.timed}, {"reused", result.reused}, {"left", result.left}, {"changed", result.gains.size()}, {"seconds", seconds}, {"gains", std::move(gains)}};
}

void run(const CommandLine& line) {
  const auto start = std::chrono::steady_clock::now();
  const program::TimingCache known = read_inputs(line);
  const Result result = tune(line.options, known, [](const Progress& progress) {
    print_line({{"progress", {{"done", progress.done}, {"total", progress.total}, {"linear", progress.linear}, {"rows", progress.rows}}}});
  });
  write_whole_file(line.output, result.cache.text());
  print_line({{"result", to_json(result, std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count())}});
}

int fail(const std::string& code, const std::string& message) {
  print_line({{"error", {{"code", code}, {"message", message}}}});
  return 1;
}

}  // namespace

int main(int argc, char** argv) {
  std::signal(SIGXFSZ, SIG_IGN);  // a file size limit is an error of the write, not a death
  try {
    run(parse_command_line({argv + 1, argv + argc}));
    return 0;
  } catch (const Error& error) {
    if (error.code() != "BAD_FLAG") return fail(error.code(), error.what());
    std::fprintf(stderr, "%s\n%s", error.what(), kUsage);
    return 2;
  } catch (const std::bad_alloc&) {
    return fail("OUT_OF_MEMORY", "not enough memory for the engine's working memory");
  } catch (const std::exception& error) {
    return fail("INTERNAL_ERROR", error.what());
  }
}
