// The same target for libFuzzer. CXX=clang++ meson setup /tmp/fuzz . && ninja -C /tmp/fuzz tests/fuzz/fuzz_frame
#include "fuzz_frame.hpp"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  pfs::test::fuzz_frame(data, size);
  return 0;
}
