// Versions of a kernel table, each in a shared library that kernel_library.sh made, to be timed by turns.
#pragma once

#include <dlfcn.h>

#include <algorithm>
#include <string>
#include <vector>

#include "base/error.h"
#include "ops/kernels.h"

namespace trtllm {

// `table` is a name of ops/cpu/tables.h.
inline const ops::Kernels& table_of(const std::string& library, const std::string& table) {
  void* handle = dlopen(library.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (handle == nullptr) throw Error("BAD_LIBRARY", dlerror());
  const std::string symbol = "_ZN6trtllm3ops" + std::to_string(table.size()) + table + "E";
  const void* found = dlsym(handle, symbol.c_str());
  if (found == nullptr) throw Error("BAD_LIBRARY", library + ": no table " + table + " in it");
  const auto& kernels = *static_cast<const ops::Kernels*>(found);
  // Asking is also what makes the operating system grant the tile unit.
  if (!ops::isa_available(kernels.isa)) throw Error("ISA_UNAVAILABLE", table + ": this CPU lacks " + std::string(ops::isa_name(kernels.isa)));
  return kernels;
}

inline double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

}  // namespace trtllm
