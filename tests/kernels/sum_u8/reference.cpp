#include "../reference.hpp"

namespace pfs {
namespace {

const RegisterReference kReference({.op = 8, .answer = [](const Bytes& bytes, uint64_t /*arg*/) {
                                      uint64_t sum = 0;
                                      for (const uint8_t byte : bytes) sum += byte;
                                      return Answer{sum, {}};
                                    }});

}  // namespace
}  // namespace pfs
