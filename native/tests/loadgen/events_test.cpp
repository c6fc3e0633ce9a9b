#include "loadgen/events.h"

#include <gtest/gtest.h>

namespace trtllm::loadgen {
namespace {

Events kept(const std::vector<std::string>& payloads) {
  Events events;
  for (const std::string& payload : payloads) {
    events.bytes += payload;
    events.add(7, payload.size(), false);
  }
  EXPECT_EQ(events.payloads(), payloads);
  return events;
}

std::string chunk(const std::string& text, const std::string& id = "a") { return R"({"id":")" + id + R"(","choices":[{"text":")" + text + R"(","finish_reason":null}]})"; }

TEST(Events, OfThoseThatDifferInTheirTextTheTextIsKept) {
  EXPECT_EQ(kept({chunk(" one"), chunk(" one"), chunk(" größer")}).bytes, chunk(" one") + " one größer");
  EXPECT_EQ(kept({R"({"delta": {"content": "a"}})", R"({"delta": {"content": "b"}})"}).bytes, R"({"delta": {"content": "a"}})" "b");
}

TEST(Events, WhateverElseDiffersIsKeptWhole) {
  const Events events = kept({chunk("a"), chunk("b", "other"), chunk(""), chunk("\\n"), chunk("x\",\"y\":\""), "", "[DONE]", chunk("c", "other")});
  EXPECT_EQ(events.list[1].form, Event::kFrame + chunk("b", "other").find("b\""));
  for (const size_t i : {2, 3, 4, 5, 6}) EXPECT_NE(events.list[i].form, Event::kText) << i;
  EXPECT_EQ(kept({R"("text":"a)", R"("text":"b)"}).list[0].form, Event::kWhole);
}

TEST(Events, AServerThatMakesEveryEventAnewIsNotAskedForEver) {
  std::vector<std::string> payloads;
  for (int i = 0; i < 20; i++) payloads.push_back(chunk("a", std::to_string(i)));
  EXPECT_EQ(kept(payloads).list[10].form, Event::kWhole);
}

TEST(Events, AnErrorIsNeverAText) {
  Events events = kept({chunk("a")});
  events.bytes += chunk("b");
  events.add(7, chunk("b").size(), true);
  EXPECT_EQ(events.list[1].form, Event::kError);
}

}  // namespace
}  // namespace trtllm::loadgen
