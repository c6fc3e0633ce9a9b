// trtllm-roofline [--threads N] [--seconds S]: prints the machine's limits as one JSON object (roofline.h has its fields).
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <string>

#include "base/error.h"
#include "roofline/roofline.h"

namespace {

double number(const std::string& flag, const char* text) {
  char* end = nullptr;
  const double value = text == nullptr ? 0 : std::strtod(text, &end);
  if (text == nullptr || end == text || *end != '\0') {
    throw trtllm::Error("BAD_FLAG", flag + ": expected a number, found " + (text == nullptr ? "nothing" : "'" + std::string(text) + "'"));
  }
  return value;
}

trtllm::roofline::Options parse(int argc, char** argv) {
  trtllm::roofline::Options options;
  for (int i = 1; i < argc; i += 2) {
    const std::string flag = argv[i];
    const char* text = i + 1 < argc ? argv[i + 1] : nullptr;
    if (flag == "--threads") {
      const double threads = number(flag, text);
      if (!(threads >= 0 && threads <= 4096 && threads == static_cast<int>(threads))) {
        throw trtllm::Error("BAD_FLAG", "--threads: expected a whole number from 0 (all cores) to 4096, found '" + std::string(text) + "'");
      }
      options.threads = static_cast<int>(threads);
    } else if (flag == "--seconds") {
      options.seconds = number(flag, text);
    } else {
      throw trtllm::Error("BAD_FLAG", "'" + flag + "': expected --threads N or --seconds S");
    }
  }
  return options;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    const auto begin = std::chrono::steady_clock::now();
    const auto roofline = trtllm::roofline::measure(parse(argc, argv));
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    std::cout << trtllm::roofline::to_json(roofline, seconds) << '\n';
    return 0;
  } catch (const trtllm::Error& error) {
    std::cerr << error.code() << ": " << error.what() << '\n';
    return error.code() == "BAD_FLAG" ? 2 : 6;
  }
}
