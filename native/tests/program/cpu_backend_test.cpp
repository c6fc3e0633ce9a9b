#include "program/cpu_backend.h"

#include <gtest/gtest.h>

#include <numeric>

#include "base/error.h"
#include "program/tiny_engine.h"

namespace trtllm::program {
namespace {

std::unique_ptr<CpuBackend> open_backend(const TinyEngine& engine, ops::Isa isa, int num_threads, const TimingCache& timings = {}) {
  auto reader = std::make_unique<engine_file::EngineReader>(engine.directory(), 0);
  const Graph graph = parse_graph(reader->graph_text());
  auto backend = std::make_unique<CpuBackend>(std::move(reader), graph, CpuBackendOptions{.isa = isa, .num_threads = num_threads, .timings = timings});
  backend->allocate_kv(32);
  backend->reserve(256, 8, 256);
  return backend;
}

std::vector<int32_t> some_tokens(int count, int first) {
  std::vector<int32_t> tokens(static_cast<size_t>(count));
  for (int i = 0; i < count; ++i) tokens[i] = (first + 37 * i + i * i) % 101;
  return tokens;
}

// A sequence that is fed piece by piece; block b of sequence s is 16 - b + 16 * s: not ascending, not shared.
struct Sequence {
  int index = 0;
  std::vector<int32_t> tokens;
  int done = 0;
};

void append_rows(StepPlan& plan, Sequence& sequence, int rows) {
  const auto block = [&](int position) { return 15 - position / kBlockTokens + 16 * sequence.index; };
  const int index = plan.num_sequences();
  plan.sequence_first_row.push_back(plan.num_rows());
  plan.sequence_num_rows.push_back(rows);
  plan.sequence_kv_length.push_back(sequence.done + rows);
  plan.sequence_block_offset.push_back(static_cast<int32_t>(plan.blocks.size()));
  for (int position = 0; position < sequence.done + rows; position += kBlockTokens) plan.blocks.push_back(block(position));
  for (int i = 0; i < rows; ++i) {
    const int position = sequence.done + i;
    plan.logit_rows.push_back(plan.num_rows());
    plan.row_token.push_back(sequence.tokens[position]);
    plan.row_position.push_back(position);
    plan.row_sequence.push_back(index);
    plan.row_slot.push_back(block(position) * kBlockTokens + position % kBlockTokens);
  }
  sequence.done += rows;
}

std::vector<float> run(CpuBackend& backend, const StepPlan& plan) {
  backend.enqueue(plan);
  const std::span<const float> logits = backend.wait();
  return {logits.begin(), logits.end()};
}

// Logits of every token, fed in pieces.
std::vector<float> logits_in_pieces(CpuBackend& backend, Sequence sequence, const std::vector<int>& pieces) {
  std::vector<float> all;
  for (const int rows : pieces) {
    StepPlan plan;
    append_rows(plan, sequence, rows);
    const std::vector<float> logits = run(backend, plan);
    all.insert(all.end(), logits.begin(), logits.end());
  }
  return all;
}

std::vector<ops::Isa> isas() {
  std::vector<ops::Isa> all = ops::available_isas();
  if (ops::isa_available(ops::Isa::amx_emulated)) all.push_back(ops::Isa::amx_emulated);
  return all;
}

const TinyShape kShapes[] = {
    {.dtype = "bfloat16", .window = 40},
    {.dtype = "float32", .head_dim = 24, .has_qk_norm = true, .has_bias = true, .is_tied = false},
    {.dtype = "bfloat16", .hidden_size = 64, .intermediate_size = 112, .head_dim = 8, .has_bias = true},
    {.dtype = "bfloat16", .hidden_size = 64, .intermediate_size = 128, .has_qk_norm = true, .qformat = "w4a8"},  // buffers share bytes
};

TEST(CpuBackend, PiecesThreadsAndNeighboursChangeNoBit) {
  for (const TinyShape& shape : kShapes) {
    const TinyEngine engine(shape);
    for (const ops::Isa isa : isas()) {
      SCOPED_TRACE(std::string(ops::isa_name(isa)) + " " + shape.dtype);
      const Sequence sequence{.index = 0, .tokens = some_tokens(100, 5)};
      const std::vector<float> expected = logits_in_pieces(*open_backend(engine, isa, 1), sequence, {100});
      for (int num_threads = 1; num_threads <= 3; ++num_threads) {
        const auto backend = open_backend(engine, isa, num_threads);
        EXPECT_EQ(logits_in_pieces(*backend, sequence, {33, 1, 1, 17, 48}), expected) << num_threads;
      }
      const auto backend = open_backend(engine, isa, 2);
      Sequence first = sequence, second{.index = 1, .tokens = some_tokens(70, 50)};
      StepPlan plan;
      append_rows(plan, second, 70);
      append_rows(plan, first, 100);
      const std::vector<float> both = run(*backend, plan);
      EXPECT_EQ(std::vector<float>(both.begin() + 70 * shape.vocab_size, both.end()), expected);
    }
  }
}

// The same tactic for every linear at every number of rows.
TimingCache everywhere(const Tactic& tactic, const TinyEngine& engine, const TimingPlace& place) {
  const engine_file::EngineReader reader(engine.directory(), 0);
  const Program program = bind_program(parse_graph(reader.graph_text()), WeightSource(reader));
  TimingCache cache;
  for (const Phase& phase : program.phases) {
    const auto* linear = std::get_if<LinearPhase>(&phase);
    for (int bucket = 0; linear != nullptr && bucket < kRowBuckets; ++bucket) cache.put(tactic_key(place, *linear, bucket), {tactic});
  }
  return cache;
}

TEST(CpuBackend, TacticsChangeNoBit) {
  const Tactic tactics[] = {{.grain = 2}, {.grain = 64}, {.reading = {.one_row_streams = 1, .ahead_bytes = 8192}}, {.reading = {.one_row_streams = 4, .ahead_bytes = 64}}};
  for (const TinyShape& shape : kShapes) {
    const TinyEngine engine(shape);
    for (const ops::Isa isa : isas()) {
      SCOPED_TRACE(std::string(ops::isa_name(isa)) + " " + shape.dtype);
      const Sequence sequence{.index = 0, .tokens = some_tokens(100, 5)};
      const std::vector<int> pieces{1, 1, 17, 81};
      const std::vector<float> expected = logits_in_pieces(*open_backend(engine, isa, 2), sequence, pieces);
      for (const Tactic& tactic : tactics) {
        const TimingCache timings = everywhere(tactic, engine, {.isa = isa, .threads = 2});
        EXPECT_EQ(logits_in_pieces(*open_backend(engine, isa, 2, timings), sequence, pieces), expected) << describe(tactic);
      }
    }
  }
}

TEST(CpuBackend, TheLaneClassesAgreeBitForBit) {
  for (const TinyShape& shape : kShapes) {
    const TinyEngine engine(shape);
    const Sequence sequence{.index = 0, .tokens = some_tokens(60, 9)};
    const std::vector<float> expected = logits_in_pieces(*open_backend(engine, ops::Isa::scalar, 1), sequence, {60});
    for (const ops::Isa isa : {ops::Isa::avx2, ops::Isa::avx512}) {
      if (!ops::isa_available(isa)) continue;
      EXPECT_EQ(logits_in_pieces(*open_backend(engine, isa, 2), sequence, {60}), expected) << ops::isa_name(isa);
    }
  }
}

TEST(CpuBackend, ACopiedBlockServesAsItsOriginal) {
  const TinyEngine engine({});
  const auto backend = open_backend(engine, ops::best_isa(), 1);
  Sequence original{.index = 0, .tokens = some_tokens(40, 3)}, copy = original;
  StepPlan first;
  append_rows(first, original, 32);
  run(*backend, first);
  StepPlan expected_plan;
  append_rows(expected_plan, original, 8);
  const std::vector<float> expected = run(*backend, expected_plan);
  copy.index = 1;
  copy.done = 32;
  StepPlan copied_plan;
  append_rows(copied_plan, copy, 8);
  copied_plan.copies = {{.source_block = 15, .target_block = 31}};
  EXPECT_EQ(run(*backend, copied_plan), expected);
}

TEST(CpuBackend, AStepThatWantsNoLogitsGivesNone) {
  const TinyEngine engine({});
  const auto backend = open_backend(engine, ops::best_isa(), 2);
  Sequence sequence{.index = 0, .tokens = some_tokens(20, 3)};
  StepPlan plan;
  append_rows(plan, sequence, 20);
  plan.logit_rows.clear();
  EXPECT_TRUE(run(*backend, plan).empty());
}

TEST(CpuBackend, AClassTheMachineLacksIsRefusedByName) {
  const TinyEngine engine({});
  if (ops::isa_available(ops::Isa::amx)) GTEST_SKIP() << "this machine has every class";
  try {
    open_backend(engine, ops::Isa::amx, 1);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), "ISA_UNAVAILABLE");
    EXPECT_NE(std::string(error.what()).find("scalar"), std::string::npos) << error.what();
  }
}

}  // namespace
}  // namespace trtllm::program
