#include <algorithm>

#include "../reference.hpp"

namespace pfs {
namespace {

const RegisterReference kReference({.op = 9, .answer = [](const Bytes& bytes, uint64_t /*arg*/) {
                                      const auto [least, most] = std::minmax_element(bytes.begin(), bytes.end());
                                      return Answer{*least * 256ULL + *most, {}};
                                    }});

}  // namespace
}  // namespace pfs
