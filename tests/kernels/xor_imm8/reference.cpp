#include "../reference.hpp"

namespace pfs {
namespace {

const RegisterReference kReference({.op = 2, .change = [](uint8_t byte, uint64_t arg) {
                                      return static_cast<uint8_t>(byte ^ arg);
                                    }});

}  // namespace
}  // namespace pfs
