// What this process may use of the machine: all of it, or less where a control group or an affinity mask says so.
#pragma once

#include <cstdint>
#include <filesystem>

namespace trtllm {

// root: "/" outside tests.
int64_t available_memory_bytes(const std::filesystem::path& root = "/");
int usable_cores(const std::filesystem::path& root = "/");

}  // namespace trtllm
