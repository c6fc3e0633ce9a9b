// graph.json as the program wants it: one flat list of ops, layers written out, every field checked. The document's shape
// is packages/protocol/src/graph.ts; the ops' meaning is said there.
#pragma once

#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/types.h"
#include "ops/kernels.h"

namespace trtllm::program {

struct RopeTableSpec {
  std::vector<float> inv_freq;  // [rotary_dim / 2]
  float attention_factor = 1;
};

// Columns [first_head * head_dim, (first_head + num_heads) * head_dim) of a buffer.
struct HeadRange {
  std::string buffer;
  int first_head = 0, num_heads = 0, head_dim = 0;
};

struct Embed {
  std::string weight, output;
};
struct RmsNorm {
  std::string input, weight;
  float epsilon = 0;
  std::string output;
};
struct Quantize {
  std::string input, output;
};
struct Linear {
  std::string input, weight, bias;  // bias: empty without one
  ops::Epilogue epilogue = ops::Epilogue::store;
  std::string output;
};
struct HeadNorm {
  HeadRange heads;
  std::string weight;
  float epsilon = 0;
};
struct Rope {
  HeadRange heads;
  int table = 0;
};
struct Attention {
  std::string qkv;
  int num_heads = 0, num_kv_heads = 0, head_dim = 0;
  float scale = 0;
  int window = 0;
  std::string output;
};
struct SelectRows {
  std::string input, output;
};
struct LmHead {
  std::string input, weight, bias;
};

struct Op {
  std::string where;  // in graph.json, for messages: "layers.body[3], layer 2"
  std::variant<Embed, RmsNorm, Quantize, Linear, HeadNorm, Rope, Attention, SelectRows, LmHead> kind;
};

struct Graph {
  DType dtype = DType::bfloat16;  // bfloat16 or float32
  int vocab_size = 0, hidden_size = 0, max_position_embeddings = 0;
  std::vector<RopeTableSpec> rope_tables;
  std::vector<Op> ops;
};

// Throws Error{GRAPH_INVALID}.
Graph parse_graph(std::string_view json_text);

}  // namespace trtllm::program
