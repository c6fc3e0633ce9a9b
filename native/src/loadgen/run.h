// A run: reads the plan from one file descriptor, drives the workers, writes records to another.
#pragma once

#include <cstdint>
#include <string>

namespace trtllm::loadgen {

struct RunOptions {
  std::string host, port;
  int workers = 1;
  int64_t max_concurrency = 0;  // 0: no limit
  int connections = 0;          // opened before they are needed
  int spare_connections = 0;    // kept ready beyond those in use
  int64_t timeout_ms = 21'600'000;
  int flush_ms = 10;            // records wait so long at most before they are written
  bool asks_kernel = true;
  bool keeps_awake = false;     // cores; see awake_cores.h
};

// Until the plan has ended and every request with it. SIGUSR1 drops what was not sent yet; SIGTERM, or a plan that breaks off, ends what is
// open too.
void run(const RunOptions& options, int plan, int records);

}  // namespace trtllm::loadgen
