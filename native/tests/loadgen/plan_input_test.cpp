#include "loadgen/plan_input.h"

#include <gtest/gtest.h>

#include <cstring>

#include "base/error.h"

namespace {

using trtllm::Error;
using trtllm::loadgen::PlanInput;

template <class T>
std::string bytes_of(T value) {
  return {reinterpret_cast<const char*>(&value), sizeof value};
}

std::string framed(const std::string& frame) { return bytes_of(static_cast<uint32_t>(frame.size())) + frame; }
std::string request(uint32_t id, int64_t due) { return framed(std::string("\x01\x01", 2) + bytes_of(id) + bytes_of(due) + "POST"); }
std::string start(int64_t at) { return framed(std::string(1, 3) + bytes_of(at)); }
const std::string kEnd = framed("\x02");

void push(PlanInput& plan, const std::string& bytes) { plan.push({bytes.data(), bytes.size()}); }

TEST(PlanInput, RequestsWaitForTheStartAndCountFromIt) {
  PlanInput plan;
  push(plan, request(0, 5) + request(1, 7));
  EXPECT_FALSE(plan.next());
  push(plan, start(100) + request(2, 9) + kEnd);
  for (const auto& [id, due] : {std::pair{0, 105}, {1, 107}, {2, 109}}) {
    const auto given = plan.next();
    ASSERT_TRUE(given);
    EXPECT_EQ(given->id, id);
    EXPECT_EQ(given->due, due);
    EXPECT_EQ(given->message, "POST");
    EXPECT_TRUE(given->wants_stream);
  }
  EXPECT_FALSE(plan.next());
  EXPECT_TRUE(plan.has_ended());
}

TEST(PlanInput, ReadsTheSameByteByByte) {
  PlanInput plan;
  int count = 0;
  for (const char byte : start(1) + request(0, 1) + request(1, 2) + kEnd) {
    push(plan, std::string(1, byte));
    while (plan.next()) count++;
  }
  EXPECT_EQ(count, 2);
  EXPECT_TRUE(plan.has_ended());
}

TEST(PlanInput, RefusesWhatIsNoFrame) {
  for (const std::string& frame : {framed(""), framed("\x04"), framed(std::string("\x03short")), framed("\x02x"), framed("\x01\x01"), start(1) + start(2), request(0, 1) + start(INT64_MAX)}) {
    PlanInput plan;
    push(plan, frame);
    EXPECT_THROW(while (plan.next()) {}, Error) << frame.size();
  }
}

}  // namespace
