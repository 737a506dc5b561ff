#include "session/cookies.hpp"

#include <type_traits>

#include "base/endian.hpp"

namespace pfs::session {
namespace {

constexpr transport::Time kBucket = 8 * transport::kSecond;  // a cookie holds in the one it was made in and in the next

}  // namespace

uint64_t Cookies::number(Use use, const Address& address, uint64_t a, uint64_t b) noexcept {
  static_assert(std::has_unique_object_representations_v<Address>, "the digest runs over all of its bytes");
  std::array<uint8_t, 24> fixed;
  store_be(fixed.data(), static_cast<uint64_t>(use));
  store_be(fixed.data() + 8, a);
  store_be(fixed.data() + 16, b);
  sha256_.update(secret_);
  sha256_.update(fixed);
  sha256_.update({reinterpret_cast<const uint8_t*>(&address), sizeof address});
  const Sha256Digest digest = sha256_.finish();
  const auto value = load_be<uint64_t>(digest.data());
  return value == 0 ? 1 : value;
}

uint64_t Cookies::make(const Address& to, uint64_t nonce, transport::Time now) noexcept {
  return number(Use::kCookie, to, nonce, now / kBucket);
}

bool Cookies::holds(uint64_t cookie, const Address& from, uint64_t nonce, transport::Time now) noexcept {
  if (cookie == 0) return false;
  const uint64_t bucket = now / kBucket;
  return cookie == number(Use::kCookie, from, nonce, bucket) ||
         (bucket != 0 && cookie == number(Use::kCookie, from, nonce, bucket - 1));
}

uint64_t Cookies::draw() noexcept { return number(Use::kDraw, {}, boot_, ++drawn_); }

}  // namespace pfs::session
