// Errors that cross a room's border. Codes are those of packages/protocol/src/error-codes.ts; a test compares the lists.
// Thrown while loading and at message borders only; nothing is thrown inside Executor::step().
#pragma once

#include <stdexcept>
#include <string>
#include <utility>

namespace trtllm {

class Error : public std::runtime_error {
 public:
  // code: stable upper-case word, e.g. "ENGINE_TENSOR_MISMATCH". message: what, where, expected, found, what to do.
  Error(std::string code, const std::string& message) : std::runtime_error(message), code_(std::move(code)) {}
  const std::string& code() const { return code_; }

 private:
  std::string code_;
};

}  // namespace trtllm
