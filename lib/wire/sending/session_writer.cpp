#include <algorithm>

#include "wire/sending/writer.hpp"

// The units of sessions (WIRE.md, section 8), as UnitWriter writes them; session_units.cpp reads the same bytes.

namespace pfs {
namespace {

/// Puts fields one behind the other where the caller has taken room for them.
struct Fields {
  uint8_t* at;

  template <class T>
  Fields& put(T value) noexcept {
    store_be(at, value);
    at += sizeof(T);
    return *this;
  }
};

void put_terms(Fields& fields, const Terms& terms) noexcept {
  fields.put(terms.version).put(terms.digest).put(terms.window_pow2).put(terms.path).put(terms.boot);
  fields.at = std::copy(terms.root.begin(), terms.root.end(), fields.at);
  fields.put(terms.layout.size).put(terms.layout.l1).put(terms.layout.l2).put(terms.layout.l3);
  fields.put(terms.layout.word).put(terms.layout.block).put(terms.streams).put(uint16_t{0});
  fields.put(terms.payload).put(terms.frames).put(terms.bytes).put(terms.capabilities).put(terms.session);
  fields.put(terms.cookie).put(terms.nonce);
}

}  // namespace

bool UnitWriter::carry(const CarryUnit& unit) noexcept {
  uint8_t* at = sized(kCarryTag, kCarryBytes);
  if (at == nullptr) return false;
  const uint8_t flags = (unit.sequenced ? kCarrySequenced : 0) | (unit.ping ? kCarryPing : 0);
  Fields fields{at};
  fields.put(uint32_t{0}).put(unit.session).put(flags).put(unit.path).put(unit.stamp).put(unit.denoted);
  return true;
}

bool UnitWriter::sack(const SackUnit& unit) noexcept {
  if (unit.words > kSackWordsMax) return false;
  uint8_t* at = sized(kSackTag, kSackFixedBytes + unit.words * sizeof(uint64_t));
  if (at == nullptr) return false;
  Fields fields{at};
  fields.put(unit.stream).put(unit.path).put(unit.pressure).put(unit.next).put(unit.frames).put(unit.bytes);
  fields.put(unit.stamp).put(unit.held).put(unit.first).put(uint16_t{0}).put(static_cast<uint16_t>(unit.words));
  for (uint32_t i = 0; i < unit.words; ++i) fields.put(unit.map[i]);
  return true;
}

bool UnitWriter::hello(const Terms& unit) noexcept {
  uint8_t* at = sized(kHelloTag, kTermsBytes);
  if (at == nullptr) return false;
  Fields fields{at};
  put_terms(fields, unit);
  return true;
}

bool UnitWriter::welcome(const WelcomeUnit& unit) noexcept {
  uint8_t* at = sized(kWelcomeTag, kWelcomeBytes);
  if (at == nullptr) return false;
  Fields fields{at};
  put_terms(fields, unit.terms);
  fields.put(unit.opener);
  return true;
}

bool UnitWriter::bye(const ByeUnit& unit) noexcept {
  uint8_t* at = sized(kByeTag, kByeBytes);
  if (at == nullptr) return false;
  Fields fields{at};
  fields.put(static_cast<uint8_t>(unit.reason)).put(static_cast<uint8_t>(unit.answer)).put(unit.opener);
  fields.put(unit.ours).put(unit.theirs);
  return true;
}

bool UnitWriter::retry(const RetryUnit& unit) noexcept {
  uint8_t* at = sized(kRetryTag, kRetryBytes);
  if (at == nullptr) return false;
  Fields fields{at};
  fields.put(unit.opener).put(unit.cookie);
  return true;
}

bool UnitWriter::probe(const ProbeUnit& unit) noexcept {
  uint8_t* at = sized(kProbeTag, kProbeBytes);
  if (at == nullptr) return false;
  Fields fields{at};
  fields.put(static_cast<uint8_t>(unit.answer)).put(unit.path).put(unit.bytes);
  return true;
}

bool UnitWriter::padding(uint32_t until) noexcept {
  if (until < used_ || until > out_.size()) return false;
  const std::span<uint8_t> rest = out_.subspan(used_, until - used_);
  std::fill(rest.begin(), rest.end(), uint8_t{0});
  if (!rest.empty()) rest[0] = static_cast<uint8_t>(Tag::kEnd);
  used_ = until;
  return true;
}

}  // namespace pfs
