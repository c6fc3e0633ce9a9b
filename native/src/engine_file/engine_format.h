// Layout of rank{N}.engine, as docs/engine-format.md describes it field by field. All integers little-endian.
#pragma once

#include <cstdint>

#include "base/types.h"

namespace trtllm::engine_file {

inline constexpr char kMagic[8] = {'T', 'R', 'T', 'L', 'L', 'M', 'E', '\n'};
inline constexpr uint32_t kFormatVersion = 1;
inline constexpr uint32_t kByteOrderMark = 0x01020304;
inline constexpr uint64_t kHeaderBytes = 4096;
inline constexpr uint64_t kSectionAlignment = 4096;  // huge pages span sections: larger borders would only be gaps that count as memory
inline constexpr uint32_t kMaxSections = 65536;

struct FileHeader {  // the first bytes of the file; the rest up to kHeaderBytes is zero
  char magic[8];
  uint32_t format_version;
  uint32_t byte_order_mark;
  uint32_t num_sections;
  uint32_t rank;
  uint64_t file_bytes;
  uint8_t manifest_sha256[32];  // of config.json: the two files belong together
  uint8_t table_xxh3[16];       // XXH3-128 (canonical, big-endian) of the section table
};

enum class Layout : uint32_t {
  vector = 1,  // float32 [n], padded to n_padded with zeros
  tile16 = 2,  // ops/kernels.h PackedWeight
  group16 = 3,  // float32 or int8 [n, groups]: index (n/16 * groups + group) * 16 + n%16
};

struct SectionEntry {  // 256 bytes; the table follows the header
  char name[128];      // NUL-terminated, [A-Za-z0-9._-]
  uint32_t layout;
  uint32_t dtype;
  uint32_t group_size;  // int4: inputs that share a scale; otherwise 0
  uint32_t num_dims;
  uint64_t shape[4];   // logical: [n] or [n, k]
  uint64_t padded[2];  // stored: [n_padded, k_padded] (vector: [n_padded, 1])
  uint64_t offset;     // from the start of the file
  uint64_t bytes;
  uint8_t xxh3[16];
  uint8_t reserved[32];  // zero
};

static_assert(sizeof(FileHeader) == 80);
static_assert(sizeof(SectionEntry) == 256);

}  // namespace trtllm::engine_file
