#include "../reference.hpp"

namespace pfs {
namespace {

const RegisterReference kReference({.op = 1, .answer = [](const Bytes& bytes, uint64_t arg) {
                                      uint64_t value = arg == 0 ? 0xCBF29CE484222325 : arg;
                                      for (const uint8_t byte : bytes) value = (value ^ byte) * 0x100000001B3;
                                      return Answer{value, {}};
                                    }});

}  // namespace
}  // namespace pfs
