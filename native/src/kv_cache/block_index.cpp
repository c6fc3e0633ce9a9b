#include "kv_cache/block_index.h"

#include <cstring>
#include <stdexcept>
#include <string>

namespace trtllm::kv_cache {

// At most half full: a key is found within two looks on average.
BlockIndex::BlockIndex(int num_blocks) : slots_(2 * static_cast<size_t>(num_blocks) + 1), slot_of_block_(static_cast<size_t>(num_blocks), -1) {}

size_t BlockIndex::home_of(const BlockKey& key) const {
  uint64_t hash;
  std::memcpy(&hash, key.data(), sizeof hash);
  return hash % slots_.size();
}

int BlockIndex::find(const BlockKey& key) const {
  for (size_t slot = home_of(key); slots_[slot].block >= 0; slot = next(slot)) {
    if (slots_[slot].key == key) return slots_[slot].block;
  }
  return -1;
}

void BlockIndex::insert(const BlockKey& key, int block) {
  size_t slot = home_of(key);
  while (slots_[slot].block >= 0) slot = next(slot);
  slots_[slot] = {key, block};
  slot_of_block_[static_cast<size_t>(block)] = static_cast<int64_t>(slot);
  ++size_;
}

// What follows the hole and may not stand behind it moves up, hole after hole.
void BlockIndex::erase_block(int block) {
  if (!has_key(block)) return;
  size_t hole = static_cast<size_t>(slot_of_block_[static_cast<size_t>(block)]);
  slot_of_block_[static_cast<size_t>(block)] = -1;
  --size_;
  for (size_t slot = next(hole); slots_[slot].block >= 0; slot = next(slot)) {
    const size_t home = home_of(slots_[slot].key);
    const bool is_reached_without_hole = hole < slot ? home > hole && home <= slot : home > hole || home <= slot;
    if (is_reached_without_hole) continue;
    slots_[hole] = slots_[slot];
    slot_of_block_[static_cast<size_t>(slots_[hole].block)] = static_cast<int64_t>(hole);
    hole = slot;
  }
  slots_[hole].block = -1;
}

void BlockIndex::check_integrity() const {
  size_t count = 0;
  for (size_t slot = 0; slot < slots_.size(); ++slot) {
    const int block = slots_[slot].block;
    if (block < 0) continue;
    ++count;
    const bool agrees = find(slots_[slot].key) == block && slot_of_block_[static_cast<size_t>(block)] == static_cast<int64_t>(slot);
    if (!agrees) throw std::logic_error("prefix index: block " + std::to_string(block));
  }
  if (count != size_) throw std::logic_error("prefix index: " + std::to_string(count) + " keys, counted " + std::to_string(size_));
}

}  // namespace trtllm::kv_cache
