// Vectors of FIPS 180-4's examples (NIST "SHA256.pdf") and the million-a vector of FIPS 180-2, appendix B.3.
#include "base/sha256.h"

#include <gtest/gtest.h>

namespace trtllm {
namespace {

std::string hash_of(std::string_view text) { return to_hex(sha256(text)); }

TEST(Sha256, GivesThePublishedDigests) {
  EXPECT_EQ(hash_of(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(hash_of("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(hash_of("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"), "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  EXPECT_EQ(hash_of(std::string(1'000'000, 'a')), "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST(Sha256, DoesNotDependOnHowTheBytesArrive) {
  std::string text;
  for (int i = 0; i < 300; ++i) text += static_cast<char>(i * 7);
  for (size_t piece = 1; piece < 140; ++piece) {
    Sha256 hash;
    for (size_t at = 0; at < text.size(); at += piece) hash.update(text.data() + at, std::min(piece, text.size() - at));
    EXPECT_EQ(hash.finish(), sha256(text)) << "pieces of " << piece;
  }
}

TEST(Hex, RefusesWhatIsNotExactlyTheBytes) {
  std::array<uint8_t, 2> out;
  EXPECT_TRUE(from_hex("00ff", out));
  EXPECT_EQ(out[1], 255);
  for (const char* bad : {"", "00f", "00ff0", "00fg", "00FF"}) EXPECT_FALSE(from_hex(bad, out)) << bad;
}

}  // namespace
}  // namespace trtllm
