// Decode attention over a KV pool whose blocks are scattered: bytes of K and V read per second, by threads, as a step reads them.
// attention_bench [--isa NAME] [--kv int8|own] [--context 4096] [--group 4] [--head-dim 64] [--layers 16] [--threads 2]
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "base/thread_team.h"
#include "ops/kernels.h"
#include "program/reserved_memory.h"

namespace {

using namespace trtllm;

constexpr int kKvHeads = 8, kRounds = 15;

std::map<std::string, std::string> parse(int argc, char** argv) {
  std::map<std::string, std::string> flags{{"isa", std::string(ops::isa_name(ops::best_isa()))}, {"kv", "own"}, {"context", "4096"}, {"group", "4"}, {"head-dim", "64"}, {"layers", "16"}, {"threads", "2"}};
  for (int i = 1; i + 1 < argc; i += 2) flags[std::string(argv[i]).substr(2)] = argv[i + 1];
  return flags;
}

}  // namespace

int main(int argc, char** argv) {
  auto flags = parse(argc, argv);
  const auto number = [&](const char* name) { return std::atoi(flags[name].c_str()); };
  const int context = number("context"), group = number("group"), head_dim = number("head-dim"), layers = number("layers");
  const ops::Kernels& table = ops::kernels(ops::parse_isa(flags["isa"]).value(), DType::bfloat16);
  const DType dtype = flags["kv"] == "int8" ? DType::int8 : DType::bfloat16;
  const int64_t head_bytes = ops::kv_head_bytes(head_dim, dtype), layer_bytes = 2 * kKvHeads * head_bytes;
  const int num_blocks = (context + kBlockTokens - 1) / kBlockTokens;
  std::vector<int32_t> blocks(static_cast<size_t>(num_blocks));
  for (int i = 0; i < num_blocks; ++i) blocks[static_cast<size_t>(i)] = i;
  std::shuffle(blocks.begin(), blocks.end(), std::mt19937(1));
  program::ReservedMemory pool(static_cast<size_t>(num_blocks * layers * layer_bytes), "pool");
  const auto layer = [&](int index) {
    return ops::KvLayer{.base = pool.data() + index * layer_bytes, .block_bytes = layers * layer_bytes, .v_offset = layer_bytes / 2, .head_bytes = head_bytes, .num_kv_heads = kKvHeads, .head_dim = head_dim, .dtype = dtype};
  };
  std::mt19937 random(2);
  std::normal_distribution<float> normal;
  std::vector<float> row(static_cast<size_t>(kKvHeads * head_dim)), q(static_cast<size_t>(kKvHeads * group * head_dim));
  for (float& value : row) value = normal(random);
  for (float& value : q) value = normal(random);
  for (int index = 0; index < layers; ++index) {
    for (int32_t slot = 0; slot < num_blocks * kBlockTokens; ++slot) table.kv_write({row.data(), row.data(), 0, &slot, layer(index), 0, 1});
  }
  ThreadTeam team(number("threads"));
  std::vector<std::vector<std::byte>> scratch(static_cast<size_t>(team.size()), std::vector<std::byte>(table.attention_scratch_bytes(head_dim, group) + 64));
  std::vector<float> output(q.size() + 64);
  std::vector<double> seconds;
  for (int round = 0; round < kRounds; ++round) {
    std::vector<WorkCounter> work(static_cast<size_t>(layers));
    const auto start = std::chrono::steady_clock::now();
    team.run([&](int thread) {
      table.thread_begin();
      std::byte* own = scratch[static_cast<size_t>(thread)].data();
      own += (64 - reinterpret_cast<uintptr_t>(own) % 64) % 64;
      for (int index = 0; index < layers; ++index) {
        for (int head; (head = work[static_cast<size_t>(index)].take(kKvHeads)) >= 0;)
          table.attention({.q = q.data() + head * group * head_dim, .q_stride = 0, .rows = 1, .first_position = context - 1, .group_size = group, .kv_head = head, .scale = 0.1f, .window = 0,
                           .blocks = blocks.data(), .kv = layer(index), .output = output.data() + head * group * head_dim, .output_stride = 0, .scratch = own});
        team.barrier();
      }
      table.thread_end();
    });
    seconds.push_back(std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
  }
  std::sort(seconds.begin(), seconds.end());
  const double gigabytes = static_cast<double>(num_blocks) * static_cast<double>(layers * layer_bytes) / 1e9;
  std::printf("%s, %s cache, context %d, %d heads of %d by %d: %.2f ms a step, %.1f GB/s (best %.1f)\n", flags["isa"].c_str(), dtype_name(dtype), context, kKvHeads, head_dim, group,
              seconds[kRounds / 2] * 1e3, gigabytes / seconds[kRounds / 2], gigabytes / seconds[0]);
}
