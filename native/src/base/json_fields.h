// Strict reading of a JSON object from outside: every field is taken once, with its type and range, and whatever nobody
// took is refused by name. Every refusal says where, what was expected and what was found.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"

namespace trtllm {

// The document, or Error{code}: "WHERE is not JSON: ...".
nlohmann::json parse_json(std::string_view text, const std::string& where, const std::string& code);

class JsonFields {
 public:
  // where: how the object is called in messages, e.g. "graph.json, prologue[0]". code: of the errors thrown.
  // `object` must outlive this.
  JsonFields(const nlohmann::json& object, std::string where, std::string code);

  bool has(const char* name) const;
  int64_t integer(const char* name, int64_t min, int64_t max);
  int64_t integer_or(const char* name, int64_t fallback, int64_t min, int64_t max);
  double number(const char* name, double min, double max);  // finite
  double number_or(const char* name, double fallback, double min, double max);
  bool boolean_or(const char* name, bool fallback);
  std::string text(const char* name, size_t max_bytes);
  std::string text_or(const char* name, std::string fallback, size_t max_bytes);
  std::vector<double> numbers(const char* name, size_t max_count, double min, double max);
  std::vector<int64_t> integers(const char* name, size_t max_count, int64_t min, int64_t max);
  const nlohmann::json& array(const char* name, size_t max_count);
  const nlohmann::json& object(const char* name);
  const nlohmann::json& any(const char* name);

  // Refuses fields that nobody took.
  void finish() const;
  [[noreturn]] void refuse(const std::string& what) const;
  const std::string& where() const { return where_; }

 private:
  const nlohmann::json& object_;
  std::string where_;
  std::string code_;
  std::set<std::string, std::less<>> taken_;
};

}  // namespace trtllm
