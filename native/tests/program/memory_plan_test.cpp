#include "program/memory_plan.h"

#include <gtest/gtest.h>

#include <numeric>
#include <random>

#include "program/tiny_engine.h"

namespace trtllm::program {
namespace {

using Live = std::vector<std::vector<bool>>;

void expect_apart(const MemoryPlan& plan, const std::vector<int64_t>& bytes, const Live& live) {
  for (size_t a = 0; a < bytes.size(); ++a) {
    EXPECT_EQ(plan.offsets[a] % 4096, 0);
    EXPECT_LE(plan.offsets[a] + bytes[a], plan.bytes);
    for (size_t b = 0; b < a; ++b) {
      const bool meet = plan.offsets[a] < plan.offsets[b] + bytes[b] && plan.offsets[b] < plan.offsets[a] + bytes[a];
      for (size_t phase = 0; meet && phase < live.size(); ++phase) EXPECT_FALSE(live[phase][a] && live[phase][b]) << a << " and " << b << " in phase " << phase;
    }
  }
}

std::string names(const Program& program, const std::vector<bool>& live) {
  std::string all;
  for (size_t buffer = 0; buffer < program.buffers.size(); ++buffer) all += live[buffer] ? program.buffers[buffer].name + " " : "";
  return all + (live.back() ? "logits" : "");
}

TEST(MemoryPlan, a_buffer_lives_from_its_writing_to_the_last_reading_before_it_is_written_again) {
  const TinyShape shape{.num_layers = 1};
  const TinyEngine engine(shape);
  const engine_file::EngineReader reader(engine.directory(), 0);
  const Program program = bind_program(parse_graph(tiny_graph(shape).dump()), WeightSource(reader));
  std::string found;
  for (const std::vector<bool>& phase : live_buffers(program)) found += names(program, phase) + "\n";
  EXPECT_EQ(found,
            "x normed \n"
            "x normed qkv \n"
            "x qkv \n"
            "x qkv attended \n"
            "x attended \n"
            "x normed \n"
            "x normed gated \n"
            "x gated \n"
            "x selected head_input \n"
            "head_input logits\n");
}

TEST(MemoryPlan, buffers_that_never_meet_share_bytes_and_others_do_not) {
  // [phase][buffer]: the second and the third meet the first, not each other.
  const Live live{{true, true, false}, {true, false, true}};
  const std::vector<int64_t> bytes{4096, 8192, 5000};
  const MemoryPlan plan = place_buffers(bytes, live);
  EXPECT_EQ(plan.bytes, 3 * 4096);
  EXPECT_EQ(plan.offsets, (std::vector<int64_t>{8192, 0, 0}));
}

TEST(MemoryPlan, whatever_lives_together_lies_apart) {
  std::mt19937 random(7);
  for (int round = 0; round < 200; ++round) {
    const size_t num_buffers = 1 + random() % 12, num_phases = 1 + random() % 20;
    std::vector<int64_t> bytes(num_buffers);
    for (int64_t& size : bytes) size = random() % 5 * 3000;
    Live live(num_phases, std::vector<bool>(num_buffers));
    for (std::vector<bool>& phase : live)
      for (size_t buffer = 0; buffer < num_buffers; ++buffer) phase[buffer] = random() % 3 == 0;
    expect_apart(place_buffers(bytes, live), bytes, live);
  }
}

}  // namespace
}  // namespace trtllm::program
