// Known answers of Philox4x32-10: Random123's kat_vectors (D. E. Shaw Research).
#include "sampler/philox.h"

#include <gtest/gtest.h>

namespace trtllm::sampler {
namespace {

using Words = std::array<uint32_t, 4>;

TEST(Philox, gives_the_known_answers) {
  EXPECT_EQ(philox4x32({0, 0, 0, 0}, {0, 0}), (Words{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}));
  EXPECT_EQ(philox4x32({0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff}, {0xffffffff, 0xffffffff}), (Words{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}));
  EXPECT_EQ(philox4x32({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0}), (Words{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}));
}

TEST(Philox, uniform_numbers_lie_in_the_unit_interval_and_depend_on_seed_and_position) {
  double sum = 0;
  for (uint64_t position = 0; position < 10'000; ++position) {
    const double u = uniform(7, position, Purpose::token);
    ASSERT_GE(u, 0);
    ASSERT_LT(u, 1);
    sum += u;
  }
  EXPECT_NEAR(sum / 10'000, 0.5, 0.015);  // five standard errors
  EXPECT_NE(uniform(7, 1, Purpose::token), uniform(8, 1, Purpose::token));
  EXPECT_NE(uniform(7, 1, Purpose::token), uniform(7ull | 1ull << 40, 1, Purpose::token));
}

}  // namespace
}  // namespace trtllm::sampler
