#include "wire/receiving/window.hpp"

#include <gtest/gtest.h>

namespace pfs {
namespace {

const uint8_t kDigits[] = "123456789";

TEST(Window, TheCheckStringVerifies) {
  Window window;
  window.references(kDigits, 4);
  window.references(kDigits + 4, 5);
  EXPECT_EQ(window.close(0, true, 0x29B1), Window::Verdict::kVerified);
  EXPECT_EQ(window.id(), 1);
}

TEST(Window, EachWindowStartsAnew) {
  Window window;
  EXPECT_EQ(window.close(0, true, kCrc16Start), Window::Verdict::kVerified);
  window.references(kDigits, 9);
  EXPECT_EQ(window.close(1, true, 0x29B1), Window::Verdict::kVerified);
}

TEST(Window, AWrongCrcIsAMismatchAndTheNextWindowIsJudgedAgain) {
  Window window;
  window.references(kDigits, 9);
  EXPECT_EQ(window.close(0, true, 0x29B0), Window::Verdict::kMismatch);
  window.references(kDigits, 9);
  EXPECT_EQ(window.close(1, true, 0x29B1), Window::Verdict::kVerified);
}

TEST(Window, AMissingFrameBreaksTheWindowWhateverTheCrc) {
  Window window;
  window.lose();
  window.references(kDigits, 9);
  EXPECT_EQ(window.close(0, true, 0x29B1), Window::Verdict::kBroken);
  window.references(kDigits, 9);
  EXPECT_EQ(window.close(1, true, 0x29B1), Window::Verdict::kVerified);
}

TEST(Window, AnUnexpectedIdIsBrokenAndTheNextFollowsIt) {
  Window window;
  EXPECT_EQ(window.close(7, true, kCrc16Start), Window::Verdict::kBroken);
  EXPECT_EQ(window.close(8, true, kCrc16Start), Window::Verdict::kVerified);
}

TEST(Window, IdsWrapAt16Bits) {
  Window window;
  (void)window.close(0xFFFF, true, 0);
  EXPECT_EQ(window.close(0, true, kCrc16Start), Window::Verdict::kVerified);
}

TEST(Window, WithoutACrcNothingIsClaimed) {
  Window window;
  window.references(kDigits, 9);
  EXPECT_EQ(window.close(0, false, 0), Window::Verdict::kUnchecked);
}

}  // namespace
}  // namespace pfs
