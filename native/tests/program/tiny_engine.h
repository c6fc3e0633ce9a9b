// An engine directory with random weights, written the way trtllm build writes one, in a temporary directory.
#pragma once

#include <string>

#include "program/tiny_graph.h"

namespace trtllm::program {

class TinyEngine {
 public:
  explicit TinyEngine(const TinyShape& shape);
  ~TinyEngine();
  TinyEngine(const TinyEngine&) = delete;
  TinyEngine& operator=(const TinyEngine&) = delete;

  const std::string& directory() const { return directory_; }

 private:
  std::string directory_;
};

}  // namespace trtllm::program
