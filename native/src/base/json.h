// JSON as a value. Instantiated once, in json.cpp: otherwise each file that includes it would compile all of it anew, which under
// sanitizers is half of the file's time (5.9 s instead of 12.9).
#pragma once

#include <nlohmann/json.hpp>

extern template class nlohmann::basic_json<>;
