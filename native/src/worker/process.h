// The worker as a process: it ends with its parent, leaves no core file with a user's text in it, and logs one line a record.
#pragma once

#include <string>

namespace trtllm::worker {

// Call first thing in main: parent-death signal, no core dumps, SIGINT left to the runtime, SIGBUS said in words.
void prepare_process();

// One line on standard error; control characters in `text` are replaced. Never a request's content.
void log_line(const std::string& text);

}  // namespace trtllm::worker
