#include "config/words.hpp"

#include <gtest/gtest.h>

#include <array>

namespace pfs {
namespace {

TEST(EditDistance, CountsEdits) {
  EXPECT_EQ(edit_distance("", ""), 0u);
  EXPECT_EQ(edit_distance("size", "size"), 0u);
  EXPECT_EQ(edit_distance("sise", "size"), 1u);
  EXPECT_EQ(edit_distance("siez", "size"), 1u);  // neighbours swapped
  EXPECT_EQ(edit_distance("sze", "size"), 1u);
  EXPECT_EQ(edit_distance("sizes", "size"), 1u);
  EXPECT_EQ(edit_distance("", "size"), 4u);
}

TEST(Suggest, NamesTheNearestWord) {
  constexpr std::array<std::string_view, 3> kKeys = {"seed", "size", "block"};
  EXPECT_EQ(suggest("sise", kKeys, "known keys"), "did you mean 'size'?");
  EXPECT_EQ(suggest("blokc", kKeys, "known keys"), "did you mean 'block'?");
}

TEST(Suggest, AWordWithNothingInCommonIsNotNear) {
  constexpr std::array<std::string_view, 1> kKeys = {"k"};
  EXPECT_EQ(suggest("x", kKeys, "known keys"), "known keys: k");
}

TEST(Suggest, ListsAllWhenNoneIsNear) {
  constexpr std::array<std::string_view, 2> kKeys = {"size", "block"};
  EXPECT_EQ(suggest("wibble", kKeys, "known keys"), "known keys: size, block");
  EXPECT_EQ(suggest(std::string(1 << 20, 's'), kKeys, "known keys"), "known keys: size, block");
  EXPECT_EQ(suggest("", kKeys, "known keys"), "known keys: size, block");
  EXPECT_EQ(suggest("size", {}, "known keys"), "");
}

}  // namespace
}  // namespace pfs
