// Blocks for sequences: taken, shared by prefix, given back. A block enters the prefix tree when it is full; its key is the SHA-256 of the
// parent's key and its 32 tokens, so equal keys mean equal text from the start (and an equal salt). Keys are compared whole.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "base/types.h"
#include "kv_cache/block_index.h"
#include "kv_cache/block_pool.h"

namespace trtllm::kv_cache {

BlockKey root_key(std::string_view salt);
BlockKey child_key(const BlockKey& parent, std::span<const int32_t> tokens);  // kBlockTokens of them
// Keys of all full blocks of a text, in order.
std::vector<BlockKey> block_keys(std::span<const int32_t> tokens, std::string_view salt);

struct BlockCounters {
  uint64_t alloc_total = 0;  // blocks handed to sequences, shared ones included
  uint64_t alloc_new = 0;    // of those, not shared
  uint64_t reused = 0;       // full prompt blocks found in the tree
  uint64_t missed = 0;       // full prompt blocks not found
};

class BlockManager {
 public:
  explicit BlockManager(int num_blocks) : pool_(num_blocks), index_(num_blocks) {}

  int num_blocks() const { return pool_.num_blocks(); }
  int num_available() const { return pool_.num_available(); }
  int num_used() const { return num_blocks() - num_available(); }
  const BlockCounters& counters() const { return counters_; }

  // Puts the blocks of the longest stored beginning of `keys` into `blocks` (empty), each with a reference for the caller.
  void take_prefix(std::span<const BlockKey> keys, std::vector<int>& blocks);
  bool is_stored(const BlockKey& key) const { return index_.find(key) >= 0; }
  // Counts a prompt's full blocks for the hit rate, once it is admitted.
  void count_prefix(size_t reused, size_t missed);
  // A new block; gives up the block cached longest where none is free. -1: all are in use.
  int take();
  // The block is full and computed. Returns the block that the caller holds from now on: this one, or, where the tree has the same text
  // already, that one (its bits are equal), and this one is free again.
  int store(int block, const BlockKey& key);
  void release(int block);
  // A sequence's blocks, last first: so a block is always given up before the blocks it continues.
  void release_all(std::vector<int>& blocks);

  void check_integrity() const;

 private:
  BlockPool pool_;
  BlockIndex index_;  // of full, computed blocks
  BlockCounters counters_;
};

}  // namespace trtllm::kv_cache
