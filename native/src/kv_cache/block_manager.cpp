#include "kv_cache/block_manager.h"

#include <stdexcept>
#include <string>

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

std::vector<int> BlockManager::take_prefix(std::span<const BlockKey> keys) {
  std::vector<int> blocks;
  for (const BlockKey& key : keys) {
    const auto found = block_of_key_.find(key);
    if (found == block_of_key_.end()) break;
    pool_.add_reference(found->second);
    blocks.push_back(found->second);
  }
  return blocks;
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
    const auto key = key_of_block_.find(oldest);
    block_of_key_.erase(key->second);
    key_of_block_.erase(key);
    pool_.drop_cached(oldest);
    block = pool_.take_free();
  }
  ++counters_.alloc_total;
  ++counters_.alloc_new;
  return block;
}

int BlockManager::store(int block, const BlockKey& key) {
  const auto [at, is_new] = block_of_key_.try_emplace(key, block);
  if (is_new) {
    key_of_block_.emplace(block, key);
    return block;
  }
  if (at->second == block) return block;
  pool_.add_reference(at->second);
  pool_.release(block, false);
  return at->second;
}

void BlockManager::release(int block) { pool_.release(block, key_of_block_.contains(block)); }

void BlockManager::release_all(std::vector<int>& blocks) {
  for (auto block = blocks.rbegin(); block != blocks.rend(); ++block) release(*block);
  blocks.clear();
}

void BlockManager::check_integrity() const {
  pool_.check_integrity();
  if (block_of_key_.size() != key_of_block_.size()) throw std::logic_error("prefix tree: two blocks of one key");
  for (const auto& [block, key] : key_of_block_) {
    const auto found = block_of_key_.find(key);
    if (found == block_of_key_.end() || found->second != block) throw std::logic_error("prefix tree: block " + std::to_string(block));
  }
}

}  // namespace trtllm::kv_cache
