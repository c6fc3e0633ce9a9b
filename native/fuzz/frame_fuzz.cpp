// Frames from a peer that may send anything: split as it likes, they are read whole or refused with WORKER_PROTOCOL.
#include <algorithm>
#include <cstdlib>

#include "base/error.h"
#include "worker/messages.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace trtllm;
  const auto bytes = std::as_bytes(std::span(data, size));
  const size_t piece = size > 0 ? 1 + data[0] % 64u : 1;
  try {
    worker::FrameDecoder decoder;
    for (size_t at = 0; at < size; at += piece) {
      decoder.push(bytes.subspan(at, std::min(piece, size - at)));
      while (const std::optional<worker::Frame> frame = decoder.next()) worker::parse_message(*frame);
    }
  } catch (const Error& error) {
    if (error.code() != "WORKER_PROTOCOL") std::abort();
  }
  return 0;
}
