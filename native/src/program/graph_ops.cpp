#include "program/graph_ops.h"

#include <array>
#include <string_view>

#include "base/json_fields.h"

namespace trtllm::program {
namespace {

constexpr size_t kMaxName = 120;  // a section's name has 128 bytes, the layer's index included
constexpr int kMaxHeads = 8192, kMaxHeadDim = 1024, kMaxWindow = 1 << 24;
constexpr double kMaxEpsilon = 1, kMaxScale = 1000;

// The field as a name; in a layer's op "{i}" becomes the layer's index.
std::string weight_name(JsonFields& op, const char* field, const OpContext& context) {
  std::string name = op.text(field, kMaxName);
  const size_t place = name.find("{i}");
  if (place != std::string::npos && context.layer >= 0) name.replace(place, 3, std::to_string(context.layer));
  if (name.empty() || name.find_first_of("{}") != std::string::npos)
    op.refuse(std::string(field) + ": \"" + name + "\" is no weight's name; {i} stands once, and only in layers.body");
  return name;
}

std::string optional_weight_name(JsonFields& op, const char* field, const OpContext& context) {
  return op.has(field) ? weight_name(op, field, context) : "";
}

std::string buffer_name(JsonFields& op, const char* field) {
  std::string name = op.text(field, kMaxName);
  if (name.empty()) op.refuse(std::string(field) + ": expected a buffer's name, found \"\"");
  return name;
}

// A number, or "$name": this layer's value of that array.
int per_layer(JsonFields& op, const char* field, const OpContext& context, int max) {
  if (!op.any(field).is_string()) return static_cast<int>(op.integer(field, 0, max));
  const std::string name = op.text(field, kMaxName);
  if (context.layer < 0) op.refuse(std::string(field) + ": \"" + name + "\" has a meaning only in layers.body");
  const auto values = name.starts_with('$') ? context.per_layer->find(name.substr(1)) : context.per_layer->end();
  if (values == context.per_layer->end()) op.refuse(std::string(field) + ": \"" + name + "\" names no array of layers.per_layer");
  const int64_t value = values->second[context.layer];
  if (value > max) op.refuse(std::string(field) + ": expected at most " + std::to_string(max) + ", found " + std::to_string(value) + " in " + name);
  return static_cast<int>(value);
}

float epsilon(JsonFields& op) { return static_cast<float>(op.number("epsilon", 0, kMaxEpsilon)); }

HeadRange head_range(JsonFields& op) {
  return {.buffer = buffer_name(op, "buffer"),
          .first_head = static_cast<int>(op.integer("first_head", 0, kMaxHeads)),
          .num_heads = static_cast<int>(op.integer("num_heads", 1, kMaxHeads)),
          .head_dim = static_cast<int>(op.integer("head_dim", 1, kMaxHeadDim))};
}

ops::Epilogue epilogue(JsonFields& op) {
  const std::string name = op.text("epilogue", kMaxName);
  if (name == "store") return ops::Epilogue::store;
  if (name == "add_residual") return ops::Epilogue::add_residual;
  if (name == "swiglu") return ops::Epilogue::swiglu;
  op.refuse("epilogue: expected store, add_residual or swiglu, found \"" + name + "\"");
}

using Kind = decltype(Op::kind);

Kind parse_embed(JsonFields& op, const OpContext& context) {
  return Embed{.weight = weight_name(op, "weight", context), .output = buffer_name(op, "output")};
}

Kind parse_rms_norm(JsonFields& op, const OpContext& context) {
  return RmsNorm{.input = buffer_name(op, "input"),
                 .weight = weight_name(op, "weight", context),
                 .epsilon = epsilon(op),
                 .output = buffer_name(op, "output")};
}

Kind parse_quantize(JsonFields& op, const OpContext&) {
  return Quantize{.input = buffer_name(op, "input"), .output = buffer_name(op, "output")};
}

Kind parse_linear(JsonFields& op, const OpContext& context) {
  return Linear{.input = buffer_name(op, "input"),
                .weight = weight_name(op, "weight", context),
                .bias = optional_weight_name(op, "bias", context),
                .epilogue = epilogue(op),
                .output = buffer_name(op, "output")};
}

Kind parse_head_norm(JsonFields& op, const OpContext& context) {
  return HeadNorm{.heads = head_range(op), .weight = weight_name(op, "weight", context), .epsilon = epsilon(op)};
}

Kind parse_rope(JsonFields& op, const OpContext& context) {
  Rope rope{.heads = head_range(op)};
  if (context.num_rope_tables == 0) op.refuse("rope_tables is empty: there is no table to rotate by");
  rope.table = per_layer(op, "table", context, context.num_rope_tables - 1);
  return rope;
}

Kind parse_attention(JsonFields& op, const OpContext& context) {
  Attention attention{.qkv = buffer_name(op, "qkv"),
                      .num_heads = static_cast<int>(op.integer("num_heads", 1, kMaxHeads)),
                      .num_kv_heads = static_cast<int>(op.integer("num_kv_heads", 1, kMaxHeads)),
                      .head_dim = static_cast<int>(op.integer("head_dim", 1, kMaxHeadDim)),
                      .scale = static_cast<float>(op.number("scale", 0, kMaxScale)),
                      .window = per_layer(op, "window", context, kMaxWindow),
                      .output = buffer_name(op, "output")};
  if (attention.num_heads % attention.num_kv_heads != 0)
    op.refuse("num_heads " + std::to_string(attention.num_heads) + " is no multiple of num_kv_heads " + std::to_string(attention.num_kv_heads));
  return attention;
}

Kind parse_select_rows(JsonFields& op, const OpContext&) {
  return SelectRows{.input = buffer_name(op, "input"), .output = buffer_name(op, "output")};
}

Kind parse_lm_head(JsonFields& op, const OpContext& context) {
  return LmHead{.input = buffer_name(op, "input"),
                .weight = weight_name(op, "weight", context),
                .bias = optional_weight_name(op, "bias", context)};
}

struct OpParser {
  std::string_view name;
  Kind (*parse)(JsonFields&, const OpContext&);
};

constexpr std::array<OpParser, 9> kOpParsers{{{"embed", parse_embed},
                                              {"rms_norm", parse_rms_norm},
                                              {"quantize", parse_quantize},
                                              {"linear", parse_linear},
                                              {"head_norm", parse_head_norm},
                                              {"rope", parse_rope},
                                              {"attention", parse_attention},
                                              {"select_rows", parse_select_rows},
                                              {"lm_head", parse_lm_head}}};

}  // namespace

Op parse_op(const nlohmann::json& value, const std::string& where, const OpContext& context) {
  JsonFields op(value, where, "GRAPH_INVALID");
  const std::string name = op.text("op", kMaxName);
  for (const OpParser& parser : kOpParsers) {
    if (parser.name != name) continue;
    JsonFields named(value, where + " (" + name + ")", "GRAPH_INVALID");
    named.any("op");
    Op parsed{.where = named.where(), .kind = parser.parse(named, context)};
    named.finish();
    return parsed;
  }
  op.refuse("op \"" + name + "\" is not known to this worker; use the trtllm that built the engine");
}

}  // namespace trtllm::program
