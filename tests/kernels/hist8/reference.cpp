#include <array>

#include "../reference.hpp"

namespace pfs {
namespace {

const RegisterReference kReference({.op = 6, .answer = [](const Bytes& bytes, uint64_t /*arg*/) {
                                      std::array<uint64_t, 256> counts{};
                                      for (const uint8_t byte : bytes) ++counts[byte];
                                      Answer answer{bytes.size(), {}};
                                      for (const uint64_t count : counts)
                                        for (int shift = 56; shift >= 0; shift -= 8)
                                          answer.bytes.push_back(static_cast<uint8_t>(count >> shift));
                                      return answer;
                                    }});

}  // namespace
}  // namespace pfs
