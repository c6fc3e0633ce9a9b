// trtllm-builder: carries out a build plan. Progress and result are JSON lines on stdout; logs are none.
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <unistd.h>

#include <atomic>
#include <charconv>
#include <chrono>
#include <cstring>
#include <thread>

#include "base/error.h"
#include "base/json.h"
#include "base/mapped_file.h"
#include "builder/check_sources.h"
#include "builder/write_engine.h"
#include "engine_file/engine_writer.h"

namespace {

using namespace trtllm;
using Clock = std::chrono::steady_clock;

constexpr char kUsage[] = "trtllm-builder --plan build-plan.json --output DIR --manifest-sha256 HEX [--threads N]\n";
constexpr size_t kMaxPlanBytes = 256 << 20;
constexpr std::chrono::milliseconds kProgressInterval{100};

std::atomic<const engine_file::EngineWriter*> open_writer{nullptr};

void on_stop_signal(int signal) {
  if (const auto* writer = open_writer.load()) writer->remove_partial_file();
  _exit(128 + signal);
}

struct Options {
  std::string plan, output;
  Sha256Digest manifest_sha256{};
  int threads = static_cast<int>(std::max(1u, std::thread::hardware_concurrency()));
};

[[noreturn]] void bad_flag(const std::string& message) {
  std::fprintf(stderr, "%s\n%s", message.c_str(), kUsage);
  std::exit(2);
}

// 0 when `text` is no plain number.
int whole_number(const std::string& text) {
  int number = 0;
  const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), number);
  return status == std::errc() && end == text.data() + text.size() ? number : 0;
}

Options parse_options(int argc, char** argv) {
  Options options;
  bool has_hash = false;
  for (int i = 1; i < argc; i += 2) {
    const std::string flag = argv[i];
    if (i + 1 >= argc) bad_flag(flag + ": a value is missing");
    const std::string value = argv[i + 1];
    if (flag == "--plan") options.plan = value;
    else if (flag == "--output") options.output = value;
    else if (flag == "--manifest-sha256") has_hash = from_hex(value, options.manifest_sha256);
    else if (flag == "--threads") options.threads = whole_number(value);
    else bad_flag(flag + ": unknown flag");
  }
  if (options.plan.empty() || options.output.empty() || !has_hash) bad_flag("--plan, --output and --manifest-sha256 (64 hex digits) are needed");
  if (options.threads < 1 || options.threads > 1024) bad_flag("--threads: expected a number from 1 to 1024");
  return options;
}

void print_line(const nlohmann::json& json) {
  std::printf("%s\n", json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace).c_str());
  std::fflush(stdout);
}

void build(const Options& options) {
  const auto start = Clock::now();
  const builder::BuildPlan plan = builder::parse_build_plan(read_small_file(options.plan, kMaxPlanBytes));
  builder::check_sources(plan);
  auto last = start - kProgressInterval;
  const auto on_progress = [&](const builder::Progress& progress) {
    const auto now = Clock::now();
    if (now - last < kProgressInterval && progress.done_bytes < progress.total_bytes) return;
    last = now;
    print_line({{"progress", {{"done_bytes", progress.done_bytes}, {"total_bytes", progress.total_bytes}, {"entry", *progress.entry}}}});
  };
  const builder::BuildResult result =
      builder::write_engine(plan, options.output, options.manifest_sha256, options.threads, on_progress, [](const engine_file::EngineWriter* writer) { open_writer = writer; });
  nlohmann::json converted = nlohmann::json::object();
  constexpr const char* kNames[] = {"BF16", "F16", "F32"};
  for (const auto& [dtype, stats] : result.converted)
    converted[kNames[static_cast<int>(dtype)]] = {{"num_changed", stats.num_changed}, {"max_relative_change", stats.max_relative_change}};
  print_line({{"result", {{"output_bytes", result.output_bytes}, {"converted", converted}, {"seconds", std::chrono::duration<double>(Clock::now() - start).count()}}}});
}

}  // namespace

int main(int argc, char** argv) {
  const Options options = parse_options(argc, argv);
  std::signal(SIGINT, on_stop_signal);
  std::signal(SIGTERM, on_stop_signal);
  std::signal(SIGXFSZ, SIG_IGN);  // a file size limit is an error of the write, not a death
  try {
    build(options);
    return 0;
  } catch (const Error& error) {
    print_line({{"error", {{"code", error.code()}, {"message", error.what()}}}});
  } catch (const std::bad_alloc&) {
    print_line({{"error", {{"code", "OUT_OF_MEMORY"}, {"message", "not enough memory to pack the weights"}}}});
  } catch (const std::exception& error) {
    print_line({{"error", {{"code", "INTERNAL_ERROR"}, {"message", error.what()}}}});
  }
  return 1;
}
