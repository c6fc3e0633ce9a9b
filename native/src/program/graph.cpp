#include "program/graph.h"

#include "base/json_fields.h"
#include "program/graph_ops.h"

namespace trtllm::program {
namespace {

constexpr int kGraphVersion = 1;
constexpr int64_t kMaxVocab = 1 << 24, kMaxHidden = 1 << 20, kMaxPositions = 1 << 24, kMaxLayers = 4096;
constexpr size_t kMaxTables = 64, kMaxPairs = 512, kMaxBody = 256, kMaxPerLayer = 64;
constexpr int64_t kMaxPerLayerValue = 1 << 24;
constexpr double kMaxAttentionFactor = 1000;

const std::string kFile = "graph.json";

DType parse_dtype(JsonFields& fields) {
  const std::string name = fields.text("dtype", 64);
  if (name == "bfloat16") return DType::bfloat16;
  if (name == "float32") return DType::float32;
  fields.refuse("dtype: expected \"bfloat16\" or \"float32\", found \"" + name + "\"");
}

std::vector<RopeTableSpec> parse_rope_tables(JsonFields& graph) {
  std::vector<RopeTableSpec> tables;
  for (const nlohmann::json& value : graph.array("rope_tables", kMaxTables)) {
    JsonFields fields(value, kFile + ", rope_tables[" + std::to_string(tables.size()) + "]", "GRAPH_INVALID");
    RopeTableSpec table;
    for (const double frequency : fields.numbers("inv_freq", kMaxPairs, 0, 1e6)) table.inv_freq.push_back(static_cast<float>(frequency));
    if (table.inv_freq.empty()) fields.refuse("inv_freq: expected one number a pair, found none");
    table.attention_factor = static_cast<float>(fields.number("attention_factor", 0, kMaxAttentionFactor));
    fields.finish();
    tables.push_back(std::move(table));
  }
  return tables;
}

void append_ops(JsonFields& fields, const char* section, const OpContext& context, std::vector<Op>& ops) {
  size_t index = 0;
  for (const nlohmann::json& value : fields.array(section, kMaxBody)) {
    std::string where = fields.where() + ", " + section + "[" + std::to_string(index++) + "]";
    if (context.layer >= 0) where += ", layer " + std::to_string(context.layer);
    ops.push_back(parse_op(value, where, context));
  }
}

PerLayerValues parse_per_layer(JsonFields& layers, int count) {
  PerLayerValues values;
  const nlohmann::json& object = layers.object("per_layer");
  if (object.size() > kMaxPerLayer) layers.refuse("per_layer: expected at most " + std::to_string(kMaxPerLayer) + " arrays, found " + std::to_string(object.size()));
  JsonFields fields(object, layers.where() + ", per_layer", "GRAPH_INVALID");
  for (const auto& [name, unused] : object.items()) {
    std::vector<int64_t> array = fields.integers(name.c_str(), kMaxLayers, 0, kMaxPerLayerValue);
    if (array.size() != static_cast<size_t>(count))
      fields.refuse(name + ": expected one value a layer, " + std::to_string(count) + ", found " + std::to_string(array.size()));
    values.emplace(name, std::move(array));
  }
  fields.finish();
  return values;
}

void append_layers(JsonFields& graph, OpContext context, std::vector<Op>& ops) {
  JsonFields layers(graph.object("layers"), kFile + ", layers", "GRAPH_INVALID");
  const int count = static_cast<int>(layers.integer("count", 0, kMaxLayers));
  const PerLayerValues per_layer = parse_per_layer(layers, count);
  context.per_layer = &per_layer;
  layers.array("body", kMaxBody);
  layers.finish();
  for (context.layer = 0; context.layer < count; ++context.layer) append_ops(layers, "body", context, ops);
}

}  // namespace

Graph parse_graph(std::string_view json_text) {
  const nlohmann::json document = parse_json(json_text, kFile, "GRAPH_INVALID");
  JsonFields fields(document, kFile, "GRAPH_INVALID");
  fields.integer("graph_version", kGraphVersion, kGraphVersion);
  Graph graph;
  graph.dtype = parse_dtype(fields);
  graph.vocab_size = static_cast<int>(fields.integer("vocab_size", 1, kMaxVocab));
  graph.hidden_size = static_cast<int>(fields.integer("hidden_size", 1, kMaxHidden));
  graph.max_position_embeddings = static_cast<int>(fields.integer("max_position_embeddings", 1, kMaxPositions));
  graph.rope_tables = parse_rope_tables(fields);
  const OpContext context{.num_rope_tables = static_cast<int>(graph.rope_tables.size())};
  append_ops(fields, "prologue", context, graph.ops);
  append_layers(fields, context, graph.ops);
  append_ops(fields, "epilogue", context, graph.ops);
  fields.finish();
  return graph;
}

}  // namespace trtllm::program
