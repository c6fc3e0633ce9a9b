// graph.json of a decoder of a few thousand weights, with the ops that the families use.
#pragma once

#include <string>

#include "base/json.h"

namespace trtllm::program {

struct TinyShape {
  std::string dtype = "bfloat16";
  int vocab_size = 101;  // no multiple of 16: padding is part of what is tested
  int hidden_size = 48;
  int intermediate_size = 72;
  int num_layers = 2;
  int num_heads = 4, num_kv_heads = 2, head_dim = 16;
  int max_positions = 256;
  int max_batch_size = 8, max_num_tokens = 64;
  int window = 0;        // of the last layer
  bool has_qk_norm = false, has_bias = false, is_tied = true;
  std::string qformat = "";  // as trtllm build has it; the embedding and the head too
  bool has_codes() const { return qformat == "int8_dyn" || qformat == "w4a8"; }  // linears take int8 rows
};

nlohmann::json tiny_graph(const TinyShape& shape);

}  // namespace trtllm::program
