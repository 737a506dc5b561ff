#include "../reference.hpp"

namespace pfs {
namespace {

const RegisterReference kReference({.op = 10, .unit = 8, .answer = [](const Bytes& bytes, uint64_t /*arg*/) {
                                      uint64_t sum = 0;
                                      for (size_t i = 0; i < bytes.size(); ++i)
                                        sum += uint64_t{bytes[i]} << (8 * (i % 8));
                                      return Answer{sum, {}};
                                    }});

}  // namespace
}  // namespace pfs
