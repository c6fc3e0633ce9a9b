#include "loadgen/reply.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace trtllm::loadgen {
namespace {

const std::string kEvents = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream; charset=utf-8\r\n";

Reply pushed(const std::string& bytes, End expected, bool wants_stream = true) {
  Reply reply;
  reply.reset(wants_stream);
  EXPECT_EQ(reply.push(bytes, 7), expected) << bytes;
  return reply;
}

std::vector<std::string> payloads(const Reply& reply) { return reply.events().payloads(); }

TEST(Reply, EventsOfOneReadShareItsStampAndLaterOnesHaveTheirs) {
  Reply reply;
  reply.reset(true);
  EXPECT_EQ(reply.push(kEvents + "\r\ndata: a\n\ndata: b\n\nda", 100), End::kOpen);
  EXPECT_EQ(reply.push("ta: c\n\n", 200), End::kOpen);
  ASSERT_EQ(reply.events().list.size(), 3u);
  EXPECT_EQ(reply.events().list[0].at, 100);
  EXPECT_EQ(reply.events().list[1].at, 100);
  EXPECT_EQ(reply.events().list[2].at, 200);
  EXPECT_EQ(reply.close(), End::kWhole);  // no length: the connection's end is the reply's
  EXPECT_FALSE(reply.keeps_alive());
}

TEST(Reply, EveryRuleOfEventStreams) {
  const Reply reply = pushed(kEvents + "connection: close\r\n\r\n\xef\xbb\xbf" "data:{}\r\n\r\n: comment\ndata: one\rdata:two\n\nid: 7\ndata:  kept \n\ndata\n\n", End::kOpen);
  EXPECT_EQ(payloads(reply), (std::vector<std::string>{"{}", "one\ntwo", " kept ", ""}));
}

TEST(Reply, AnErrorEndsTheStreamWhereItStands) {
  EXPECT_EQ(payloads(pushed(kEvents + "\r\ndata: {\"error\":\"full\"}\n\n", End::kErrorEvent)).size(), 1u);
  EXPECT_EQ(pushed(kEvents + "\r\nevent: error\ndata: x\n\n", End::kErrorEvent).events().list[0].form, Event::kError);
  pushed(kEvents + "\r\ndata: {\"error\":null,\"choices\":[]}\n\n", End::kOpen);
}

TEST(Reply, ChunksWithExtensionsAndTrailersKeepTheConnection) {
  const Reply reply = pushed(kEvents + "Transfer-Encoding: chunked\r\n\r\n7;a=b\r\ndata: x\r\n2\r\n\n\n\r\n0\r\nx-trailer: 1\r\n\r\n", End::kWhole);
  EXPECT_EQ(payloads(reply), std::vector<std::string>{"x"});
  EXPECT_TRUE(reply.keeps_alive());
}

TEST(Reply, WhatIsBehindAReplyCostsTheConnection) {
  EXPECT_FALSE(pushed("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nokHTTP/1.1", End::kWhole, false).keeps_alive());
  EXPECT_TRUE(pushed("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok", End::kWhole, false).keeps_alive());
  EXPECT_FALSE(pushed("HTTP/1.0 200 OK\r\ncontent-length: 2\r\n\r\nok", End::kWhole, false).keeps_alive());
}

TEST(Reply, ARefusalIsOneEventWithItsBody) {
  const Reply reply = pushed("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 429 Too Many Requests\r\ncontent-length: 4\r\n\r\nbusy", End::kWhole);
  EXPECT_EQ(reply.status(), 429);
  EXPECT_EQ(payloads(reply), std::vector<std::string>{"busy"});
}

TEST(Reply, ALineWithoutEndIsNotKeptForEver) {
  Reply reply;
  reply.reset(true);
  ASSERT_EQ(reply.push(kEvents + "\r\ndata: ", 1), End::kOpen);
  const std::string piece(size_t{1} << 20, 'x');
  End end = End::kOpen;
  int count = 0;
  for (; end == End::kOpen && count < 100; count++) end = reply.push(piece, 1);
  EXPECT_EQ(end, End::kTooLarge);
  EXPECT_EQ(count, 64);
}

TEST(Reply, SaysWhatIsNotHttp) {
  EXPECT_EQ(pushed("SSH-2.0-OpenSSH\r\n", End::kNotHttp).failure(), "expected HTTP/1.1 and a status, found 'SSH-2.0-OpenSSH'");
  EXPECT_EQ(pushed(kEvents + "transfer-encoding: gzip\r\n", End::kNotHttp).failure(), "transfer-encoding: expected chunked, found 'gzip'");
  EXPECT_EQ(pushed(kEvents + "content-length: -1\r\n", End::kNotHttp).failure(), "content-length: '-1'");
  EXPECT_EQ(pushed("HTTP/1.1 200 OK\r\nx: " + std::string(70'000, 'y'), End::kNotHttp).failure(), "more than 64 KiB of headers");
  pushed("HTTP/1.1 200 OK\r\ncontent-type: text/html\r\n\r\n<html>", End::kNotEvents);
}

TEST(Reply, TellsWhereAConnectionBroke) {
  Reply reply;
  reply.reset(true);
  EXPECT_EQ(reply.close(), End::kClosedEarly);
  reply = pushed(kEvents + "content-length: 100\r\n\r\ndata: x\n\ndata: half", End::kOpen);
  EXPECT_EQ(reply.close(), End::kClosedMidway);
  EXPECT_EQ(payloads(reply), std::vector<std::string>{"x"});
}

}  // namespace
}  // namespace trtllm::loadgen
