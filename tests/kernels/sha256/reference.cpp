#include "../reference.hpp"
#include "base/endian.hpp"
#include "base/sha256.hpp"

namespace pfs {
namespace {

const RegisterReference kReference({.op = 11, .answer = [](const Bytes& bytes, uint64_t /*arg*/) {
                                      Sha256 sha;
                                      sha.update(bytes);
                                      const Sha256Digest digest = sha.finish();
                                      return Answer{load_be<uint64_t>(digest.data()), {digest.begin(), digest.end()}};
                                    }});

}  // namespace
}  // namespace pfs
