// The index against a map, with keys that collide.
#include "kv_cache/block_index.h"

#include <gtest/gtest.h>

#include <cstring>
#include <map>
#include <random>

namespace trtllm::kv_cache {
namespace {

// Few homes, so that runs of occupied slots form, wrap around the end and break.
BlockKey key_of(uint64_t number) {
  BlockKey key{};
  const uint64_t home = number % 5 == 0 ? 40 : number % 3;
  std::memcpy(key.data(), &home, sizeof home);
  std::memcpy(key.data() + 8, &number, sizeof number);
  return key;
}

TEST(BlockIndex, finds_what_was_inserted_and_nothing_else) {
  constexpr int kBlocks = 20;
  std::mt19937 random(4);
  BlockIndex index(kBlocks);
  std::map<int, uint64_t> stored;  // block -> key number
  for (int round = 0; round < 20'000; ++round) {
    const int block = static_cast<int>(random() % kBlocks);
    if (const auto known = stored.find(block); known != stored.end()) {
      index.erase_block(block);
      EXPECT_EQ(index.find(key_of(known->second)), -1);
      stored.erase(known);
    } else {
      const uint64_t number = static_cast<uint64_t>(round);
      index.insert(key_of(number), block);
      stored[block] = number;
    }
    ASSERT_EQ(index.size(), stored.size());
    ASSERT_NO_THROW(index.check_integrity());
    for (const auto& [held, number] : stored) ASSERT_EQ(index.find(key_of(number)), held);
    ASSERT_EQ(index.has_key(block), stored.contains(block));
  }
}

}  // namespace
}  // namespace trtllm::kv_cache
