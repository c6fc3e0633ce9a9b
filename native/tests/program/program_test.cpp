#include "program/program.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "program/rope_table.h"
#include "program/tiny_engine.h"

namespace trtllm::program {
namespace {

using nlohmann::json;

struct Refusal {
  std::string code, message;
};

Refusal refusal(const TinyEngine& engine, const json& graph) {
  const engine_file::EngineReader reader(engine.directory(), 0);
  try {
    bind_program(parse_graph(graph.dump()), WeightSource(reader));
  } catch (const Error& error) {
    return {error.code(), error.what()};
  }
  return {"", "accepted"};
}

TEST(Program, RowOpsThatFollowEachOtherShareOneBarrier) {
  const TinyShape shape{.has_qk_norm = true};
  const TinyEngine engine(shape);
  const engine_file::EngineReader reader(engine.directory(), 0);
  const Program program = bind_program(parse_graph(tiny_graph(shape).dump()), WeightSource(reader));
  std::string kinds;
  for (const Phase& phase : program.phases) {
    kinds += std::holds_alternative<RowPhase>(phase) ? 'r' : std::holds_alternative<LinearPhase>(phase) ? 'L' : 'A';
    if (const auto* rows = std::get_if<RowPhase>(&phase)) kinds += std::to_string(rows->ops.size());
    kinds += ' ';
  }
  // embed+norm, qkv, 2 norms + 2 ropes + kv_write, attend, output, norm, gate_up, down, ...; select+norm, lm_head
  EXPECT_EQ(kinds, "r2 L r5 A L r1 L L r1 L r5 A L r1 L L r2 L ");
}

TEST(Program, KvBlocksHoldAllLayers) {
  const TinyShape shape;
  const TinyEngine engine(shape);
  const engine_file::EngineReader reader(engine.directory(), 0);
  const Program program = bind_program(parse_graph(tiny_graph(shape).dump()), WeightSource(reader));
  // 2 layers x (K, V) x 2 heads x 32 tokens x 32 padded dims x 2 bytes
  EXPECT_EQ(program.block_bytes, 2 * 2 * 2 * 32 * 32 * 2);
}

TEST(Program, AnInt8CacheHasAScaleForEachTokenAndOtherDtypesThanTheEnginesAreRefused) {
  const TinyShape shape;
  const TinyEngine engine(shape);
  const engine_file::EngineReader reader(engine.directory(), 0);
  const Graph graph = parse_graph(tiny_graph(shape).dump());
  // A byte a value, and 32 floats a head's page.
  EXPECT_EQ(bind_program(graph, WeightSource(reader), DType::int8).block_bytes, 2 * 2 * 2 * (32 * 32 + 32 * 4));
  EXPECT_EQ(bind_program(graph, WeightSource(reader), DType::bfloat16).block_bytes, 2 * 2 * 2 * 32 * 32 * 2);
  try {
    bind_program(graph, WeightSource(reader), DType::float32);
    FAIL() << "accepted";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), "BAD_FLAG");
    EXPECT_STREQ(error.what(), "kv_cache_dtype: expected int8 or bfloat16, which this engine computes in, found float32");
  }
}

TEST(Program, AWeightThatDoesNotFitItsOpIsRefusedWithBothShapes) {
  const TinyEngine engine({});
  json graph = tiny_graph({});
  graph["hidden_size"] = 64;
  Refusal found = refusal(engine, graph);
  EXPECT_EQ(found.code, "ENGINE_TENSOR_MISMATCH");
  EXPECT_NE(found.message.find("expected tile16 bfloat16 [101, 64], found tile16 bfloat16 [101, 48]; rebuild the engine"), std::string::npos) << found.message;

  graph = tiny_graph({.dtype = "float32"});
  found = refusal(engine, graph);
  EXPECT_NE(found.message.find("expected tile16 float32 [101, 48], found tile16 bfloat16 [101, 48]"), std::string::npos) << found.message;

  graph = tiny_graph({});
  graph["layers"]["body"][1]["weight"] = "layers.{i}.attention.kqv";
  found = refusal(engine, graph);
  EXPECT_NE(found.message.find("layers.0.attention.kqv"), std::string::npos) << found.message;
  EXPECT_NE(found.message.find("found no such section"), std::string::npos) << found.message;
}

