#include "../reference.hpp"

namespace pfs {
namespace {

const RegisterReference kReference({.op = 7, .answer = [](const Bytes& bytes, uint64_t /*arg*/) {
                                      uint64_t crc = 0;
                                      for (const uint8_t byte : bytes) {
                                        crc ^= uint64_t{byte} << 56;
                                        for (int bit = 0; bit < 8; ++bit)
                                          crc = crc << 1 ^ (crc >> 63 != 0 ? 0x42F0E1EBA9EA3693 : 0);
                                      }
                                      return Answer{crc, {}};
                                    }});

}  // namespace
}  // namespace pfs
