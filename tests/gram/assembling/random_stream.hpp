#pragma once

#include <algorithm>
#include <vector>

#include "rig.hpp"

// Streams of anything, and what a network may do to them.
namespace pfs::test {

struct SentFrame {
  Bytes bytes;
  uint32_t gram;  ///< place in Sent::grams
};

struct Sent {
  std::vector<SentFrame> frames;
  std::vector<Given> grams;
};

using Random = std::mt19937_64;

uint32_t below(Random& random, uint32_t bound) { return static_cast<uint32_t>(random() % bound); }

/// Adds a range as WIRE.md says: merged into the one before it if it continues it, inside the frame only.
inline void denote(std::vector<Descriptor>& table, size_t first, Descriptor range) {
  if (table.size() > first && table.back().space == range.space &&
      table.back().offset + table.back().length == range.offset) {
    table.back().length += range.length;
  } else {
    table.push_back(range);
  }
}

/// Random units into the frame, and what they denote onto the gram.
inline void random_units(Random& random, Units& units, Given& gram) {
  const size_t first = gram.table.size();
  for (uint32_t n = below(random, 5); n > 0; --n) {
    const uint32_t kind = below(random, 5);
    if (kind < 3) {
      std::vector<uint32_t> refs(1 + below(random, random() % 8 == 0 ? 100 : 10));
      const uint64_t base[] = {4096, 8192, kL3};
      const uint64_t item[] = {1, 8, 64};
      for (uint32_t& ref : refs) {
        ref = below(random, 2) != 0 && &ref != refs.data() ? (&ref)[-1] : below(random, kind == 0 ? 250 : 16384);
        if (&ref != refs.data()) ref = (ref + 1) % 250;
        denote(gram.table, first, blob_range(base[kind] + ref * item[kind], item[kind]));
      }
      units.run(static_cast<int>(kind), refs);
    } else if (kind == 3) {
      Bytes data(below(random, 20));
      for (uint8_t& byte : data) byte = static_cast<uint8_t>(random());
      if (!data.empty()) denote(gram.table, first, slab_range(gram.slab.size(), data.size()));
      gram.slab.insert(gram.slab.end(), data.begin(), data.end());
      units.literal(data);
    } else {
      std::vector<uint16_t> deltas(below(random, 4)), lengths(deltas.size() + 1);
      for (uint16_t& delta : deltas) delta = static_cast<uint16_t>(below(random, 1000));
      for (uint16_t& length : lengths) length = static_cast<uint16_t>(below(random, 100));
      uint64_t offset = 50000;
      for (size_t i = 0; i < lengths.size(); ++i) {
        if (i > 0) offset += static_cast<uint64_t>(-3) + deltas[i - 1];
        denote(gram.table, first, blob_range(offset, 7u + lengths[i]));
        offset += 7u + lengths[i];
      }
      units.extents(50000, -3, 7, deltas, lengths);
    }
  }
}

/// Grams of 1 to 6 frames, up to three of them interleaved, in one stream from `seq` and `number` on, and a window's
/// mark now and then. `session`: 0, or the id that the first frame names.
inline Sent random_stream(Random& random, uint32_t grams, uint32_t seq, uint32_t number, uint64_t session = 0) {
  struct Open {
    uint32_t place, left;
    uint16_t frag;
  };
  Sent sent;
  std::vector<Open> open;
  Bytes window;
  uint16_t window_id = 0;
  while (sent.grams.size() < grams || !open.empty()) {
    if (sent.grams.size() < grams && (open.empty() || (open.size() < 3 && below(random, 4) == 0))) {
      open.push_back({static_cast<uint32_t>(sent.grams.size()), 1 + below(random, 6), 0});
      sent.grams.push_back({.number = number++, .op = static_cast<uint8_t>(random()), .arg = random()});
      // Numbers count up in the order of opening, so the gram just opened sends its first frame now.
      std::swap(open.back(), open[0]);
    }
    const size_t which = open[0].frag == 0 ? 0 : below(random, static_cast<uint32_t>(open.size()));
    Open& at = open[which];
    Given& gram = sent.grams[at.place];
    Units units;
    if (at.frag == 0) units.gram(gram.op, gram.arg);
    if (sent.frames.empty() && session != 0) units.session(session);
    random_units(random, units, gram);
    window.insert(window.end(), units.references.begin(), units.references.end());
    if (below(random, 4) == 0) {
      units.mark(window_id++, crc16(window));
      window.clear();
    }
    ++gram.frames;
    if (at.left == 1) units.gram_end(static_cast<uint16_t>(gram.frames));
    sent.frames.push_back({frame({.seq = seq++, .gram = gram.number, .frag = at.frag}, units), at.place});
    ++at.frag;
    if (--at.left == 0) open.erase(open.begin() + static_cast<ptrdiff_t>(which));
  }
  for (Given& gram : sent.grams) {
    for (const Descriptor& range : gram.table) gram.bytes += range.length;
  }
  return sent;
}

struct Impairment {
  const char* name;
  uint32_t loss, copies, damage;  ///< in 1,000
  uint32_t delay;                 ///< frames by which one may come late
};

struct Arrival {
  uint64_t when;
  size_t frame;
  bool damaged;
};

inline std::vector<Arrival> impair(Random& random, size_t frames, const Impairment& how) {
  std::vector<Arrival> arrivals;
  for (size_t i = 0; i < frames; ++i) {
    const auto when = [&] { return i * 16 + below(random, how.delay * 16 + 1); };
    if (below(random, 1000) < how.damage) arrivals.push_back({i * 16, i, true});
    if (below(random, 1000) < how.loss) continue;
    arrivals.push_back({when(), i, false});
    while (below(random, 1000) < how.copies) arrivals.push_back({when(), i, false});
  }
  std::stable_sort(arrivals.begin(), arrivals.end(), [](auto& a, auto& b) { return a.when < b.when; });
  return arrivals;
}

/// Broken so that every receiver sees it, in one of several ways.
inline Bytes damaged(Random& random, const Bytes& good) {
  Bytes bad = good;
  switch (below(random, 3)) {
    case 0:
      bad.resize(below(random, static_cast<uint32_t>(good.size())));
      return bad;
    case 1:
      bad[1] = static_cast<uint8_t>((bad[1] & 15) | 0x20);
      return bad;
    default:  // an L3 run out of bounds in front of all units
      bad.insert(bad.begin() + 16, {0x80, 0xFF, 0xFF, 0xFF, 0xFF});
      bad[14] = static_cast<uint8_t>((bad.size() - 16) >> 8);
      bad[15] = static_cast<uint8_t>(bad.size() - 16);
      return bad;
  }
}

}  // namespace pfs::test