TEST(Program, OpsThatDoNotFitEachOtherAreRefused) {
  const TinyEngine engine({});
  struct Case {
    const char* pointer;
    json value;
    const char* expected;
  };
  const Case cases[] = {
      {"/layers/body/0/input", "y", "buffer y is read before any op has written it"},
      {"/layers/body/1/input", "x", "expected activations or int8 rows in buffer x, found float32"},
      {"/layers/body/2/first_head", 7, "heads end at column 176, qkv has 128"},
      {"/layers/body/4/num_heads", 2, "qkv: expected 96 columns in qkv, found 128"},
      {"/layers/body/4/output", "normed", "buffer normed holds activations of 48 columns, all rows, this op writes activations of 64 columns"},
      {"/layers/body/8/input", "normed", "expected 48 inputs, as normed is wide, found 72"},
      {"/epilogue/1/input", "x", "this op writes"},
      {"/epilogue/2/input", "normed", "select_rows must come before"},
      {"/rope_tables/0/inv_freq", std::vector<double>(9, 1.0), "rotates 18 dims, the heads have 16"},
  };
  for (const Case& test : cases) {
    json graph = tiny_graph({});
    if (std::string(test.pointer) == "/epilogue/1/input") graph["epilogue"][1]["output"] = "selected";
    graph[json::json_pointer(test.pointer)] = test.value;
    const Refusal found = refusal(engine, graph);
    EXPECT_NE(found.message.find(test.expected), std::string::npos) << test.pointer << ": " << found.message;
  }
  json graph = tiny_graph({});
  graph["epilogue"].erase(2);
  EXPECT_NE(refusal(engine, graph).message.find("logits would never be computed"), std::string::npos);
}

TEST(Program, WeightsAndInputsThatDoNotGoTogetherAreRefused) {
  const auto message = [](const char* weights, const char* graph) {
    const TinyEngine engine({.qformat = weights});
    return refusal(engine, tiny_graph({.qformat = graph})).message;
  };
  EXPECT_NE(message("int4_wo", "w4a8").find("attention.qkv: its quantization does not go with int8 rows as input"), std::string::npos) << message("int4_wo", "w4a8");
  EXPECT_NE(message("w4a8", "int4_wo").find("its quantization does not go with activations as input"), std::string::npos) << message("w4a8", "int4_wo");
  EXPECT_NE(message("", "int8_dyn").find("its quantization does not go with int8 rows as input"), std::string::npos) << message("", "int8_dyn");
  json graph = tiny_graph({.dtype = "float32", .qformat = "w4a8"});
  EXPECT_NE(refusal(TinyEngine({.dtype = "float32"}), graph).message.find("float32 arithmetic has no int8 rows"), std::string::npos);
  graph = tiny_graph({.qformat = "w4a8"});
  graph["layers"]["body"][1]["input"] = "x";
  EXPECT_NE(refusal(TinyEngine({.qformat = "w4a8"}), graph).message.find("expected activations in buffer x"), std::string::npos);
}

TEST(RopeTable, TheAngleIsRoundedToFloat32AndTheAttentionFactorMultipliedIn) {
  const float inv_freq = 0.31622776f;
  const RopeTable table = make_rope_table({.inv_freq = {1.0f, inv_freq}, .attention_factor = 0.5f}, 3000);
  EXPECT_EQ(table.rotary_dim, 4);
  EXPECT_EQ(table.cos[0], 0.5f);
  EXPECT_EQ(table.sin[0], 0.0f);
  const float angle = 2999.0f * inv_freq;
  EXPECT_EQ(table.cos[2 * 2999 + 1], static_cast<float>(std::cos(static_cast<double>(angle))) * 0.5f);
  EXPECT_EQ(table.sin[2 * 2999 + 1], static_cast<float>(std::sin(static_cast<double>(angle))) * 0.5f);
}

}  // namespace
}  // namespace trtllm::program
