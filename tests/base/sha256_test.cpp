#include "base/sha256.hpp"

#include <gtest/gtest.h>

#include <string_view>
#include <vector>

namespace pfs {
namespace {

std::span<const uint8_t> bytes_of(std::string_view text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

// FIPS 180-4 examples.
constexpr const char* kOfNothing = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
constexpr const char* kOfAbc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
constexpr const char* kOfMillionA = "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0";

TEST(Sha256, MatchesFips180) {
  Sha256 hash;
  EXPECT_EQ(to_hex(hash.finish()), kOfNothing);
  hash.update(bytes_of("abc"));
  EXPECT_EQ(to_hex(hash.finish()), kOfAbc);
}

TEST(Sha256, StartsAnewAfterFinish) {
  Sha256 hash;
  hash.update(bytes_of("something else"));
  hash.finish();
  hash.update(bytes_of("abc"));
  EXPECT_EQ(to_hex(hash.finish()), kOfAbc);
}

TEST(Sha256, DoesNotDependOnThePieces) {
  const std::vector<uint8_t> message(1'000'000, 'a');
  for (const size_t piece : {1'000'000u, 4096u, 63u}) {
    Sha256 hash;
    for (size_t at = 0; at < message.size(); at += piece)
      hash.update(std::span(message).subspan(at, std::min(piece, message.size() - at)));
    EXPECT_EQ(to_hex(hash.finish()), kOfMillionA) << "pieces of " << piece;
  }
}

TEST(ToHex, WritesTwoLowerCaseDigitsAByte) {
  const std::vector<uint8_t> bytes = {0x00, 0x0F, 0xF0, 0xAB};
  EXPECT_EQ(to_hex(bytes), "000ff0ab");
  EXPECT_EQ(to_hex({}), "");
}

}  // namespace
}  // namespace pfs
