// The load client's plan, split as it likes: it is read whole or refused with WORKER_PROTOCOL.
#include <algorithm>
#include <cstdlib>

#include "base/error.h"
#include "loadgen/plan_input.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace trtllm;
  const std::span<const char> bytes(reinterpret_cast<const char*>(data), size);
  const size_t piece = size > 0 ? 1 + data[0] % 64u : 1;
  try {
    loadgen::PlanInput plan;
    for (size_t at = 0; at < size; at += piece) {
      plan.push(bytes.subspan(at, std::min(piece, size - at)));
      while (plan.next()) {}
    }
  } catch (const Error& error) {
    if (error.code() != "WORKER_PROTOCOL") std::abort();
  }
  return 0;
}
