#include "program/buffer_table.h"

#include "base/error.h"

namespace trtllm::program {
namespace {

std::string name_of(Storage storage) {
  return storage == Storage::float32 ? "float32" : storage == Storage::activation ? "activations" : "int8 rows";
}

std::string describe(const BufferSpec& spec) {
  return name_of(spec.storage) + " of " + std::to_string(spec.width) + " columns, " +
         (spec.rows == Rows::all ? "all rows" : "selected rows");
}

}  // namespace

int BufferTable::write(const BufferSpec& spec, const std::string& where) {
  const auto [found, is_new] = index_of_.emplace(spec.name, static_cast<int>(specs_.size()));
  if (is_new) specs_.push_back(spec);
  const BufferSpec& known = specs_[found->second];
  if (known != spec)
    throw Error("GRAPH_INVALID", where + ": buffer " + spec.name + " holds " + describe(known) + ", this op writes " + describe(spec) + "; give it another name");
  return found->second;
}

int BufferTable::read(const std::string& name, std::optional<Storage> storage, const std::string& where) const {
  const auto found = index_of_.find(name);
  if (found == index_of_.end()) throw Error("GRAPH_INVALID", where + ": buffer " + name + " is read before any op has written it");
  if (storage && specs_[found->second].storage != *storage)
    throw Error("GRAPH_INVALID", where + ": expected " + name_of(*storage) + " in buffer " + name + ", found " +
                                     describe(specs_[found->second]));
  return found->second;
}

}  // namespace trtllm::program
