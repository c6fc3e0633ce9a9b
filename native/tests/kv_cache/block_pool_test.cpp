#include "kv_cache/block_pool.h"

#include <gtest/gtest.h>

#include <stdexcept>

namespace trtllm::kv_cache {
namespace {

TEST(BlockPool, hands_out_every_block_once_and_then_none) {
  BlockPool pool(3);
  EXPECT_EQ(pool.take_free(), 0);
  EXPECT_EQ(pool.take_free(), 1);
  EXPECT_EQ(pool.take_free(), 2);
  EXPECT_EQ(pool.take_free(), -1);
  EXPECT_EQ(pool.num_available(), 0);
  pool.check_integrity();
}

TEST(BlockPool, frees_a_block_at_its_last_release_only) {
  BlockPool pool(1);
  const int block = pool.take_free();
  pool.add_reference(block);
  EXPECT_EQ(pool.references(block), 2);
  pool.release(block, false);
  EXPECT_EQ(pool.take_free(), -1);
  pool.release(block, false);
  EXPECT_EQ(pool.take_free(), block);
}

TEST(BlockPool, a_cached_block_is_available_but_not_free_until_it_is_dropped) {
  BlockPool pool(1);
  const int block = pool.take_free();
  pool.release(block, true);
  EXPECT_EQ(pool.num_available(), 1);
  EXPECT_EQ(pool.num_free(), 0);
  EXPECT_EQ(pool.take_free(), -1);
  pool.drop_cached(block);
  EXPECT_EQ(pool.take_free(), block);
  pool.check_integrity();
}

TEST(BlockPool, orders_cached_blocks_by_their_last_release) {
  BlockPool pool(3);
  for (int i = 0; i < 3; ++i) pool.take_free();
  for (int block : {1, 0, 2}) pool.release(block, true);
  EXPECT_EQ(pool.oldest_cached(), 1);
  pool.add_reference(0);  // out of the list's middle
  pool.check_integrity();
  pool.release(0, true);
  for (int expected : {1, 2, 0}) {
    EXPECT_EQ(pool.oldest_cached(), expected);
    pool.drop_cached(expected);
    pool.check_integrity();
  }
  EXPECT_EQ(pool.oldest_cached(), -1);
}

TEST(BlockPool, its_check_notices_a_block_released_twice) {
  BlockPool pool(2);
  const int block = pool.take_free();
  pool.release(block, false);
  pool.release(block, false);
  EXPECT_THROW(pool.check_integrity(), std::logic_error);
}

}  // namespace
}  // namespace trtllm::kv_cache
