// How often a test repeats what it does with random numbers.
#pragma once

namespace trtllm {

// Sanitizers look at memory and not at results: a fifth shows what there is. All of it runs in the build without them.
constexpr int repetitions(int count) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  return count / 5;
#else
  return count;
#endif
}

}  // namespace trtllm
