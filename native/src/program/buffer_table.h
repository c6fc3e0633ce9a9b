// Names of buffers -> indices, while a program is bound. A buffer is what its first writer made it: later writers must agree, for
// the zeros behind its last column are written once.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "program/program.h"

namespace trtllm::program {

class BufferTable {
 public:
  // Both give the buffer's index or throw Error{GRAPH_INVALID}.
  int write(const BufferSpec& spec, const std::string& where);
  int read(const std::string& name, std::optional<Storage> storage, const std::string& where) const;

  const BufferSpec& spec(int index) const { return specs_[index]; }
  const std::vector<BufferSpec>& specs() const { return specs_; }

 private:
  std::vector<BufferSpec> specs_;
  std::map<std::string, int, std::less<>> index_of_;
};

}  // namespace trtllm::program
