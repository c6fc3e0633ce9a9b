#include "kv_cache/block_manager.h"

namespace trtllm::kv_cache {

BlockKey root_key(std::string_view salt) { return sha256(salt); }

BlockKey child_key(const BlockKey& parent, std::span<const int32_t> tokens) {
  Sha256 hash;
  hash.update(parent.data(), parent.size());
  hash.update(tokens.data(), tokens.size_bytes());
  return hash.finish();
}

std::vector<BlockKey> block_keys(std::span<const int32_t> tokens, std::string_view salt) {
  std::vector<BlockKey> keys;
  BlockKey parent = root_key(salt);
  for (size_t first = 0; first + kBlockTokens <= tokens.size(); first += kBlockTokens) keys.push_back(parent = child_key(parent, tokens.subspan(first, kBlockTokens)));
  return keys;
}

void BlockManager::take_prefix(std::span<const BlockKey> keys, std::vector<int>& blocks) {
  for (const BlockKey& key : keys) {
    const int block = index_.find(key);
    if (block < 0) return;
    pool_.add_reference(block);
    blocks.push_back(block);
  }
}

void BlockManager::count_prefix(size_t reused, size_t missed) {
  counters_.alloc_total += reused;
  counters_.reused += reused;
  counters_.missed += missed;
}

int BlockManager::take() {
  int block = pool_.take_free();
  if (block < 0) {
    const int oldest = pool_.oldest_cached();
    if (oldest < 0) return -1;
    index_.erase_block(oldest);
    pool_.drop_cached(oldest);
    block = pool_.take_free();
  }
  ++counters_.alloc_total;
  ++counters_.alloc_new;
  return block;
}

int BlockManager::store(int block, const BlockKey& key) {
  const int known = index_.find(key);
  if (known < 0) index_.insert(key, block);
  if (known < 0 || known == block) return block;
  pool_.add_reference(known);
  pool_.release(block, false);
  return known;
}

void BlockManager::release(int block) { pool_.release(block, index_.has_key(block)); }

void BlockManager::release_all(std::vector<int>& blocks) {
  for (auto block = blocks.rbegin(); block != blocks.rend(); ++block) release(*block);
  blocks.clear();
}

void BlockManager::check_integrity() const {
  pool_.check_integrity();
  index_.check_integrity();
}

}  // namespace trtllm::kv_cache
