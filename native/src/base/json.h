// JSON as a value. What most files use and takes longest to compile is instantiated once, in json.cpp; the whole class would be 15 s there,
// most of it for members that nobody calls.
#pragma once

#include <nlohmann/json.hpp>

extern template nlohmann::json::basic_json(nlohmann::json::initializer_list_t, bool, nlohmann::json::value_t);
extern template nlohmann::json::basic_json(const nlohmann::json&);
extern template nlohmann::json::~basic_json();
extern template nlohmann::json::string_t nlohmann::json::dump(int, char, bool, nlohmann::json::error_handler_t) const;
extern template nlohmann::json::reference nlohmann::json::operator[](nlohmann::json::object_t::key_type);
extern template nlohmann::json::const_reference nlohmann::json::operator[](const nlohmann::json::object_t::key_type&) const;
