// A file that is there as a whole or not at all: written beside its place, synced, renamed.
#pragma once

#include <string>

namespace trtllm::tuner {

// Throws Error{IO_ERROR} naming the file; then nothing of it stays.
void write_whole_file(const std::string& path, const std::string& text);

}  // namespace trtllm::tuner
