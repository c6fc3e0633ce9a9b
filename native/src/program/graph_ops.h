// One op of graph.json: its fields, each with its range.
#pragma once

#include <map>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "program/graph.h"

namespace trtllm::program {

using PerLayerValues = std::map<std::string, std::vector<int64_t>, std::less<>>;

struct OpContext {
  int num_rope_tables = 0;
  int layer = -1;                             // -1 outside the layers: neither "{i}" nor "$name" means anything there
  const PerLayerValues* per_layer = nullptr;  // the arrays that "$name" stands for
};

// Throws Error{GRAPH_INVALID}, naming an op or a field that is not known.
Op parse_op(const nlohmann::json& value, const std::string& where, const OpContext& context);

}  // namespace trtllm::program
