// A build plan that may hold anything: parsed, or refused with PLAN_INVALID.
#include <cstdint>
#include <cstdlib>

#include "base/error.h"
#include "builder/build_plan.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  try {
    trtllm::builder::parse_build_plan({reinterpret_cast<const char*>(data), size});
  } catch (const trtllm::Error& error) {
    if (error.code() != "PLAN_INVALID") std::abort();
  }
  return 0;
}
