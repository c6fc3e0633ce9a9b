#include "tuner/options.h"

#include <charconv>

#include "base/error.h"
#include "base/host_limits.h"

namespace trtllm::tuner {
namespace {

constexpr double kMaxThreads = 1024, kMaxSeconds = 86'400;

[[noreturn]] void refuse(const std::string& flag, const std::string& expected, const std::string& found) {
  throw Error("BAD_FLAG", flag + ": expected " + expected + ", found \"" + found + "\"");
}

double number(const std::string& flag, const std::string& text, double most) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || !(value > 0 && value <= most))
    refuse(flag, "a number above 0 and at most " + std::to_string(static_cast<int>(most)), text);
  return value;
}

int threads(const std::string& text) {
  const double value = number("--threads", text, kMaxThreads);
  if (value != static_cast<int>(value)) refuse("--threads", "a whole number", text);
  return static_cast<int>(value);
}

ops::Isa isa(const std::string& text) {
  const std::optional<ops::Isa> known = ops::parse_isa(text);
  if (!known) refuse("--isa", "scalar, avx2, avx512, amx or amx_emulated", text);
  return *known;
}

void set(CommandLine& line, const std::string& flag, const std::string& value) {
  if (flag == "--engine") line.options.engine = value;
  else if (flag == "--output") line.output = value;
  else if (flag == "--input") line.inputs.push_back(value);
  else if (flag == "--threads") line.options.threads = threads(value);
  else if (flag == "--isa") line.options.isa = isa(value);
  else if (flag == "--seconds") line.options.seconds = number(flag, value, kMaxSeconds);
  else throw Error("BAD_FLAG", "unknown flag \"" + flag + "\"");
}

}  // namespace

CommandLine parse_command_line(const std::vector<std::string>& arguments) {
  CommandLine line;
  line.options.isa = ops::best_isa();
  line.options.threads = usable_cores();
  for (size_t i = 0; i < arguments.size(); i += 2) {
    if (i + 1 == arguments.size()) throw Error("BAD_FLAG", arguments[i] + ": a value must follow");
    set(line, arguments[i], arguments[i + 1]);
  }
  if (line.options.engine.empty() || line.output.empty()) throw Error("BAD_FLAG", "--engine DIR and --output FILE are needed");
  return line;
}

}  // namespace trtllm::tuner
