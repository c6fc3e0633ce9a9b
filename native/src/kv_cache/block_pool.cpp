#include "kv_cache/block_pool.h"

#include <stdexcept>
#include <string>

namespace trtllm::kv_cache {

BlockPool::BlockPool(int num_blocks) : blocks_(static_cast<size_t>(num_blocks)) {
  for (int block = num_blocks - 1; block >= 0; --block) free_.push_back(block);
}

int BlockPool::take_free() {
  if (free_.empty()) return -1;
  const int block = free_.back();
  free_.pop_back();
  blocks_[block].references = 1;
  return block;
}

void BlockPool::drop_cached(int block) {
  unlink(block);
  free_.push_back(block);
}

void BlockPool::add_reference(int block) {
  if (blocks_[block].cached) unlink(block);
  ++blocks_[block].references;
}

void BlockPool::release(int block, bool keep) {
  if (--blocks_[block].references > 0) return;
  if (keep) append(block);
  else free_.push_back(block);
}

void BlockPool::unlink(int block) {
  Block& b = blocks_[block];
  (b.previous >= 0 ? blocks_[b.previous].next : lru_head_) = b.next;
  (b.next >= 0 ? blocks_[b.next].previous : lru_tail_) = b.previous;
  b.previous = b.next = -1;
  b.cached = false;
  --num_cached_;
}

void BlockPool::append(int block) {
  Block& b = blocks_[block];
  b.previous = lru_tail_;
  (lru_tail_ >= 0 ? blocks_[lru_tail_].next : lru_head_) = block;
  lru_tail_ = block;
  b.cached = true;
  ++num_cached_;
}

void BlockPool::check_integrity() const {
  std::vector<int> seen(blocks_.size(), 0);
  for (int block : free_) {
    if (seen[block]++ || blocks_[block].references != 0 || blocks_[block].cached) throw std::logic_error("free list: block " + std::to_string(block));
  }
  int cached = 0, previous = -1;
  for (int block = lru_head_; block >= 0; previous = block, block = blocks_[block].next, ++cached) {
    if (seen[block]++ || blocks_[block].references != 0 || !blocks_[block].cached || blocks_[block].previous != previous)
      throw std::logic_error("cached list: block " + std::to_string(block));
  }
  if (cached != num_cached_ || previous != lru_tail_) throw std::logic_error("cached list: its length");
  for (size_t block = 0; block < blocks_.size(); ++block) {
    if (!seen[block] && blocks_[block].references <= 0) throw std::logic_error("lost block " + std::to_string(block));
  }
}

}  // namespace trtllm::kv_cache
