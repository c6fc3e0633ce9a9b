#include "engine_file/engine_writer.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "base/error.h"

namespace trtllm::engine_file {
namespace {

SectionEntry entry_of(const SectionSpec& spec, uint64_t offset) {
  SectionEntry entry{};
  if (spec.name.empty() || spec.name.size() >= sizeof entry.name || spec.shape.empty() || spec.shape.size() > 2)
    throw Error("PLAN_INVALID", "section \"" + spec.name + "\": a name of 1 to 127 characters and one or two dims are needed");
  std::memcpy(entry.name, spec.name.data(), spec.name.size());
  entry.layout = static_cast<uint32_t>(spec.layout);
  entry.dtype = static_cast<uint32_t>(spec.dtype);
  entry.group_size = spec.group_size;
  entry.num_dims = static_cast<uint32_t>(spec.shape.size());
  std::copy(spec.shape.begin(), spec.shape.end(), entry.shape);
  entry.padded[0] = spec.n_padded;
  entry.padded[1] = spec.k_padded;
  entry.offset = offset;
  entry.bytes = spec.bytes();
  return entry;
}

void write_canonical(XXH128_hash_t hash, uint8_t* out) {
  XXH128_canonical_t canonical;
  XXH128_canonicalFromHash(&canonical, hash);
  std::memcpy(out, canonical.digest, sizeof canonical.digest);
}

}  // namespace

std::vector<uint64_t> section_offsets(const std::vector<uint64_t>& section_bytes) {
  std::vector<uint64_t> offsets;
  uint64_t end = kHeaderBytes + section_bytes.size() * sizeof(SectionEntry);
  for (uint64_t bytes : section_bytes) {
    const uint64_t offset = (end + kSectionAlignment - 1) / kSectionAlignment * kSectionAlignment;
    offsets.push_back(offset);
    end = offset + bytes;
  }
  offsets.push_back(end);
  return offsets;
}

EngineWriter::EngineWriter(const std::string& path, int rank, std::vector<SectionSpec> sections)
    : path_(path), rank_(rank), sections_(std::move(sections)), hash_(XXH3_createState(), XXH3_freeState) {
  std::sort(sections_.begin(), sections_.end(), [](const SectionSpec& a, const SectionSpec& b) { return a.name < b.name; });
  std::vector<uint64_t> bytes;
  for (const SectionSpec& section : sections_) bytes.push_back(section.bytes());
  offsets_ = section_offsets(bytes);
  file_bytes_ = offsets_.back();
  for (size_t i = 0; i < sections_.size(); ++i) {
    entries_.push_back(entry_of(sections_[i], offsets_[i]));
    if (i > 0 && sections_[i].name == sections_[i - 1].name) throw Error("PLAN_INVALID", "two sections are named " + sections_[i].name);
  }
  fd_ = open(path_.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
  if (fd_ < 0) throw Error("IO_ERROR", path_ + ": cannot create: " + std::strerror(errno));
  const int status = posix_fallocate(fd_, 0, static_cast<off_t>(file_bytes_));
  if (status == 0) return;
  close(fd_);
  remove_partial_file();
  if (status == ENOSPC || status == EFBIG || status == EDQUOT)
    throw Error("DISK_FULL", path_ + ": " + std::to_string(file_bytes_) + " bytes are needed and do not fit: " + std::strerror(status));
  throw Error("IO_ERROR", path_ + ": cannot reserve " + std::to_string(file_bytes_) + " bytes: " + std::strerror(status));
}

EngineWriter::~EngineWriter() {
  if (fd_ >= 0) close(fd_);
  if (!finished_) remove_partial_file();
}

void EngineWriter::remove_partial_file() const noexcept { unlink(path_.c_str()); }

void EngineWriter::begin_section(size_t index) {
  current_ = index;
  written_ = 0;
  XXH3_128bits_reset(hash_.get());
}

void EngineWriter::append(std::span<const std::byte> piece) {
  if (piece.size() > entries_[current_].bytes - written_) throw Error("INTERNAL_ERROR", "section " + sections_[current_].name + " got more bytes than planned");
  write_at(entries_[current_].offset + written_, piece.data(), piece.size());
  XXH3_128bits_update(hash_.get(), piece.data(), piece.size());
  written_ += piece.size();
}

void EngineWriter::end_section() {
  if (written_ != entries_[current_].bytes) throw Error("INTERNAL_ERROR", "section " + sections_[current_].name + " got fewer bytes than planned");
  write_canonical(XXH3_128bits_digest(hash_.get()), entries_[current_].xxh3);
  ++num_ended_;
}

void EngineWriter::finish(const Sha256Digest& manifest_sha256) {
  if (num_ended_ != sections_.size()) throw Error("INTERNAL_ERROR", path_ + ": not every section was written");
  FileHeader header{};
  std::memcpy(header.magic, kMagic, sizeof kMagic);
  header.format_version = kFormatVersion;
  header.byte_order_mark = kByteOrderMark;
  header.num_sections = static_cast<uint32_t>(sections_.size());
  header.rank = static_cast<uint32_t>(rank_);
  header.file_bytes = file_bytes_;
  std::memcpy(header.manifest_sha256, manifest_sha256.data(), manifest_sha256.size());
  const uint64_t table_bytes = entries_.size() * sizeof(SectionEntry);
  write_canonical(XXH3_128bits(entries_.data(), table_bytes), header.table_xxh3);
  write_at(kHeaderBytes, entries_.data(), table_bytes);
  write_at(0, &header, sizeof header);
  if (fsync(fd_) != 0) throw Error("IO_ERROR", path_ + ": cannot sync: " + std::strerror(errno));
  finished_ = true;
}

void EngineWriter::write_at(uint64_t offset, const void* data, uint64_t bytes) {
  const char* at = static_cast<const char*>(data);
  while (bytes > 0) {
    const ssize_t written = pwrite(fd_, at, bytes, static_cast<off_t>(offset));
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) throw Error(errno == ENOSPC || errno == EDQUOT || errno == EFBIG ? "DISK_FULL" : "IO_ERROR", path_ + ": cannot write: " + std::strerror(errno));
    at += written, offset += static_cast<uint64_t>(written), bytes -= static_cast<uint64_t>(written);
  }
}

}  // namespace trtllm::engine_file
