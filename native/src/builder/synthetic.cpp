#include "builder/synthetic.h"

#include <xxhash.h>

#include <algorithm>
#include <cmath>

namespace trtllm::builder {
namespace {

// SplitMix64's finalizer (Steele, Lea, Flood 2014): every output bit depends on every input bit.
uint64_t mix(uint64_t z) {
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
  return z ^ (z >> 31);
}

int sum_of_bytes(uint64_t bits) {
  const uint64_t pairs = (bits & 0x00ff00ff00ff00ffull) + ((bits >> 8) & 0x00ff00ff00ff00ffull);
  return static_cast<int>((pairs * 0x0001000100010001ull) >> 48);
}

}  // namespace

SyntheticTensor::SyntheticTensor(const Synthetic& synthetic, std::string_view name)
    : key_(mix(synthetic.seed ^ XXH3_64bits(name.data(), name.size()))), distribution_(synthetic.distribution), value_(synthetic.value) {}

void SyntheticTensor::fill(uint64_t first, std::span<float> out) const {
  if (distribution_ == Distribution::constant) {
    std::fill(out.begin(), out.end(), static_cast<float>(value_));
    return;
  }
  // A uniform byte has mean 127.5 and variance (256^2 - 1) / 12.
  const auto scale = static_cast<float>(value_ / std::sqrt(8 * (256.0 * 256.0 - 1) / 12));
  for (size_t i = 0; i < out.size(); ++i) {
    const uint64_t bits = mix(key_ + (first + i) * 0x9e3779b97f4a7c15ull);
    out[i] = static_cast<float>(sum_of_bytes(bits) - 1020) * scale;
  }
}

}  // namespace trtllm::builder
