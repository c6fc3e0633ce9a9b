#include "program/rope_table.h"

#include <cmath>

namespace trtllm::program {

// The angle is rounded to float32 as transformers rounds it (position * inv_freq, both float32); cos and sin of it are exact to
// the last bit, by way of double.
RopeTable make_rope_table(const RopeTableSpec& spec, int num_positions) {
  RopeTable table{.rotary_dim = 2 * static_cast<int>(spec.inv_freq.size())};
  const size_t values = spec.inv_freq.size() * static_cast<size_t>(num_positions);
  table.cos.reserve(values);
  table.sin.reserve(values);
  for (int position = 0; position < num_positions; ++position) {
    for (const float inv_freq : spec.inv_freq) {
      const float angle = static_cast<float>(position) * inv_freq;
      table.cos.push_back(static_cast<float>(std::cos(static_cast<double>(angle))) * spec.attention_factor);
      table.sin.push_back(static_cast<float>(std::sin(static_cast<double>(angle))) * spec.attention_factor);
    }
  }
  return table;
}

}  // namespace trtllm::program
