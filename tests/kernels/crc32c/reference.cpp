#include "../reference.hpp"

namespace pfs {
namespace {

const RegisterReference kReference({.op = 5, .answer = [](const Bytes& bytes, uint64_t /*arg*/) {
                                      uint32_t crc = 0xFFFFFFFF;
                                      for (const uint8_t byte : bytes) {
                                        crc ^= byte;
                                        for (int bit = 0; bit < 8; ++bit)
                                          crc = crc >> 1 ^ ((crc & 1) != 0 ? 0x82F63B78 : 0);
                                      }
                                      return Answer{crc ^ 0xFFFFFFFF, {}};
                                    }});

}  // namespace
}  // namespace pfs
