// The same target for libFuzzer. CXX=clang++ meson setup /tmp/fuzz . && ninja -C /tmp/fuzz tests/fuzz/fuzz_control
#include "fuzz_control.hpp"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  pfs::test::fuzz_control(data, size);
  return 0;
}
