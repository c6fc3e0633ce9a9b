// The command line of trtllm-tuner.
#pragma once

#include <string>
#include <vector>

#include "tuner/tune.h"

namespace trtllm::tuner {

inline constexpr const char* kUsage =
    "trtllm-tuner --engine DIR --output FILE [--input FILE]... [--threads N] [--isa scalar|avx2|avx512|amx|amx_emulated] [--seconds S]\n";

struct CommandLine {
  Options options;
  std::string output;
  std::vector<std::string> inputs;
};

// Throws Error{BAD_FLAG}.
CommandLine parse_command_line(const std::vector<std::string>& arguments);

}  // namespace trtllm::tuner
