// How often a test repeats what it does with random numbers.
#pragma once

namespace trtllm {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kIsSanitized = true;
#else
constexpr bool kIsSanitized = false;
#endif

// Sanitizers look at memory and not at results: a fifth shows what there is. All of it runs in the build without them.
constexpr int repetitions(int count) { return kIsSanitized ? count / 5 : count; }

}  // namespace trtllm
