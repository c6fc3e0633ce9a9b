#include "engine_file/safetensors.h"

#include <gtest/gtest.h>

#include <cstring>

#include "base/error.h"

namespace trtllm::engine_file {
namespace {

std::string refusal(const std::string& header, uint64_t data_bytes) {
  try {
    parse_safetensors_header(header, 8 + header.size() + data_bytes, "model.safetensors");
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), "SAFETENSORS_INVALID");
    return error.what();
  }
  return "accepted";
}

TEST(Safetensors, reads_names_shapes_and_places) {
  const std::string header = R"( {"a":{"dtype":"BF16","shape":[2,3],"data_offsets":[0,12]},"__metadata__":{"format":"pt"},"b":{"dtype":"F32","shape":[],"data_offsets":[12,16]}}  )";
  const auto entries = parse_safetensors_header(header, 8 + header.size() + 16, "x");
  ASSERT_EQ(entries.size(), 2u);
  EXPECT_EQ(entries.at("a").shape, (std::vector<int64_t>{2, 3}));
  EXPECT_EQ(entries.at("b").offset, 8 + header.size() + 12);
}

TEST(Safetensors, refuses_what_does_not_add_up) {
  const auto tensor = [](const std::string& fields) { return "{\"a\":{" + fields + "}}"; };
  const std::vector<std::pair<const char*, std::pair<std::string, uint64_t>>> cases = {
      {"not JSON", {"{\"a\"", 0}},
      {"JSON object", {"[1]", 0}},
      {"stands twice", {R"({"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}})", 1}},
      {"F99", {tensor(R"("dtype":"F99","shape":[1],"data_offsets":[0,1])"), 1}},
      {"shape", {tensor(R"("dtype":"U8","shape":[-1],"data_offsets":[0,1])"), 1}},
      {"shape", {tensor(R"("dtype":"U8","shape":[1.5],"data_offsets":[0,1])"), 1}},
      {"want 6 bytes", {tensor(R"("dtype":"BF16","shape":[3],"data_offsets":[0,4])"), 4}},
      {"larger than any file", {tensor(R"("dtype":"F32","shape":[281474976710656,281474976710656],"data_offsets":[0,4])"), 4}},
      {"data ends at 4", {tensor(R"("dtype":"F32","shape":[1],"data_offsets":[0,4])"), 3}},
      {"gap", {tensor(R"("dtype":"U8","shape":[1],"data_offsets":[1,2])"), 2}},
      {"the file at", {tensor(R"("dtype":"U8","shape":[1],"data_offsets":[0,1])"), 9}},
      {"overlaps", {R"({"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"b":{"dtype":"U8","shape":[2],"data_offsets":[1,3]}})", 3}},
      {"begin, end", {tensor(R"("dtype":"U8","shape":[1],"data_offsets":[1,0])"), 1}},
      {"extra", {tensor(R"("dtype":"U8","shape":[1],"data_offsets":[0,1],"extra":1)"), 1}},
      {"__metadata__", {R"({"__metadata__":{"a":1}})", 0}},
      {"nested deeper", {std::string(70, '[') + std::string(70, ']'), 0}},
  };
  for (const auto& [expected, input] : cases) {
    const std::string message = refusal(input.first, input.second);
    EXPECT_NE(message.find(expected), std::string::npos) << expected << " / " << message;
  }
}

TEST(Safetensors, checks_the_length_before_anything_is_allocated) {
  const auto refuses = [](uint64_t length, uint64_t file_bytes) {
    std::array<std::byte, 8> prefix;
    std::memcpy(prefix.data(), &length, sizeof length);
    try {
      safetensors_header_length(prefix, file_bytes, "x");
      return false;
    } catch (const Error&) {
      return true;
    }
  };
  EXPECT_FALSE(refuses(2, 10));
  EXPECT_TRUE(refuses(1, 10));
  EXPECT_TRUE(refuses(3, 10));
  EXPECT_TRUE(refuses(UINT64_MAX, 1 << 20));
  EXPECT_TRUE(refuses(kMaxSafetensorsHeader + 1, uint64_t{1} << 40));
}

}  // namespace
}  // namespace trtllm::engine_file
