#include "wire/codec/prp32/prp32.hpp"

#include <gtest/gtest.h>

#include <random>

namespace pfs {
namespace {

// Values printed by pfswire.py: prp32(x, key).
TEST(Prp32, EqualsTheExecutableReference) {
  struct Known {
    uint32_t wire, key, index;
  };
  for (const Known& known : {
           Known{0x00000000, 0x00000000, 0x85EBCA77},
           Known{0x00000001, 0x00000000, 0x85EFEA56},
           Known{0xFFFFFFFF, 0x00000000, 0x85E82A68},
           Known{0x00000000, 0x00000001, 0xD4E78C6F},
           Known{0x12345678, 0x00C0FFEE, 0xB9861D84},
           Known{0xFFFFFFFF, 0xFFFFFFFF, 0x2B1C53B0},
           Known{0xDEADBEEF, 0x00C0FFEE, 0x79636796},
       }) {
    EXPECT_EQ(prp32(known.wire, known.key), known.index) << "wire " << known.wire << " key " << known.key;
  }
}

TEST(Prp32, InverseUndoesItForAnyKey) {
  std::mt19937 random(5);
  for (int i = 0; i < 100000; ++i) {
    const uint32_t index = random();
    const uint32_t key = i % 4 == 0 ? 0 : random();
    ASSERT_EQ(prp32(prp32_inverse(index, key), key), index) << "key " << key;
    ASSERT_EQ(prp32_inverse(prp32(index, key), key), index) << "key " << key;
  }
}

}  // namespace
}  // namespace pfs
