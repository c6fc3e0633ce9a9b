// Block ids of the KV pool with reference counts; integers only. A block is free, in use (referenced), or cached: unreferenced,
// but with content that a later prompt may use; cached ones are given up oldest first.
#pragma once

#include <cstdint>
#include <vector>

namespace trtllm::kv_cache {

class BlockPool {
 public:
  explicit BlockPool(int num_blocks);

  int num_blocks() const { return static_cast<int>(blocks_.size()); }
  int num_available() const { return static_cast<int>(free_.size()) + num_cached_; }  // free or cached
  int num_free() const { return static_cast<int>(free_.size()); }

  // A free block with one reference, or -1.
  int take_free();
  // The block that has been cached longest, or -1. It stays cached until drop_cached.
  int oldest_cached() const { return lru_head_; }
  void drop_cached(int block);  // cached -> free

  void add_reference(int block);  // of a block in use or cached
  // The last reference's release makes the block cached if keep, else free.
  void release(int block, bool keep);
  int references(int block) const { return blocks_[block].references; }

  // Counts and lists agree with each other; throws std::logic_error with what is wrong. For tests.
  void check_integrity() const;

 private:
  struct Block {
    int references = 0;
    bool cached = false;
    int previous = -1, next = -1;  // of the list of cached blocks, oldest first
  };
  void unlink(int block);
  void append(int block);

  std::vector<Block> blocks_;
  std::vector<int> free_;
  int lru_head_ = -1, lru_tail_ = -1;
  int num_cached_ = 0;
};

}  // namespace trtllm::kv_cache
