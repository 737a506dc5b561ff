// What finding and sending the difference of two versions costs, a core: chunks, their index, the match of a newer
// version against a blob that holds the older one, and the literals that are left; and how many bytes it comes to,
// beside zstd --patch-from. PFS_OLD=FILE PFS_NEW=FILE take two versions of something real.
#include <benchmark/benchmark.h>
#include <zstd.h>

#include <algorithm>
#include <utility>

#include "blob/denote_file.hpp"
#include "data.hpp"
#include "gram/building/builder.hpp"
#include "reduce/build_index.hpp"
#include "reduce/encode.hpp"
#include "reduce/expected.hpp"
#include "reduce/literals.hpp"
#include "reduce/matcher.hpp"
#include "simd/splitmix/splitmix.hpp"

namespace pfs::reduce {
namespace {

using bench::Pages;
using bench::versions;

constexpr uint64_t kGram = 256 << 10;  // bytes of the input, as file_source cuts it
constexpr LiteralRules kRules = {.bytes = kGram, .expected = 2 * kGram, .level = 1};

std::span<const uint8_t> random_input() {
  static const Pages pages(256 << 20);
  static const bool filled = (splitmix_words(pages.bytes().data(), 9, 0, pages.bytes().size() / 8), true);
  benchmark::DoNotOptimize(filled);
  return pages.bytes();
}

std::span<const uint8_t> whole_blob() { return {versions().blob.data, versions().blob.layout.size}; }

void in_turn(size_t count, const std::function<void(size_t)>& body) {
  for (size_t i = 0; i < count; ++i) body(i);
}

ChunkIndex make_index(const Chunker& chunker) {
  const BlobView& blob = versions().blob;
  return std::move(build_chunk_index(blob, blob.layout.l3, chunker, in_turn).value().index);
}

void rate(benchmark::State& state, uint64_t bytes) {
  state.SetBytesProcessed(static_cast<int64_t>(static_cast<uint64_t>(state.iterations()) * bytes));
}

void chunk(benchmark::State& state, std::span<const uint8_t> input, uint32_t average) {
  const Chunker chunker(average);
  uint64_t chunks = 0;
  for (auto _ : state) {
    chunks = 0;
    for (size_t at = 0; at < input.size(); ++chunks) at += chunker.length(input.data() + at, input.size() - at);
    benchmark::DoNotOptimize(chunks);
  }
  rate(state, input.size());
  state.counters["mean"] = static_cast<double>(input.size()) / static_cast<double>(chunks);
}

void index_build(benchmark::State& state, uint32_t average) {
  const Chunker chunker(average);
  uint64_t entries = versions().older.size();  // so that the versions are there before the clock runs
  for (auto _ : state) entries = make_index(chunker).count();
  rate(state, versions().older.size());
  state.counters["entries"] = static_cast<double>(entries);
}

/// Matches all of the input as one file and calls visit(part, pieces) for each gram.
template <class Visit>
void match_grams(Matcher& matcher, std::span<const uint8_t> input, std::vector<Piece>& room, Visit&& visit) {
  matcher.restart();
  for (uint64_t at = 0; at < input.size();) {
    const std::span<const uint8_t> part = input.subspan(at, std::min<uint64_t>(kGram, input.size() - at));
    PieceTable table{room.data(), 0, room.size()};
    at += matcher.match(part, table);
    visit(part, std::span(table.data, table.count));
  }
}

void match(benchmark::State& state, std::span<const uint8_t> input, uint32_t average) {
  const Chunker chunker(average);
  const ChunkIndex index = make_index(chunker);
  Matcher matcher(whole_blob(), index, chunker);
  std::vector<Piece> room(kGram / 16);
  uint64_t literal = 0;
  for (auto _ : state) {
    literal = 0;
    match_grams(matcher, input, room, [&](std::span<const uint8_t>, std::span<const Piece> pieces) {
      for (const Piece& piece : pieces) literal += piece.is(PieceKind::kLiteral) ? piece.length : 0;
    });
  }
  rate(state, input.size());
  state.counters["literal"] = static_cast<double>(literal);
}

/// The peer: what file_source does today.
void match_blocks(benchmark::State& state, std::span<const uint8_t> input) {
  const BlockIndex index = BlockIndex::build(versions().blob, in_turn).value();
  std::vector<Descriptor> room(kGram / 64);
  uint64_t literal = 0;
  for (auto _ : state) {
    FileDenoter denoter(versions().blob, index);
    for (uint64_t at = 0; at < input.size();) {
      DescriptorTable table{room.data(), 0, static_cast<uint32_t>(room.size())};
      at += denoter.denote(input.subspan(at, std::min<uint64_t>(kGram, input.size() - at)), table);
    }
    literal = denoter.bytes_literal();
  }
  rate(state, input.size());
  state.counters["literal"] = static_cast<double>(literal);
}

struct CountingSink final : FrameSink {
  std::span<uint8_t> open() noexcept override { return room; }
  void close(uint32_t used, uint64_t) noexcept override { bytes += used; }
  std::vector<uint8_t> room = std::vector<uint8_t>(65536);
  uint64_t bytes = 0;
};

/// Bytes of a number that is written seven bits a byte.
uint64_t varint_bytes(uint64_t value) { return value < 128 ? 1 : 1 + varint_bytes(value >> 7); }
uint64_t zigzag(int64_t value) { return static_cast<uint64_t>(value) << 1 ^ static_cast<uint64_t>(value >> 63); }

/// Bytes of a gram's pieces as one list: of each copy its distance from where the input would go on, and lengths.
uint64_t list_bytes(std::span<const Descriptor> table, uint64_t& next) {
  uint64_t bytes = 0;
  for (const Descriptor& range : table) {
    bytes += varint_bytes(range.length);
    if (range.in_blob()) {
      bytes += varint_bytes(zigzag(static_cast<int64_t>(range.offset - next)));
      next = range.offset;
    }
    next += range.length;
  }
  return bytes;
}

/// All of it: match, drop what does not pay, and compress the literals of each gram.
void whole(benchmark::State& state, uint32_t average, const LiteralRules& rules, bool against) {
  const Chunker chunker(average);
  const ChunkIndex index = make_index(chunker);
  Matcher matcher(whole_blob(), index, chunker);
  LiteralEncoder encoder = LiteralEncoder::create(rules).value();
  std::vector<Piece> room(kGram / 16);
  std::vector<Descriptor> descriptors(kGram / 16);
  std::vector<uint8_t> slab(kGram);
  std::vector<uint8_t> expected(rules.expected);
  const Layout& layout = versions().blob.layout;
  uint64_t copied = 0, literal = 0, compressed = 0, list = 0, pieces_all = 0, grams = 0;
  for (auto _ : state) {
    copied = literal = compressed = list = pieces_all = grams = 0;
    match_grams(matcher, versions().newer, room, [&](std::span<const uint8_t> part, std::span<Piece> pieces) {
      const size_t count = drop_costly(pieces, layout, {.copy = 6, .next_copy = 6, .literal = 0, .literal_of_256 = 90});
      PieceCursor cursor{pieces.first(count), 0};
      DescriptorTable table{descriptors.data(), 0, static_cast<uint32_t>(descriptors.size())};
      write_descriptors(cursor, layout, UINT64_MAX, table);
      const std::span<const Descriptor> all(table.data, table.count);
      uint8_t* end = slab.data();
      for (const Descriptor& range : all) {
        if (!range.in_blob()) end = std::copy_n(part.data() + range.offset, range.length, end);
      }
      const std::span<const uint8_t> literals(slab.data(), end);
      const size_t known = against ? gather_expected(all, versions().blob, expected) : 0;
      compressed += encoder.encode(literals, std::span(expected).first(known)).bytes.size();
      literal += literals.size();
      copied += part.size() - literals.size();
      pieces_all += all.size();
      uint64_t next = 0;
      list += list_bytes(all, next);
      ++grams;
    });
  }
  rate(state, versions().newer.size());
  state.counters["copied"] = static_cast<double>(copied);
  state.counters["literal"] = static_cast<double>(literal);
  state.counters["compressed"] = static_cast<double>(compressed);
  state.counters["pieces"] = static_cast<double>(pieces_all);
  state.counters["list"] = static_cast<double>(list);
  state.counters["total"] = static_cast<double>(compressed + list + 60 * grams);  // with a gram's own units
}

/// What today's wire makes of the pieces: EXTENTS, runs and plain literals.
void today(benchmark::State& state) {
  const Chunker chunker(1024);
  const ChunkIndex index = make_index(chunker);
  Matcher matcher(whole_blob(), index, chunker);
  GramBuilder builder({.payload_bytes = 1500}, versions().blob);
  CountingSink sink;
  std::vector<Piece> room(kGram / 16);
  std::vector<Descriptor> descriptors(kGram / 16);
  for (auto _ : state) {
    sink.bytes = 0;
    match_grams(matcher, versions().newer, room, [&](std::span<const uint8_t> part, std::span<Piece> pieces) {
      PieceCursor cursor{pieces.first(drop_costly(pieces, versions().blob.layout, {})), 0};
      DescriptorTable table{descriptors.data(), 0, static_cast<uint32_t>(descriptors.size())};
      write_descriptors(cursor, versions().blob.layout, UINT64_MAX, table);
      builder.build({.pieces = std::span(table.data, table.count), .slab = part.data()}, sink);
    });
  }
  rate(state, versions().newer.size());
  state.counters["total"] = static_cast<double>(sink.bytes);
}

/// The peer: the whole newer version against the whole older one, as zstd --patch-from does it.
void patch_from(benchmark::State& state, int level) {
  const std::span<const uint8_t> older = versions().older;
  const std::span<const uint8_t> newer = versions().newer;
  std::vector<uint8_t> out(ZSTD_compressBound(newer.size()));
  ZSTD_CCtx* const context = ZSTD_createCCtx();
  ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, level);
  ZSTD_CCtx_setParameter(context, ZSTD_c_enableLongDistanceMatching, 1);
  ZSTD_CCtx_setParameter(context, ZSTD_c_windowLog, 30);
  size_t bytes = 0;
  for (auto _ : state) {
    ZSTD_CCtx_refPrefix(context, older.data(), older.size());
    bytes = ZSTD_compress2(context, out.data(), out.size(), newer.data(), newer.size());
  }
  ZSTD_freeCCtx(context);
  if (ZSTD_isError(bytes) != 0) state.SkipWithError(ZSTD_getErrorName(bytes));
  rate(state, newer.size());
  state.counters["total"] = static_cast<double>(bytes);
}

/// One slab, again and again.
void literals(benchmark::State& state, std::span<const uint8_t> input) {
  LiteralEncoder encoder = LiteralEncoder::create(kRules).value();
  uint64_t at = 0;
  uint64_t written = 0;
  uint64_t given = 0;
  for (auto _ : state) {
    if (at + kGram > input.size()) at = 0;
    written += encoder.encode(input.subspan(at, kGram), {}).bytes.size();
    given += kGram;
    at += kGram;
  }
  rate(state, kGram);
  state.counters["share"] = static_cast<double>(written) / static_cast<double>(given);
}

/// The receiver's side of a slab of the newer version.
void read_literals(benchmark::State& state, std::span<const uint8_t> input) {
  LiteralEncoder encoder = LiteralEncoder::create(kRules).value();
  LiteralDecoder decoder = LiteralDecoder::create(kRules).value();
  struct Slab {
    LiteralForm form;
    std::vector<uint8_t> bytes;
  };
  std::vector<Slab> slabs;
  for (uint64_t at = 0; at + kGram <= std::min<uint64_t>(input.size(), 256 * kGram); at += kGram) {
    const auto written = encoder.encode(input.subspan(at, kGram), {});
    slabs.push_back({written.form, {written.bytes.begin(), written.bytes.end()}});
  }
  std::vector<uint8_t> out(kGram);
  size_t next = 0;
  for (auto _ : state) {
    if (!decoder.decode(slabs[next].form, slabs[next].bytes, {}, out)) state.SkipWithError("not what was written");
    next = (next + 1) % slabs.size();
  }
  rate(state, kGram);
}

void copy(benchmark::State& state, std::span<const uint8_t> input) {
  std::vector<uint8_t> out(kGram);
  uint64_t at = 0;
  for (auto _ : state) {
    if (at + kGram > input.size()) at = 0;
    std::copy_n(input.data() + at, kGram, out.data());
    benchmark::ClobberMemory();
    at += kGram;
  }
  rate(state, kGram);
}

void sum(benchmark::State& state, std::span<const uint8_t> input) {
  for (auto _ : state) {
    uint64_t total = 0;
    for (size_t i = 0; i + 8 <= input.size(); i += 8) {
      uint64_t word;
      __builtin_memcpy(&word, input.data() + i, 8);
      total += word;
    }
    benchmark::DoNotOptimize(total);
  }
  rate(state, input.size());
}

#define PFS_BENCH(name, ...) \
  benchmark::RegisterBenchmark(name, [](benchmark::State& state) { __VA_ARGS__; })->Unit(benchmark::kMillisecond)

void register_all() {
  PFS_BENCH("chunk/ours/1KiB", chunk(state, versions().older, 1024));
  PFS_BENCH("chunk/ours/2KiB", chunk(state, versions().older, 2048));
  PFS_BENCH("chunk/ours/random-1KiB", chunk(state, random_input(), 1024));
  PFS_BENCH("chunk/ceiling-read/1KiB", sum(state, versions().older));
  PFS_BENCH("chunk-index/ours/1KiB", index_build(state, 1024));
  PFS_BENCH("chunk-index/ours/2KiB", index_build(state, 2048));
  PFS_BENCH("match/ours/1KiB", match(state, versions().newer, 1024));
  PFS_BENCH("match/ours/2KiB", match(state, versions().newer, 2048));
  PFS_BENCH("match/blocks-of-64/1KiB", match_blocks(state, versions().newer));
  PFS_BENCH("match/ours/same", match(state, versions().older, 1024));
  PFS_BENCH("match/blocks-of-64/same", match_blocks(state, versions().older));
  PFS_BENCH("match/ours/random", match(state, random_input(), 1024));
  PFS_BENCH("match/blocks-of-64/random", match_blocks(state, random_input()));
  PFS_BENCH("whole/ours/1KiB", whole(state, 1024, kRules, true));
  PFS_BENCH("whole/ours/2KiB", whole(state, 2048, kRules, true));
  PFS_BENCH("whole/ours-alone/1KiB", whole(state, 1024, kRules, false));
  PFS_BENCH("whole/ours-on-todays-wire/1KiB", today(state));
  PFS_BENCH("whole/zstd-patch-from-3/1KiB", patch_from(state, 3));
  PFS_BENCH("whole/zstd-patch-from-1/1KiB", patch_from(state, 1));
  PFS_BENCH("literals/ours/random", literals(state, random_input()));
  PFS_BENCH("literals/ours/newer", literals(state, versions().newer));
  PFS_BENCH("literals-read/ours/newer", read_literals(state, versions().newer));
  PFS_BENCH("literals/ceiling-memcpy/random", copy(state, random_input()));
}

}  // namespace
}  // namespace pfs::reduce

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
  pfs::reduce::register_all();
  benchmark::RunSpecifiedBenchmarks();
}
