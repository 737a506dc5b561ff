#include <algorithm>

#include "../reference.hpp"

namespace pfs {
namespace {

const RegisterReference kReference({.op = 4, .answer = [](const Bytes& bytes, uint64_t arg) {
                                      const auto equal =
                                          std::count(bytes.begin(), bytes.end(), static_cast<uint8_t>(arg));
                                      return Answer{static_cast<uint64_t>(equal), {}};
                                    }});

}  // namespace
}  // namespace pfs
