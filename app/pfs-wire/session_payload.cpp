#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>

#include "session_json.hpp"
#include "session_kinds.hpp"
#include "vectors.hpp"

namespace pfs {
namespace {

using nlohmann::json;

constexpr const char* kCompare = "compare tests/vectors/session.jsonl";

/// Takes the fields of one object and remembers the first that is not as it should be.
class Fields {
 public:
  Fields(const json& from, const std::string& where) : from_(from), where_(where) {}

  template <class Field>
  void operator()(const char* name, Field&& field) {
    if (!done_) return;
    const auto found = from_.find(name);
    if (found == from_.end()) return;  // it keeps what it begins with
    ++taken_;
    if (!read(*found, field)) done_ = fail(where_, fmt::format("\"{}\" is {}", name, found->dump()), wanted(field));
  }

  /// Error if a field was wrong, or if the object has others than those that were taken and `beside` more.
  [[nodiscard]] Result<void> done(size_t beside) const {
    if (done_ && from_.size() != taken_ + beside) {
      return fail(where_, fmt::format("a field that nobody reads in {}", from_.dump()), kCompare);
    }
    return done_;
  }

 private:
  template <std::unsigned_integral T>
  static bool read(const json& value, T& to) {
    if constexpr (std::same_as<T, bool>) {
      if (!value.is_boolean()) return false;
    } else if (!value.is_number_unsigned() || value.get<uint64_t>() > std::numeric_limits<T>::max()) {
      return false;
    }
    to = value.get<T>();
    return true;
  }
  static bool read(const json& value, ByeUnit::Reason& to) {
    for (uint8_t i = 0; i <= static_cast<uint8_t>(kByeReasonLast); ++i) {
      to = static_cast<ByeUnit::Reason>(i);
      if (value == name(to)) return true;
    }
    return false;
  }
  static bool read(const json& value, Sha256Digest& to) {
    const auto bytes = value.is_string() ? parse_hex(value.get<std::string>(), "") : std::vector<uint8_t>();
    if (!bytes || bytes->size() != to.size()) return false;
    std::copy(bytes->begin(), bytes->end(), to.begin());
    return true;
  }
  static bool read(const json& value, const SackMap& to) {
    if (!value.is_array() || value.size() > to.map.size()) return false;
    to.words = static_cast<uint32_t>(value.size());
    for (size_t i = 0; i < value.size(); ++i) {
      if (!read(value[i], to.map[i])) return false;
    }
    return true;
  }

  template <std::unsigned_integral T>
  static std::string wanted(T) {
    if constexpr (std::same_as<T, bool>) return "give true or false";
    return fmt::format("give a whole number up to {}", std::numeric_limits<T>::max());
  }
  static std::string wanted(ByeUnit::Reason) { return "give a name of WIRE.md's table of reasons"; }
  static std::string wanted(const Sha256Digest&) { return "give 64 hexadecimal digits"; }
  static std::string wanted(const SackMap&) { return fmt::format("give up to {} words", kSackWordsMax); }

  const json& from_;
  const std::string& where_;
  size_t taken_ = 0;
  Result<void> done_;
};

/// The units of a frame, one behind the other.
class Units {
 public:
  void add(std::span<const uint8_t> bytes) { bytes_.insert(bytes_.end(), bytes.begin(), bytes.end()); }

  /// Adds what write(UnitWriter&) writes; a unit that fields of JSON make always fits.
  template <class Write>
  void add_unit(Write write) {
    std::array<uint8_t, 2048> room;
    UnitWriter out(room);
    write(out);
    add(out.written());
  }

  [[nodiscard]] const std::vector<uint8_t>& bytes() const noexcept { return bytes_; }

