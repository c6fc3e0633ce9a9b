#include "builder/check_sources.h"

#include <array>
#include <map>

#include "base/error.h"
#include "builder/row_source.h"
#include "engine_file/safetensors.h"

namespace trtllm::builder {
namespace {

using engine_file::SafetensorsEntry;
using Header = std::map<std::string, SafetensorsEntry>;

Header read_header(const SourceFiles& files, int index, const Source& source) {
  std::array<std::byte, 8> prefix;
  if (source.bytes < 8) throw Error("SAFETENSORS_INVALID", source.file + ": " + std::to_string(source.bytes) + " bytes, expected at least 8");
  files.read(index, 0, prefix);
  std::string text(engine_file::safetensors_header_length(prefix, static_cast<uint64_t>(source.bytes), source.file), '\0');
  files.read(index, prefix.size(), std::as_writable_bytes(std::span(text)));
  return engine_file::parse_safetensors_header(text, static_cast<uint64_t>(source.bytes), source.file);
}

std::string described(const std::string& dtype, const std::vector<int64_t>& shape, uint64_t offset) {
  std::string text = dtype + " [";
  for (size_t i = 0; i < shape.size(); ++i) text += (i ? ", " : "") + std::to_string(shape[i]);
  return text + "] at byte " + std::to_string(offset);
}

void check_part(const Part& part, const Entry& entry, const Header& header, const std::string& file) {
  constexpr const char* kNames[] = {"BF16", "F16", "F32"};
  const bool is_vector = entry.layout == engine_file::Layout::vector && !entry.quantize;
  const std::vector<int64_t> shape = is_vector ? std::vector<int64_t>{part.rows} : std::vector<int64_t>{part.rows, part.k};
  const std::string expected = described(kNames[static_cast<int>(part.dtype)], shape, static_cast<uint64_t>(part.offset));
  const auto found = header.find(part.tensor);
  const std::string actual = found == header.end() ? "no such tensor" : described(found->second.dtype, found->second.shape, found->second.offset);
  if (actual != expected) throw Error("CHECKPOINT_INVALID", file + ", tensor " + part.tensor + ": planned " + expected + ", found " + actual + "; the checkpoint changed, build again");
}

}  // namespace

void check_sources(const BuildPlan& plan) {
  const SourceFiles files(plan.sources);
  std::vector<Header> headers;
  for (size_t i = 0; i < plan.sources.size(); ++i) headers.push_back(read_header(files, static_cast<int>(i), plan.sources[i]));
  for (const Entry& entry : plan.entries) {
    for (const Part& part : entry.parts) check_part(part, entry, headers[part.source], plan.sources[part.source].file);
  }
}

}  // namespace trtllm::builder
