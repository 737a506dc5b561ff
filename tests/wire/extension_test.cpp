#include "wire/extension.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "wire/sending/writer.hpp"

namespace pfs {
namespace {

Sha256Digest counting() {
  Sha256Digest digest;
  for (size_t i = 0; i < digest.size(); ++i) digest[i] = static_cast<uint8_t>(i + 1);
  return digest;
}

/// A FILE unit's bytes with any name, by hand: the writer refuses the bad ones.
std::vector<uint8_t> file_bytes(const std::string& name) {
  std::vector<uint8_t> bytes(40 + name.size());
  std::copy(name.begin(), name.end(), bytes.begin() + 40);
  return bytes;
}

TEST(Extension, FileBytesAreAsDocumented) {
  std::array<uint8_t, 64> out{};
  const FileUnit unit{.size = 0x0102030405060708, .sha256 = counting(), .name = "ab"};
  UnitWriter writer(out);
  ASSERT_TRUE(writer.file(unit));
  ASSERT_EQ(writer.used(), 3u + 8 + 32 + 2);
  std::vector<uint8_t> expected = {0xE1, 0, 42, 1, 2, 3, 4, 5, 6, 7, 8};
  for (int i = 1; i <= 32; ++i) expected.push_back(static_cast<uint8_t>(i));
  expected.insert(expected.end(), {'a', 'b'});
  EXPECT_EQ(std::vector<uint8_t>(out.begin(), out.begin() + 45), expected);
}

TEST(Extension, EachUnitReadsBackWhatWasWritten) {
  std::array<uint8_t, 320> room{};
  const auto behind_length = [&](const UnitWriter& out) { return out.written().subspan(3); };
  const std::string name(kFileNameMax, 'n');
  UnitWriter out(room);
  ASSERT_TRUE(out.file({.size = 5, .sha256 = counting(), .name = name}));
  FileUnit file;
  ASSERT_TRUE(read_file(behind_length(out), file));
  EXPECT_EQ(file.size, 5u);
  EXPECT_EQ(file.sha256, counting());
  EXPECT_EQ(file.name, name);

  out = UnitWriter(room);
  ASSERT_TRUE(out.receipt({.status = 1, .size = 9, .sha256 = counting()}));
  ReceiptUnit receipt;
  ASSERT_TRUE(read_receipt(behind_length(out), receipt));
  EXPECT_EQ(receipt.status, 1);
  EXPECT_EQ(receipt.size, 9u);
  EXPECT_EQ(receipt.sha256, counting());

  out = UnitWriter(room);
  ASSERT_TRUE(out.session({.id = 77}));
  SessionUnit session;
  ASSERT_TRUE(read_session(behind_length(out), session));
  EXPECT_EQ(session.id, 77u);
}

TEST(Extension, NamesThatLeadOutOfAFolderAreRefused) {
  FileUnit unit;
  const std::string nul("a\0b", 3);
  for (const std::string& name : {std::string(), std::string("."), std::string(".."), std::string("a/b"),
                                  std::string("/"), nul, std::string(256, 'x')}) {
    EXPECT_FALSE(read_file(file_bytes(name), unit)) << "'" << name << "'";
    std::array<uint8_t, 400> out{};
    EXPECT_FALSE(UnitWriter(out).file({.name = name})) << "'" << name << "'";
  }
  for (const std::string& name : {std::string("..."), std::string(".hidden"), std::string("a..b"), std::string(" ")}) {
    EXPECT_TRUE(read_file(file_bytes(name), unit)) << "'" << name << "'";
  }
}

TEST(Extension, UnitsOfAnotherLengthAreRefused) {
  const std::vector<uint8_t> zeros(64);
  ReceiptUnit receipt;
  SessionUnit session;
  FileUnit file;
  for (size_t n = 0; n <= 64; ++n) {
    EXPECT_EQ(read_receipt({zeros.data(), n}, receipt), n == 41) << n;
    EXPECT_EQ(read_session({zeros.data(), n}, session), n == 8) << n;
  }
  for (size_t n = 0; n <= 40; ++n) EXPECT_FALSE(read_file({zeros.data(), n}, file)) << n;
  std::vector<uint8_t> odd(41);
  odd[0] = 2;  // neither verified nor failed
  EXPECT_FALSE(read_receipt(odd, receipt));
}

}  // namespace
}  // namespace pfs
