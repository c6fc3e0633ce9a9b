#include "builder/row_source.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "base/error.h"
#include "builder/synthetic.h"

namespace trtllm::builder {

SourceFiles::SourceFiles(const std::vector<Source>& sources) : sources_(sources) {
  for (const Source& source : sources_) {
    const int fd = open(source.file.c_str(), O_RDONLY | O_CLOEXEC);
    if (fd < 0) throw Error("IO_ERROR", source.file + ": cannot open: " + std::strerror(errno));
    descriptors_.emplace_back(fd);
    struct stat status;
    if (fstat(fd, &status) != 0 || !S_ISREG(status.st_mode)) throw Error("CHECKPOINT_INVALID", source.file + ": expected a regular file");
    if (status.st_size != source.bytes)
      throw Error("CHECKPOINT_INVALID", source.file + ": expected " + std::to_string(source.bytes) + " bytes, found " + std::to_string(status.st_size) +
                                            "; the checkpoint changed while it was being built");
  }
}

SourceFiles::Descriptor::~Descriptor() {
  if (fd >= 0) close(fd);
}

void SourceFiles::read(int source, uint64_t offset, std::span<std::byte> out) const {
  while (!out.empty()) {
    const ssize_t bytes = pread(descriptors_[source].fd, out.data(), out.size(), static_cast<off_t>(offset));
    if (bytes < 0 && errno == EINTR) continue;
    if (bytes <= 0)
      throw Error("IO_ERROR", sources_[source].file + ": cannot read at byte " + std::to_string(offset) + ": " + (bytes == 0 ? "the file ended" : std::strerror(errno)));
    out = out.subspan(static_cast<size_t>(bytes));
    offset += static_cast<uint64_t>(bytes);
  }
}

RowOrigin row_origin(const Entry& entry, int64_t row) {
  if (entry.arrange == Arrange::interleave16) {
    const int64_t block = row / kTileColumns;
    const Part& part = entry.parts[block % 2];
    const int64_t local = block / 2 * kTileColumns + row % kTileColumns;
    return local < part.num_rows() ? RowOrigin{&part, part.row_begin + local} : RowOrigin{};
  }
  for (const Part& part : entry.parts) {
    if (row < part.num_rows()) return {&part, part.row_begin + row};
    row -= part.num_rows();
  }
  return {};
}

void read_row(const Entry& entry, const SourceFiles& sources, int64_t row, std::span<float> out, std::vector<std::byte>& raw,
              std::span<ConversionStats> stats) {
  if (entry.parts.empty()) {
    if (row < entry.n) SyntheticTensor(entry.synthetic, entry.values_name()).fill(static_cast<uint64_t>(row * entry.k), out);
    else std::fill(out.begin(), out.end(), 0.0f);
    return;
  }
  const RowOrigin origin = row < entry.n ? row_origin(entry, row) : RowOrigin{};
  if (origin.part == nullptr) {
    std::fill(out.begin(), out.end(), 0.0f);
    return;
  }
  const auto row_bytes = static_cast<size_t>(entry.k * source_bytes(origin.part->dtype));
  raw.resize(std::max(raw.size(), row_bytes));
  sources.read(origin.part->source, static_cast<uint64_t>(origin.part->offset) + static_cast<uint64_t>(origin.row) * row_bytes, {raw.data(), row_bytes});
  to_float(origin.part->dtype, raw.data(), out);
  count_conversion(out, entry.dtype, stats[static_cast<size_t>(origin.part - entry.parts.data())]);
}

}  // namespace trtllm::builder
