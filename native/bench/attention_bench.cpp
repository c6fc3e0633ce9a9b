// Decode attention over a KV pool whose blocks are scattered: bytes of K and V read per second, by threads, as a step reads them.
// attention_bench [--isa NAME] [--kv int8|own] [--context 4096] [--sequences 1] [--group 4] [--head-dim 64] [--layers 16] [--threads 2] [--rounds 15]
//                 [TABLE BEFORE.so AFTER.so...]   versions of the kernels by turns, as linear_pairs_bench has them
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <random>

#include "base/thread_team.h"
#include "base/work_ranges.h"
#include "kernel_library.h"
#include "program/reserved_memory.h"

namespace {

using namespace trtllm;

constexpr int kKvHeads = 8;

struct Options {
  std::map<std::string, std::string> flags{{"isa", std::string(ops::isa_name(ops::best_isa()))}, {"kv", "own"}, {"context", "4096"}, {"sequences", "1"}, {"group", "4"},
                                           {"head-dim", "64"}, {"layers", "16"}, {"threads", "2"}, {"rounds", "15"}};
  std::vector<std::string> words;

  Options(int argc, char** argv) {
    for (int i = 1; i < argc; ++i) {
      const std::string word = argv[i];
      if (!word.starts_with("--")) words.push_back(word);
      else if (i + 1 < argc) flags[word.substr(2)] = argv[++i];
    }
  }
  int number(const char* name) const { return std::atoi(flags.at(name).c_str()); }
  DType dtype() const { return flags.at("kv") == "int8" ? DType::int8 : DType::bfloat16; }

  // The machine's own table, or those of the libraries.
  std::vector<const ops::Kernels*> tables() const {
    if (words.empty()) return {&ops::kernels(ops::parse_isa(flags.at("isa")).value(), DType::bfloat16)};
    std::vector<const ops::Kernels*> tables;
    for (size_t i = 1; i < words.size(); ++i) tables.push_back(&table_of(words[i], words[0]));
    return tables;
  }
};

// One row of each sequence in all layers, over a pool whose blocks are scattered.
class DecodeStep {
 public:
  DecodeStep(const Options& options, const ops::Kernels& table)
      : context_(options.number("context")), sequences_(options.number("sequences")), group_(options.number("group")), head_dim_(options.number("head-dim")), layers_(options.number("layers")), dtype_(options.dtype()),
        blocks_(static_cast<size_t>(sequences_ * blocks_of_sequence())), pool_(blocks_.size() * static_cast<size_t>(layers_ * layer_bytes()), "pool"),
        q_(gaussian(sequences_ * group_ * row_width(), 2)), output_(q_.size() + 64),
        scratch_(static_cast<size_t>(options.number("threads")), std::vector<std::byte>(table.attention_scratch_bytes(head_dim_, group_) + 64)) {
    for (size_t i = 0; i < blocks_.size(); ++i) blocks_[i] = static_cast<int32_t>(i);
    std::shuffle(blocks_.begin(), blocks_.end(), std::mt19937(1));
    const std::vector<float> row = gaussian(row_width(), 3);
    for (int index = 0; index < layers_; ++index) {
      for (int32_t slot = 0; slot < static_cast<int32_t>(blocks_.size()) * kBlockTokens; ++slot) table.kv_write({row.data(), row.data(), 0, &slot, layer(index), 0, 1});
    }
  }

  double seconds(ThreadTeam& team, const ops::Kernels& table) {
    std::vector<WorkRanges> work(static_cast<size_t>(layers_), WorkRanges(team.size()));
    const int items = sequences_ * kKvHeads;
    const auto start = std::chrono::steady_clock::now();
    team.run([&](int thread) {
      table.thread_begin();
      std::byte* scratch = scratch_[static_cast<size_t>(thread)].data();
      scratch += (64 - reinterpret_cast<uintptr_t>(scratch) % 64) % 64;
      for (WorkRanges& ranges : work) ranges.deal(thread, items, 1);
      const int own_end = work[0].own(thread, items, 1).end;
      for (int index = 0; index < layers_; ++index) {
        for (WorkRanges::Piece piece; !(piece = work[static_cast<size_t>(index)].take(thread, 1)).is_empty();) attend(table, index, piece.begin, piece.end < own_end, scratch);
        team.barrier();
      }
      table.thread_end();
    });
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  }
  double gigabytes() const { return static_cast<double>(blocks_.size()) * static_cast<double>(layers_ * layer_bytes()) / 1e9; }
  const std::vector<float>& output() const { return output_; }

