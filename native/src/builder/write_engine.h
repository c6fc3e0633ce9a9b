// Carries a build plan out: entry by entry, read, convert, pack, write.
#pragma once

#include <functional>
#include <map>
#include <string>

#include "base/sha256.h"
#include "builder/build_plan.h"
#include "builder/convert.h"

namespace trtllm::engine_file {
class EngineWriter;
}

namespace trtllm::builder {

struct Progress {
  uint64_t done_bytes = 0, total_bytes = 0;
  const std::string* entry = nullptr;
};

struct BuildResult {
  uint64_t output_bytes = 0;
  std::map<SourceDtype, ConversionStats> converted;  // by source dtype
};

// Writes DIRECTORY/plan.output. `on_open` sees the writer as soon as its file exists (for signal handlers).
// Throws Error; then the file is gone.
BuildResult write_engine(const BuildPlan& plan, const std::string& directory, const Sha256Digest& manifest_sha256, int num_threads,
                         const std::function<void(const Progress&)>& on_progress,
                         const std::function<void(const engine_file::EngineWriter*)>& on_open = {});

}  // namespace trtllm::builder
