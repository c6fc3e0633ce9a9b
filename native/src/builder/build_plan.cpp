#include "builder/build_plan.h"

#include "base/error.h"
#include "base/json_fields.h"

namespace trtllm::builder {
namespace {

constexpr char kCode[] = "PLAN_INVALID";
constexpr int64_t kMaxSide = int64_t{1} << 30;
constexpr int64_t kMaxBytes = int64_t{1} << 52;

template <class T>
T one_of(JsonFields& fields, const char* name, std::initializer_list<std::pair<const char*, T>> known) {
  const std::string text = fields.text(name, 64);
  std::string names;
  for (const auto& [word, value] : known) {
    if (text == word) return value;
    names += names.empty() ? word : std::string(", ") + word;
  }
  fields.refuse(std::string(name) + ": expected one of " + names + ", found \"" + text + "\"");
}

Part parse_part(const nlohmann::json& json, const std::string& where, const BuildPlan& plan) {
  JsonFields fields(json, where, kCode);
  Part part;
  part.source = static_cast<int>(fields.integer("source", 0, static_cast<int64_t>(plan.sources.size()) - 1));
  part.tensor = fields.text("tensor", 1024);
  part.dtype = one_of<SourceDtype>(fields, "dtype", {{"BF16", SourceDtype::bf16}, {"F16", SourceDtype::f16}, {"F32", SourceDtype::f32}});
  const std::vector<int64_t> shape = fields.integers("shape", 2, 1, kMaxSide);
  if (shape.empty()) fields.refuse("shape: expected one or two dims");
  part.rows = shape[0];
  part.k = shape.size() == 2 ? shape[1] : 1;
  part.offset = fields.integer("offset", 0, kMaxBytes);
  const std::vector<int64_t> rows = fields.integers("rows", 2, 0, part.rows);
  if (rows.size() != 2 || rows[0] >= rows[1]) fields.refuse("rows: expected [begin, end) with begin < end");
  part.row_begin = rows[0];
  part.row_end = rows[1];
  fields.finish();
  // rows and k are at most 2^30: the product times 4 fits.
  const uint64_t bytes = static_cast<uint64_t>(part.rows) * static_cast<uint64_t>(part.k) * static_cast<uint64_t>(source_bytes(part.dtype));
  if (bytes > static_cast<uint64_t>(plan.sources[part.source].bytes - std::min(part.offset, plan.sources[part.source].bytes)))
    fields.refuse("tensor " + part.tensor + " ends beyond its source file");
  return part;
}

Synthetic parse_synthetic(const nlohmann::json& json, const std::string& where) {
  JsonFields fields(json, where, kCode);
  Synthetic synthetic;
  synthetic.seed = static_cast<uint64_t>(fields.integer("seed", 0, INT64_MAX));
  synthetic.distribution = one_of<Distribution>(fields, "distribution", {{"normal", Distribution::normal}, {"constant", Distribution::constant}});
  synthetic.value = fields.number("value", -1e6, 1e6);
  fields.finish();
  return synthetic;
}

// Which layout and type each side of a scheme has.
bool fits(const Quantize& quantize, engine_file::Layout layout, DType dtype) {
  using engine_file::Layout;
  switch (quantize.output) {
    case Output::codes: return layout == Layout::tile16 && dtype == (quantize.scheme == Scheme::int8 ? DType::int8 : DType::int4);
    case Output::scale: return layout == Layout::vector && dtype == DType::float32 && quantize.scheme != Scheme::int4_group;
    case Output::group_scale: return layout == Layout::group16 && dtype == DType::float32 && quantize.scheme == Scheme::int4_group;
    case Output::multiplier: return layout == Layout::group16 && dtype == DType::int8 && quantize.scheme == Scheme::int4_two_level;
  }
  return false;
}

Quantize parse_quantize(const nlohmann::json& json, const std::string& where, const Entry& entry) {
  JsonFields fields(json, where, kCode);
  Quantize quantize;
  quantize.of = fields.text("of", 127);
  quantize.scheme = one_of<Scheme>(fields, "scheme", {{"int8", Scheme::int8}, {"int4_group", Scheme::int4_group}, {"int4_two_level", Scheme::int4_two_level}});
  quantize.group_size = static_cast<int>(fields.integer("group_size", 0, 128));
  const int size = quantize.group_size;
  if (quantize.scheme == Scheme::int8 ? size != 0 : size != 32 && size != 64 && size != 128)
    fields.refuse("group_size: expected 0 for int8, otherwise 32, 64 or 128, found " + std::to_string(size));
  quantize.output = one_of<Output>(fields, "output", {{"codes", Output::codes}, {"scale", Output::scale}, {"group_scale", Output::group_scale}, {"multiplier", Output::multiplier}});
  if (!fits(quantize, entry.layout, entry.dtype)) fields.refuse("output: its layout and dtype are not those of this side of the scheme");
  fields.finish();
  return quantize;
}

// Rows that the parts give, padding between them included.
int64_t arranged_rows(const Entry& entry) {
  int64_t rows = 0;
  for (const Part& part : entry.parts) rows += entry.arrange == Arrange::interleave16 ? round_up(part.num_rows(), kTileColumns) : part.num_rows();
  return rows;
}

void check_parts(const Entry& entry, JsonFields& fields) {
  for (const Part& part : entry.parts) {
    if (part.k != entry.k) fields.refuse("part " + part.tensor + ": rows of " + std::to_string(part.k) + " values, the entry has " + std::to_string(entry.k));
  }
  if (arranged_rows(entry) != entry.n) fields.refuse("its parts give " + std::to_string(arranged_rows(entry)) + " rows, shape says " + std::to_string(entry.n));
  if (entry.arrange == Arrange::interleave16 && (entry.parts.size() != 2 || entry.parts[0].num_rows() != entry.parts[1].num_rows()))
    fields.refuse("interleave16 wants two parts of as many rows");
}

Entry parse_entry(const nlohmann::json& json, const std::string& where, const BuildPlan& plan) {
  JsonFields fields(json, where, kCode);
  Entry entry;
  entry.name = fields.text("name", 127);
  entry.layout = one_of<engine_file::Layout>(fields, "layout", {{"vector", engine_file::Layout::vector}, {"tile16", engine_file::Layout::tile16}, {"group16", engine_file::Layout::group16}});
  entry.dtype = one_of<DType>(fields, "dtype", {{"bfloat16", DType::bfloat16}, {"float32", DType::float32}, {"int8", DType::int8}, {"int4", DType::int4}});
  if (fields.has("quantize")) entry.quantize = parse_quantize(fields.object("quantize"), where + ", quantize", entry);
  const bool is_code = entry.dtype == DType::int8 || entry.dtype == DType::int4 || entry.layout == engine_file::Layout::group16;
  if (is_code && !entry.quantize) fields.refuse("quantize: missing, int8, int4 and group16 are of quantized weights");
  entry.arrange = one_of<Arrange>(fields, "arrange", {{"concat", Arrange::concat}, {"interleave16", Arrange::interleave16}});
  const std::vector<int64_t> shape = fields.integers("shape", 2, 1, kMaxSide - kTileColumns);
  const bool is_vector = entry.layout == engine_file::Layout::vector && !entry.quantize;
  if (shape.size() != (is_vector ? 1u : 2u)) fields.refuse(is_vector ? "shape: a vector has one dim" : "shape: tile16 has two dims");
  if (is_vector && entry.dtype != DType::float32) fields.refuse("dtype: a vector is float32");
  entry.n = shape[0];
  entry.k = is_vector ? 1 : shape[1];
  const nlohmann::json& parts = fields.array("parts", 65536);
  for (size_t i = 0; i < parts.size(); ++i) entry.parts.push_back(parse_part(parts[i], where + ", parts[" + std::to_string(i) + "]", plan));
  if (entry.parts.empty()) entry.synthetic = parse_synthetic(fields.object("synthetic"), where + ", synthetic");
  else check_parts(entry, fields);
  fields.finish();
  return entry;
}

bool is_plain_name(const std::string& name) {
  return !name.empty() && name[0] != '.' && name.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-") == std::string::npos;
}

}  // namespace

BuildPlan parse_build_plan(std::string_view text) {
  const nlohmann::json json = parse_json(text, "build plan", kCode);
  JsonFields fields(json, "build plan", kCode);
  BuildPlan plan;
  fields.integer("plan_version", 1, 1);
  plan.rank = static_cast<int>(fields.integer("rank", 0, 65535));
  plan.output = fields.text("output", 255);
  if (!is_plain_name(plan.output)) fields.refuse("output: expected a plain file name, found \"" + plan.output + "\"");
  const nlohmann::json& sources = fields.array("sources", 65536);
  for (size_t i = 0; i < sources.size(); ++i) {
    JsonFields source(sources[i], "build plan, sources[" + std::to_string(i) + "]", kCode);
    plan.sources.push_back({source.text("file", 4096), source.integer("bytes", 0, kMaxBytes)});
    source.finish();
  }
  const nlohmann::json& entries = fields.array("entries", engine_file::kMaxSections);
  for (size_t i = 0; i < entries.size(); ++i) plan.entries.push_back(parse_entry(entries[i], "build plan, entries[" + std::to_string(i) + "]", plan));
  fields.integer("output_bytes", 0, INT64_MAX);  // checked against free space by the caller; the writer computes its own
  plan.check_finite = fields.boolean_or("check_finite", true);
  fields.finish();
  return plan;
}

}  // namespace trtllm::builder
