// What tests/variants does with single loops, with every kernel of the registry as a whole: generated cases of every
// size, content and place beside memory that cannot be touched. The kernel runs the variants of the active level, so
// this is also run with PFS_ISA set to each level.
#include <gtest/gtest.h>

#include "../variants/input.hpp"
#include "reference.hpp"
#include "rig.hpp"

namespace pfs {
namespace {

using variants::Case;
using variants::Input;

constexpr uint64_t kSeed = 20261125;

/// What the reference makes of the bytes, which become what it leaves of them.
Answer apply(const Reference& reference, Bytes& bytes, uint64_t arg) {
  if (!reference.change) return reference.answer(bytes, arg);
  uint64_t changed = 0;
  for (uint8_t& byte : bytes) {
    const uint8_t before = byte;
    byte = reference.change(byte, arg);
    changed += byte != before;
  }
  return {changed, {}};
}

class EachKernel : public testing::TestWithParam<std::string> {};

TEST_P(EachKernel, AgreesWithItsReferenceBesideMemoryThatCannotBeTouched) {
  const Kernel& kernel = *find_kernel(GetParam());
  const Reference* reference = find_reference(kernel.op);
  ASSERT_NE(reference, nullptr);
  std::vector<std::byte> room(kernel.state_bytes + 64);
  std::byte* const state = room.data() + (64 - reinterpret_cast<uintptr_t>(room.data()) % 64);
  for (const Case& each : variants::all_cases(kSeed)) {
    if (each.size == 0) continue;  // of no bytes some kernels have no answer
    Input in(each);
    const size_t bytes = each.size * reference->unit;
    uint8_t* data = in.data(bytes);
    const uint64_t arg = in.random();
    Bytes wanted_bytes(data, data + bytes);
    const Answer wanted = apply(*reference, wanted_bytes, arg);
    Bytes output_bytes(kKernelOutputMax);
    KernelOutput output{.bytes = output_bytes.data()};
    kernel.start(state, arg);
    kernel.feed(state, data, bytes);
    kernel.finish(state, output);
    output_bytes.resize(output.length);
    ASSERT_EQ(output.value, wanted.value) << each.text();
    ASSERT_EQ(output_bytes, wanted.bytes) << each.text();
    ASSERT_TRUE(std::equal(wanted_bytes.begin(), wanted_bytes.end(), data)) << each.text();
  }
}

std::vector<std::string> names() {
  const auto all = kernel_names();
  return {all.begin(), all.end()};
}

INSTANTIATE_TEST_SUITE_P(Kernels, EachKernel, testing::ValuesIn(names()), [](const auto& info) { return info.param; });

}  // namespace
}  // namespace pfs
