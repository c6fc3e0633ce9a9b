// Key -> block, for at most as many blocks as the pool has: a table of fixed size, linear probing, no gaps left behind
// (Knuth, The Art of Computer Programming 3, 6.4, algorithm R). Keys are SHA-256 digests, so their first bytes are the hash.
#pragma once

#include <cstdint>
#include <vector>

#include "base/sha256.h"

namespace trtllm::kv_cache {

using BlockKey = Sha256Digest;

class BlockIndex {
 public:
  explicit BlockIndex(int num_blocks);

  size_t size() const { return size_; }
  // The block stored under a key, or -1.
  int find(const BlockKey& key) const;
  // The key must not be there, nor the block.
  void insert(const BlockKey& key, int block);
  // The block's key is forgotten; a block without one is left alone.
  void erase_block(int block);
  bool has_key(int block) const { return slot_of_block_[static_cast<size_t>(block)] >= 0; }

  // Every key is found, every block knows its slot; throws std::logic_error with what is wrong. For tests.
  void check_integrity() const;

 private:
  struct Slot {
    BlockKey key;
    int block = -1;  // -1: empty
  };
  size_t home_of(const BlockKey& key) const;
  size_t next(size_t slot) const { return slot + 1 == slots_.size() ? 0 : slot + 1; }

  std::vector<Slot> slots_;
  std::vector<int64_t> slot_of_block_;
  size_t size_ = 0;
};

}  // namespace trtllm::kv_cache
