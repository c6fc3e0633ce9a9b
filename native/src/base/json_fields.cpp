#include "base/json_fields.h"

#include <cmath>

#include "base/error.h"

namespace trtllm {
namespace {

// The value as text, cut short: messages must stay readable whatever was sent.
std::string shown(const nlohmann::json& value) {
  if (value.is_object()) return "an object";
  if (value.is_array()) return "an array of " + std::to_string(value.size());
  std::string text = value.dump(-1, ' ', true, nlohmann::json::error_handler_t::replace);
  if (text.size() > 60) text = text.substr(0, 57) + "...";
  return text;
}

std::string plain(double value) {
  std::string text = nlohmann::json(value).dump();
  return text.ends_with(".0") ? text.substr(0, text.size() - 2) : text;
}

bool is_integer_in(const nlohmann::json& value, int64_t min, int64_t max) {
  if (value.is_number_unsigned() && value.get<uint64_t>() > static_cast<uint64_t>(INT64_MAX)) return false;
  return value.is_number_integer() && value.get<int64_t>() >= min && value.get<int64_t>() <= max;
}

bool is_number_in(const nlohmann::json& value, double min, double max) {
  return value.is_number() && std::isfinite(value.get<double>()) && value.get<double>() >= min && value.get<double>() <= max;
}

}  // namespace

nlohmann::json parse_json(std::string_view text, const std::string& where, const std::string& code) {
  try {
    return nlohmann::json::parse(text);
  } catch (const nlohmann::json::exception& error) {
    throw Error(code, where + " is not JSON: " + error.what());
  }
}

JsonFields::JsonFields(const nlohmann::json& object, std::string where, std::string code)
    : object_(object), where_(std::move(where)), code_(std::move(code)) {
  if (!object.is_object()) throw Error(code_, where_ + ": expected an object, found " + shown(object));
}

bool JsonFields::has(const char* name) const { return object_.contains(name); }

const nlohmann::json& JsonFields::any(const char* name) {
  const auto field = object_.find(name);
  if (field == object_.end()) refuse(std::string("field \"") + name + "\" is missing");
  taken_.insert(name);
  return *field;
}

int64_t JsonFields::integer(const char* name, int64_t min, int64_t max) {
  const nlohmann::json& value = any(name);
  if (!is_integer_in(value, min, max))
    refuse(std::string(name) + ": expected an integer from " + std::to_string(min) + " to " + std::to_string(max) + ", found " + shown(value));
  return value.get<int64_t>();
}

int64_t JsonFields::integer_or(const char* name, int64_t fallback, int64_t min, int64_t max) {
  return has(name) ? integer(name, min, max) : fallback;
}

double JsonFields::number(const char* name, double min, double max) {
  const nlohmann::json& value = any(name);
  if (!is_number_in(value, min, max))
    refuse(std::string(name) + ": expected a number from " + plain(min) + " to " + plain(max) + ", found " + shown(value));
  return value.get<double>();
}

double JsonFields::number_or(const char* name, double fallback, double min, double max) {
  return has(name) ? number(name, min, max) : fallback;
}

bool JsonFields::boolean_or(const char* name, bool fallback) {
  if (!has(name)) return fallback;
  const nlohmann::json& value = any(name);
  if (!value.is_boolean()) refuse(std::string(name) + ": expected true or false, found " + shown(value));
  return value.get<bool>();
}

std::string JsonFields::text(const char* name, size_t max_bytes) {
  const nlohmann::json& value = any(name);
  if (!value.is_string() || value.get_ref<const std::string&>().size() > max_bytes)
    refuse(std::string(name) + ": expected text of at most " + std::to_string(max_bytes) + " bytes, found " + shown(value));
  return value.get<std::string>();
}

std::string JsonFields::text_or(const char* name, std::string fallback, size_t max_bytes) {
  return has(name) ? text(name, max_bytes) : std::move(fallback);
}

std::vector<double> JsonFields::numbers(const char* name, size_t max_count, double min, double max) {
  std::vector<double> values;
  for (const nlohmann::json& value : array(name, max_count)) {
    if (!is_number_in(value, min, max))
      refuse(std::string(name) + ": expected numbers from " + plain(min) + " to " + plain(max) + ", found " + shown(value));
    values.push_back(value.get<double>());
  }
  return values;
}

std::vector<int64_t> JsonFields::integers(const char* name, size_t max_count, int64_t min, int64_t max) {
  std::vector<int64_t> values;
  for (const nlohmann::json& value : array(name, max_count)) {
    if (!is_integer_in(value, min, max))
      refuse(std::string(name) + ": expected integers from " + std::to_string(min) + " to " + std::to_string(max) + ", found " + shown(value));
    values.push_back(value.get<int64_t>());
  }
  return values;
}

const nlohmann::json& JsonFields::array(const char* name, size_t max_count) {
  const nlohmann::json& value = any(name);
  if (!value.is_array() || value.size() > max_count)
    refuse(std::string(name) + ": expected an array of at most " + std::to_string(max_count) + ", found " + shown(value));
  return value;
}

const nlohmann::json& JsonFields::object(const char* name) {
  const nlohmann::json& value = any(name);
  if (!value.is_object()) refuse(std::string(name) + ": expected an object, found " + shown(value));
  return value;
}

void JsonFields::finish() const {
  for (const auto& [name, value] : object_.items()) {
    if (!taken_.contains(name)) refuse("field " + shown(name) + " is not known");
  }
}

void JsonFields::refuse(const std::string& what) const { throw Error(code_, where_ + ": " + what); }

}  // namespace trtllm
