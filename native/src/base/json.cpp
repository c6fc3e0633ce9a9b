#include "base/json.h"

template nlohmann::json::basic_json(nlohmann::json::initializer_list_t, bool, nlohmann::json::value_t);
template nlohmann::json::basic_json(const nlohmann::json&);
template nlohmann::json::~basic_json();
template nlohmann::json::string_t nlohmann::json::dump(int, char, bool, nlohmann::json::error_handler_t) const;
template nlohmann::json::reference nlohmann::json::operator[](nlohmann::json::object_t::key_type);
template nlohmann::json::const_reference nlohmann::json::operator[](const nlohmann::json::object_t::key_type&) const;
