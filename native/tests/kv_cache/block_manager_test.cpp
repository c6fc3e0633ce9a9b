#include "kv_cache/block_manager.h"

#include <gtest/gtest.h>

#include <map>
#include <random>
#include <set>

namespace trtllm::kv_cache {
namespace {

std::vector<int32_t> text_of(int num_blocks, int32_t seed) {
  std::vector<int32_t> tokens;
  for (int i = 0; i < num_blocks * kBlockTokens; ++i) tokens.push_back(seed * 1000 + i);
  return tokens;
}

// Blocks of a whole text, stored, as a sequence would hold them.
std::vector<int> hold(BlockManager& manager, const std::vector<BlockKey>& keys) {
  std::vector<int> blocks;
  for (const BlockKey& key : keys) blocks.push_back(manager.store(manager.take(), key));
  return blocks;
}

std::vector<int> prefix_of(BlockManager& manager, const std::vector<BlockKey>& keys) {
  std::vector<int> blocks;
  manager.take_prefix(keys, blocks);
  return blocks;
}

TEST(BlockKeys, tell_text_place_and_salt_apart) {
  const std::vector<int32_t> text = text_of(3, 1);
  const auto keys = block_keys(text, "");
  EXPECT_EQ(keys.size(), 3u);
  EXPECT_EQ(std::set<BlockKey>(keys.begin(), keys.end()).size(), 3u);
  EXPECT_NE(block_keys(text, "salt")[0], keys[0]);
  std::vector<int32_t> repeated(64, 7);  // the same tokens twice: the second block stands elsewhere
  EXPECT_NE(block_keys(repeated, "")[0], block_keys(repeated, "")[1]);
  std::vector<int32_t> longer = text;
  longer.push_back(5);
  EXPECT_EQ(block_keys(longer, ""), keys) << "a part of a block has no key";
}

TEST(BlockManager, finds_the_longest_stored_beginning_and_shares_it) {
  BlockManager manager(8);
  const auto keys = block_keys(text_of(3, 1), "");
  std::vector<int> owner = hold(manager, {keys[0], keys[1]});
  std::vector<int> other = prefix_of(manager, keys);
  EXPECT_EQ(other, owner);
  EXPECT_EQ(manager.num_available(), 6);
  manager.release_all(owner);
  EXPECT_EQ(manager.num_available(), 6) << "the other still holds them";
  manager.release_all(other);
  EXPECT_EQ(manager.num_available(), 8);
  EXPECT_EQ(prefix_of(manager, keys).size(), 2u) << "cached blocks are found again";
  manager.check_integrity();
}

TEST(BlockManager, keeps_one_block_of_a_text_that_two_computed) {
  BlockManager manager(8);
  const auto keys = block_keys(text_of(1, 1), "");
  const int first = manager.store(manager.take(), keys[0]);
  const int second = manager.store(manager.take(), keys[0]);
  EXPECT_EQ(first, second);
  EXPECT_EQ(manager.num_used(), 1);
  manager.release(first);
  EXPECT_EQ(manager.num_used(), 1);
  manager.release(second);
  EXPECT_EQ(manager.num_used(), 0);
  manager.check_integrity();
}

TEST(BlockManager, gives_up_the_text_unused_longest_and_of_it_the_end_first) {
  BlockManager manager(4);
  const auto old_keys = block_keys(text_of(2, 1), ""), new_keys = block_keys(text_of(2, 2), "");
  std::vector<int> old_blocks = hold(manager, old_keys), new_blocks = hold(manager, new_keys);
  manager.release_all(old_blocks);
  manager.release_all(new_blocks);
  manager.take();
  EXPECT_TRUE(manager.is_stored(old_keys[0]));
  EXPECT_FALSE(manager.is_stored(old_keys[1]));
  manager.take();
  EXPECT_FALSE(manager.is_stored(old_keys[0]));
  EXPECT_TRUE(manager.is_stored(new_keys[1]));
  manager.check_integrity();
}

TEST(BlockManager, texts_of_another_salt_share_nothing) {
  BlockManager manager(4);
  std::vector<int> blocks = hold(manager, block_keys(text_of(2, 1), "tenant a"));
  EXPECT_TRUE(prefix_of(manager, block_keys(text_of(2, 1), "tenant b")).empty());
  manager.release_all(blocks);
  EXPECT_TRUE(prefix_of(manager, block_keys(text_of(2, 1), "tenant b")).empty());
}

TEST(BlockManager, a_text_used_again_is_given_up_later) {
  BlockManager manager(2);
  const auto first = block_keys(text_of(1, 1), ""), second = block_keys(text_of(1, 2), "");
  for (const auto& keys : {first, second}) manager.release(hold(manager, keys)[0]);
  manager.release(prefix_of(manager, first).at(0));
  manager.take();
  EXPECT_TRUE(manager.is_stored(first[0]));
  EXPECT_FALSE(manager.is_stored(second[0]));
}

TEST(BlockManager, counts_new_and_shared_blocks) {
  BlockManager manager(4);
  manager.take();
  manager.take();
  manager.count_prefix(3, 1);
  EXPECT_EQ(manager.counters().alloc_new, 2u);
  EXPECT_EQ(manager.counters().alloc_total, 5u);
  EXPECT_EQ(manager.counters().reused, 3u);
  EXPECT_EQ(manager.counters().missed, 1u);
}

TEST(BlockManager, has_nothing_to_give_when_all_blocks_are_in_use) {
  BlockManager manager(2);
  manager.take();
  manager.take();
  EXPECT_EQ(manager.take(), -1);
  manager.check_integrity();
}

TEST(BlockManager, ten_thousand_random_operations_lose_no_block_and_mix_up_no_text) {
  std::mt19937 random(11);
  BlockManager manager(24);
  struct Held {
    std::vector<BlockKey> keys;
    std::vector<int> blocks;
  };
  std::vector<Held> sequences;
  std::map<int, BlockKey> content;  // what a block was last stored as, by us
  for (int i = 0; i < 10'000; ++i) {
    if (random() % 2 && !sequences.empty()) {  // one ends
      std::swap(sequences[random() % sequences.size()], sequences.back());
      manager.release_all(sequences.back().blocks);
      sequences.pop_back();
    } else {  // one begins: shares what is stored, computes the rest as far as blocks reach
      Held held{block_keys(text_of(1 + static_cast<int>(random() % 6), static_cast<int32_t>(random() % 5)), ""), {}};
      held.blocks = prefix_of(manager, held.keys);
      for (size_t b = 0; b < held.blocks.size(); ++b) ASSERT_EQ(content.at(held.blocks[b]), held.keys[b]);
      while (held.blocks.size() < held.keys.size()) {
        const int block = manager.take();
        if (block < 0) break;
        const BlockKey& key = held.keys[held.blocks.size()];
        content[block] = key;
        held.blocks.push_back(manager.store(block, key));
      }
      sequences.push_back(std::move(held));
    }
    manager.check_integrity();
    std::set<int> distinct;
    for (const Held& held : sequences) distinct.insert(held.blocks.begin(), held.blocks.end());
    ASSERT_EQ(manager.num_used(), static_cast<int>(distinct.size()));
  }
}

}  // namespace
}  // namespace trtllm::kv_cache
