// JSON as a value. Instantiated once, in json.cpp: otherwise each file that includes it would compile its 10,000 lines anew, which under
// sanitizers is half of the file's time.
#pragma once

#include <nlohmann/json.hpp>

extern template class nlohmann::basic_json<>;
