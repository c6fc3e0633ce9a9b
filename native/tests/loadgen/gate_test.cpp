#include "loadgen/gate.h"

#include <gtest/gtest.h>

namespace trtllm::loadgen {
namespace {

Request request(uint32_t id, bool is_due_with_slot = false) { 
  Request made;
  made.id = id;
  made.takes_slot = true;
  made.is_due_with_slot = is_due_with_slot;
  made.due = 5;
  return made;
}

TEST(Gate, RequestsBeyondTheLimitWaitAndTakeOverInTheirOrder) {
  Gate gate(1);
  Request first = request(0), second = request(1), third = request(2, true);
  EXPECT_TRUE(gate.admit(first));
  EXPECT_FALSE(gate.admit(second));
  EXPECT_FALSE(gate.admit(third));
  const auto next = gate.release(100);
  EXPECT_EQ(next->id, 1u);
  EXPECT_EQ(next->due, 5);  // at a rate it keeps the time of the plan
  EXPECT_EQ(gate.release(200)->due, 200);  // in a closed loop it is due with its slot
  EXPECT_FALSE(gate.release(300).has_value());
}

TEST(Gate, ASlotIsTakenOnce) {
  Gate gate(1);
  Request first = request(0);
  EXPECT_TRUE(gate.admit(first));
  EXPECT_TRUE(gate.admit(first));
  EXPECT_FALSE(gate.release(1).has_value());
  Request second = request(1);
  EXPECT_TRUE(gate.admit(second));
}

TEST(Gate, WhatNeedsNoSlotNeverWaits) {
  Gate gate(1);
  Request first = request(0), free;
  EXPECT_TRUE(gate.admit(first));
  EXPECT_TRUE(gate.admit(free));
}

}  // namespace
}  // namespace trtllm::loadgen
