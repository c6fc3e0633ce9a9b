#include "program/graph.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "base/json.h"
#include "program/tiny_graph.h"

namespace trtllm::program {
namespace {

using nlohmann::json;

std::string refusal(const json& document) {
  try {
    parse_graph(document.dump());
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), "GRAPH_INVALID");
    return error.what();
  }
  return "accepted";
}

TEST(Graph, LayersAreWrittenOutWithTheirOwnNamesAndValues) {
  json document = tiny_graph({});
  document["layers"]["per_layer"]["window"] = {0, 48};
  document["layers"]["body"][4]["window"] = "$window";
  const Graph graph = parse_graph(document.dump());
  std::vector<int> windows;
  std::vector<std::string> norms;
  for (const Op& op : graph.ops) {
    if (const auto* attention = std::get_if<Attention>(&op.kind)) windows.push_back(attention->window);
    if (const auto* norm = std::get_if<RmsNorm>(&op.kind)) norms.push_back(norm->weight);
  }
  EXPECT_EQ(windows, (std::vector<int>{0, 48}));
  EXPECT_EQ(norms, (std::vector<std::string>{"layers.0.attention_norm", "layers.0.mlp_norm", "layers.1.attention_norm", "layers.1.mlp_norm", "final_norm"}));
}

TEST(Graph, WhatItDoesNotKnowIsRefusedByName) {
  struct Case {
    const char* pointer;
    json value;
    const char* expected;
  };
  const Case cases[] = {
      {"/graph_version", 2, "graph_version: expected an integer from 1 to 1, found 2"},
      {"/dtype", "float16", "dtype: expected \"bfloat16\" or \"float32\", found \"float16\""},
      {"/vocab_size", 0, "vocab_size"},
      {"/colour", "red", "field \"colour\" is not known"},
      {"/layers/body/0/op", "layer_norm", "op \"layer_norm\" is not known"},
      {"/layers/body/0/colour", 1, "graph.json, layers, body[0], layer 0 (rms_norm): field \"colour\" is not known"},
      {"/layers/body/0/epsilon", "small", "epsilon: expected a number from 0 to 1, found \"small\""},
      {"/layers/body/1/epilogue", "gelu", "epilogue: expected store, add_residual or swiglu, found \"gelu\""},
      {"/layers/body/2/table", 1, "table: expected an integer from 0 to 0, found 1"},
      {"/layers/body/2/table", "$tables", "\"$tables\" names no array of layers.per_layer"},
      {"/layers/body/4/window", -1, "window: expected an integer from 0 to"},
      {"/layers/body/4/num_kv_heads", 3, "num_heads 4 is no multiple of num_kv_heads 3"},
      {"/layers/body/4/scale", nullptr, "scale: expected a number"},
      {"/layers/per_layer/window", json::array({1}), "window: expected one value a layer, 2, found 1"},
      {"/layers/count", 1e9, "count: expected an integer"},
      {"/prologue/0/weight", "layers.{i}.embedding", "{i} stands once, and only in layers.body"},
      {"/rope_tables/0/inv_freq", json::array({"x"}), "inv_freq: expected numbers"},
      {"/epilogue", json::object(), "epilogue: expected an array"},
  };
  for (const Case& test : cases) {
    json document = tiny_graph({});
    document[json::json_pointer(test.pointer)] = test.value;
    EXPECT_NE(refusal(document).find(test.expected), std::string::npos) << test.pointer << ": " << refusal(document);
  }
}

TEST(Graph, EveryFieldIsMissedByName) {
  for (const char* field : {"graph_version", "dtype", "vocab_size", "hidden_size", "max_position_embeddings", "rope_tables", "prologue", "layers", "epilogue"}) {
    json document = tiny_graph({});
    document.erase(field);
    EXPECT_NE(refusal(document).find("field \"" + std::string(field) + "\" is missing"), std::string::npos) << field;
  }
}

TEST(Graph, TextThatIsNoJsonIsRefused) {
  for (const char* text : {"", "{", "[]", "\xff", "null"}) EXPECT_THROW(parse_graph(text), Error) << text;
}

}  // namespace
}  // namespace trtllm::program
