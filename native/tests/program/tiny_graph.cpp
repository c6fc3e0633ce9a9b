#include "program/tiny_graph.h"

#include <cmath>

namespace trtllm::program {

nlohmann::json tiny_graph(const TinyShape& shape) {
  using nlohmann::json;
  json inv_freq = json::array();
  for (int i = 0; i < shape.head_dim / 2; ++i) inv_freq.push_back(std::pow(10000.0, -2.0 * i / shape.head_dim));
  const auto linear = [&](const std::string& weight, const char* input, const char* epilogue, const char* output) {
    json op{{"op", "linear"}, {"input", input}, {"weight", weight}, {"epilogue", epilogue}, {"output", output}};
    if (shape.has_bias) op["bias"] = weight + ".bias";
    return op;
  };
  // A linear reads int8 rows of its input where the format says so.
  const auto with_codes = [&](const json& ops) {
    json all = json::array();
    for (json op : ops) {
      if (shape.has_codes() && (op["op"] == "linear" || op["op"] == "lm_head")) {
        const std::string codes = op["input"].get<std::string>() + "_codes";
        all.push_back({{"op", "quantize"}, {"input", op["input"]}, {"output", codes}});
        op["input"] = codes;
      }
      all.push_back(op);
    }
    return all;
  };
  const auto heads = [&](const char* op, int first, int count) {
    return json{{"op", op}, {"buffer", "qkv"}, {"first_head", first}, {"num_heads", count}, {"head_dim", shape.head_dim}};
  };
  const auto norm = [](const char* weight, const char* input, const char* output) {
    return json{{"op", "rms_norm"}, {"input", input}, {"weight", weight}, {"epsilon", 1e-5}, {"output", output}};
  };
  json body = json::array();
  body.push_back(norm("layers.{i}.attention_norm", "x", "normed"));
  body.push_back(linear("layers.{i}.attention.qkv", "normed", "store", "qkv"));
  if (shape.has_qk_norm) {
    for (const auto& [name, first, count] : {std::tuple{"q_norm", 0, shape.num_heads}, std::tuple{"k_norm", shape.num_heads, shape.num_kv_heads}}) {
      json op = heads("head_norm", first, count);
      op["weight"] = std::string("layers.{i}.attention.") + name;
      op["epsilon"] = 1e-5;
      body.push_back(op);
    }
  }
  for (const auto& [first, count] : {std::pair{0, shape.num_heads}, std::pair{shape.num_heads, shape.num_kv_heads}}) {
    json op = heads("rope", first, count);
    op["table"] = 0;
    body.push_back(op);
  }
  body.push_back({{"op", "attention"}, {"qkv", "qkv"}, {"num_heads", shape.num_heads}, {"num_kv_heads", shape.num_kv_heads},
                  {"head_dim", shape.head_dim}, {"scale", 1 / std::sqrt(shape.head_dim)}, {"window", "$window"}, {"output", "attended"}});
  body.push_back(linear("layers.{i}.attention.output", "attended", "add_residual", "x"));
  body.push_back(norm("layers.{i}.mlp_norm", "x", "normed"));
  body.push_back(linear("layers.{i}.mlp.gate_up", "normed", "swiglu", "gated"));
  body.push_back(linear("layers.{i}.mlp.down", "gated", "add_residual", "x"));
  std::vector<int> windows(static_cast<size_t>(shape.num_layers), 0);
  windows.back() = shape.window;
  return {{"graph_version", 1},
          {"dtype", shape.dtype},
          {"vocab_size", shape.vocab_size},
          {"hidden_size", shape.hidden_size},
          {"max_position_embeddings", shape.max_positions},
          {"rope_tables", {{{"inv_freq", inv_freq}, {"attention_factor", 1.0}}}},
          {"prologue", {{{"op", "embed"}, {"weight", "embedding"}, {"output", "x"}}}},
          {"layers", {{"count", shape.num_layers}, {"body", with_codes(body)}, {"per_layer", {{"window", windows}}}}},
          {"epilogue",
           with_codes({{{"op", "select_rows"}, {"input", "x"}, {"output", "selected"}},
                       norm("final_norm", "selected", "head_input"),
                       {{"op", "lm_head"}, {"input", "head_input"}, {"weight", shape.is_tied ? "embedding" : "lm_head"}}})}};
}

}  // namespace trtllm::program
