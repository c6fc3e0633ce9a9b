// timing-cache.json of an engine that may hold anything: parsed, and then the same when written and read again, or refused with
// TIMING_CACHE_INVALID.
#include <cstdlib>
#include <string_view>

#include "base/error.h"
#include "program/tactics.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using trtllm::program::TimingCache;
  try {
    const std::string text = TimingCache::parse({reinterpret_cast<const char*>(data), size}, "timing-cache.json").text();
    if (TimingCache::parse(text, "timing-cache.json").text() != text) std::abort();
  } catch (const trtllm::Error& error) {
    if (error.code() != "TIMING_CACHE_INVALID") std::abort();
  }
  return 0;
}
