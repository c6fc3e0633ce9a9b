// Synthetic weights: value i of tensor NAME depends on (seed, NAME, i) alone, so threads and order do not matter. Integer arithmetic
// until the last step: the same bytes on every machine.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "builder/build_plan.h"

namespace trtllm::builder {

class SyntheticTensor {
 public:
  SyntheticTensor(const Synthetic& synthetic, std::string_view name);
  // Values [first, first + out.size()). normal: sum of 8 uniform bytes, centred and scaled; Gaussian to within 1 % up to 3 deviations.
  void fill(uint64_t first, std::span<float> out) const;

 private:
  uint64_t key_;
  Distribution distribution_;
  double value_;
};

}  // namespace trtllm::builder
