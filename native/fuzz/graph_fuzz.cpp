// graph.json of an engine that may hold anything: parsed, or refused with GRAPH_INVALID.
#include <cstdlib>
#include <string_view>

#include "base/error.h"
#include "program/graph.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  try {
    trtllm::program::parse_graph({reinterpret_cast<const char*>(data), size});
  } catch (const trtllm::Error& error) {
    if (error.code() != "GRAPH_INVALID") std::abort();
  }
  return 0;
}
