// The plan against the files: every planned tensor is where, what and as large as its file's own header says.
#pragma once

#include "builder/build_plan.h"

namespace trtllm::builder {

// Throws SAFETENSORS_INVALID, or CHECKPOINT_INVALID naming file, tensor, expected and found.
void check_sources(const BuildPlan& plan);

}  // namespace trtllm::builder