 private:
  std::vector<uint8_t> bytes_;
};

Result<void> add_raw(const json& unit, Units& out, const std::string& where) {
  const auto hex = string_field(unit, "bytes", where);
  if (!hex) return tl::unexpected(hex.error());
  const auto bytes = parse_hex(*hex, where);
  if (!bytes) return tl::unexpected(bytes.error());
  out.add(*bytes);
  return {};
}

Result<void> add_nack(const json& unit, Units& out, const std::string& where) {
  const auto gaps = unit.find("gaps");
  std::vector<UnitWriter::Gap> list;
  bool good = gaps != unit.end() && gaps->is_array() && !gaps->empty() && gaps->size() <= 256;
  for (size_t i = 0; good && i < gaps->size(); ++i) {
    const json& gap = (*gaps)[i];
    good = gap.is_array() && gap.size() == 2 && gap[0].is_number_unsigned() && gap[1].is_number_unsigned() &&
           gap[0].get<uint64_t>() <= UINT32_MAX && gap[1].get<uint64_t>() - 1 < 65536;
    if (good) list.push_back({gap[0].get<uint32_t>(), gap[1].get<uint32_t>()});
  }
  if (!good)
    return fail(where, "\"gaps\" of NACK are not right", "give 1 to 256 pairs [first, count], count 1 to 65536");
  out.add_unit([&](UnitWriter& to) { to.nack(list); });
  return {};
}

Result<void> add_unit(const json& unit, Units& out, const std::string& where) {
  const auto name = string_field(unit, "unit", where);
  if (!name) return tl::unexpected(name.error());
  if (*name == "raw") return add_raw(unit, out, where);
  if (*name == "NACK") return add_nack(unit, out, where);
  Result<void> done =
      fail(where, fmt::format("no unit is called {}", json_string(*name)), "compare WIRE.md, section 8");
  any_session_kind([&]<class Unit>(const SessionKind<Unit>& kind) {
    if (*name != kind.name) return false;
    Unit value;
    Fields fields(unit, where);
    for_fields(value, std::ref(fields));
    done = fields.done(1);
    out.add_unit([&](UnitWriter& to) { (to.*kind.write)(value); });
    return true;
  });
  return done;
}

Result<FrameHeader> read_header(const json& row, const std::string& where) {
  FrameHeader header;
  const auto from = row.find("header");
  if (from == row.end() || from->is_null()) return header;
  uint16_t length = 0;  // is found anew
  Fields fields(*from, where);
  fields("flags", header.flags);
  fields("stream", header.stream);
  fields("seq", header.seq);
  fields("gram", header.gram);
  fields("frag", header.frag);
  fields("length", length);
  if (auto done = fields.done(0); !done) return tl::unexpected(done.error());
  if (header.flags > 15) return fail(where, "flags of the header are above 15", "they have four bits");
  return header;
}

/// What `session` has under a key, or null.
json part(const json& session, const char* key) {
  const auto found = session.find(key);
  return found == session.end() ? json() : *found;
}

}  // namespace

Result<std::vector<uint8_t>> session_payload(const json& row, const std::string& where) {
  auto header = read_header(row, where);
  if (!header) return tl::unexpected(header.error());
  const json session = part(row, "session");
  const json head = part(session, "carry");
  if (!head.is_object()) return fail(where, "no object \"carry\" in \"session\"", kCompare);
  CarryUnit carry;
  Fields fields(head, where);
  for_fields(carry, std::ref(fields));
  if (auto done = fields.done(0); !done) return tl::unexpected(done.error());

  Units units;
  units.add_unit([&](UnitWriter& to) { to.carry(carry); });
  const json list = part(session, "units");
  if (!list.is_array() && !list.is_null()) return fail(where, "\"units\" is not a list", kCompare);
  for (const json& unit : list) {
    if (auto done = add_unit(unit, units, where); !done) return tl::unexpected(done.error());
  }
  size_t bytes = kFrameHeaderBytes + units.bytes().size();
  if (!part(session, "bytes").is_null()) {
    const auto padded = number_field(session, "bytes", UINT16_MAX, where);
    if (!padded) return tl::unexpected(padded.error());
    if (*padded < bytes)
      return fail(where, fmt::format("the frame has {} bytes without padding", bytes), "raise \"bytes\"");
    bytes = *padded;
  }
  if (bytes > UINT16_MAX) return fail(where, "the units are longer than a frame", "leave some out");

  std::vector<uint8_t> payload(bytes);
  header->length = static_cast<uint16_t>(bytes - kFrameHeaderBytes);
  write_frame(payload.data(), *header);
  std::copy(units.bytes().begin(), units.bytes().end(), payload.begin() + kFrameHeaderBytes);
  UnitWriter rest({payload.data() + kFrameHeaderBytes + units.bytes().size(), header->length - units.bytes().size()});
  rest.padding(rest.room());
  seal_carried(payload, carry);
  return payload;
}

}  // namespace pfs