 private:
  int blocks_of_sequence() const { return (context_ + kBlockTokens - 1) / kBlockTokens; }
  int64_t head_bytes() const { return ops::kv_head_bytes(head_dim_, dtype_); }
  int64_t layer_bytes() const { return 2 * kKvHeads * head_bytes(); }
  int row_width() const { return kKvHeads * head_dim_; }
  static std::vector<float> gaussian(int count, unsigned seed) {
    std::mt19937 random(seed);
    std::normal_distribution<float> normal;
    std::vector<float> values(static_cast<size_t>(count));
    for (float& value : values) value = normal(random);
    return values;
  }
  ops::KvLayer layer(int index) {
    return {.base = pool_.data() + index * layer_bytes(), .block_bytes = layers_ * layer_bytes(), .v_offset = layer_bytes() / 2, .head_bytes = head_bytes(),
            .num_kv_heads = kKvHeads, .head_dim = head_dim_, .dtype = dtype_};
  }
  const int32_t* blocks_of(int item) const { return blocks_.data() + item / kKvHeads * blocks_of_sequence(); }
  void attend(const ops::Kernels& table, int index, int item, bool has_next, std::byte* scratch) {
    const int head = item % kKvHeads, first = item * group_ * head_dim_;
    ops::KeyPages next;
    if (has_next) next = {blocks_of(item + 1), blocks_of_sequence(), (item + 1) % kKvHeads};
    table.attention({.q = q_.data() + first, .q_stride = 0, .rows = 1, .first_position = context_ - 1, .group_size = group_, .kv_head = head, .scale = 0.1f, .window = 0,
                     .blocks = blocks_of(item), .kv = layer(index), .next = next, .output = output_.data() + first, .output_stride = 0, .scratch = scratch});
  }

  int context_, sequences_, group_, head_dim_, layers_;
  DType dtype_;
  std::vector<int32_t> blocks_;
  program::ReservedMemory pool_;
  std::vector<float> q_, output_;
  std::vector<std::vector<std::byte>> scratch_;
};

}  // namespace

int main(int argc, char** argv) {
  try {
    const Options options(argc, argv);
    const auto tables = options.tables();
    ThreadTeam team(options.number("threads"), true);
    DecodeStep step(options, *tables[0]);
    std::vector<std::vector<double>> seconds(tables.size()), ratios(tables.size());
    std::vector<bool> is_same(tables.size());
    std::vector<float> expected;
    for (int round = 0; round <= options.number("rounds"); ++round) {
      for (size_t i = 0; i < tables.size(); ++i) {
        const double took = step.seconds(team, *tables[i]);
        if (i == 0) expected = step.output();
        is_same[i] = std::memcmp(expected.data(), step.output().data(), expected.size() * sizeof(float)) == 0;
        if (round == 0) continue;
        seconds[i].push_back(took);
        ratios[i].push_back(seconds[0].back() / took);
      }
    }
    for (size_t i = 0; i < tables.size(); ++i) {
      const double typical = median(seconds[i]);
      std::printf("%-24s %s cache, %d x context %d: %.2f ms a step, %.1f GB/s  %.3f x%s\n", options.words.empty() ? "" : options.words[i + 1].c_str(), dtype_name(options.dtype()),
                  options.number("sequences"), options.number("context"), typical * 1e3, step.gigabytes() / typical, median(ratios[i]), is_same[i] ? "" : "  OTHER BITS");
    }
    return 0;
  } catch (const Error& error) {
    std::fprintf(stderr, "%s: %s\n", error.code().c_str(), error.what());
    return 2;
  }
}
