// Verifying grams, beside ISA-L's CRC-32C fed with each range where it lies, or with short ones laid side by side; and
// the FNV-1a of many grams side by side, beside one after the other.
#include <benchmark/benchmark.h>

#include <array>
#include <deque>
#include <map>
#include <random>

#include "../simd/measure.hpp"
#include "gram/digest.hpp"
#include "gram/verifier.hpp"

namespace pfs::bench {
namespace {

constexpr uint32_t kDescriptors = 1024;
// Of grams over a large blob: so many that an L3 does not keep them.
constexpr uint64_t kFarBytes = uint64_t{512} << 20;

struct Shape {
  const char* name;
  uint64_t blob;   ///< bytes that ranges are strewn over
  uint64_t range;  ///< bytes of each
};
constexpr Shape kShapes[] = {{"64B-L2", 1 << 20, 64},    {"64B-1GiB", kRegionBytes, 64},
                             {"256B-L2", 1 << 20, 256},  {"256B-1GiB", kRegionBytes, 256},
                             {"512B-L2", 1 << 20, 512},  {"1KiB-L2", 1 << 20, 1024},
                             {"4KiB-L2", 1 << 20, 4096}, {"4KiB-1GiB", kRegionBytes, 4096}};

/// Grams of kDescriptors references each, with their true digest.
class Grams {
 public:
  Grams(const Shape& shape, DigestKind kind, uint64_t count, uint32_t descriptors = kDescriptors) {
    view_.data = source();
    view_.layout.size = shape.blob;
    std::mt19937_64 random(1);
    for (uint64_t i = 0; i < count; ++i) {
      std::vector<Descriptor>& table = tables_.emplace_back();
      Digest digest(kind);
      for (uint32_t d = 0; d < descriptors; ++d) {
        table.push_back(blob_range(random() % (shape.blob / shape.range) * shape.range, shape.range));
        digest.update({view_.data + table.back().offset, shape.range});
      }
      Gram& gram = grams_.emplace_back();
      gram.table = {table.data(), descriptors, descriptors};
      gram.bytes = descriptors * shape.range;
      gram.end = {static_cast<uint8_t>(kind), 0, descriptors, gram.bytes, digest.value()};
      pointers_.push_back(&gram);
    }
  }

  Gram& next() noexcept { return grams_[at_++ % grams_.size()]; }
  [[nodiscard]] std::span<Gram* const> all() const noexcept { return pointers_; }
  [[nodiscard]] const BlobView& view() const noexcept { return view_; }

 private:
  BlobView view_;
  std::deque<std::vector<Descriptor>> tables_;
  std::deque<Gram> grams_;
  std::vector<Gram*> pointers_;
  size_t at_ = 0;
};

/// The same for every bench of a shape: there are many.
Grams& grams_of(const Shape& shape) {
  static std::map<const Shape*, Grams> made;
  const uint64_t count = shape.blob == kRegionBytes ? kFarBytes / (kDescriptors * shape.range) : 4;
  return made.try_emplace(&shape, shape, DigestKind::kCrc32c, count).first->second;
}

bool holds(Verifier& verifier, Gram& gram) {
  Gram* const one = &gram;
  bool good = false;
  verifier.judge({&one, 1}, {&good, 1});
  return good;
}

void ours(benchmark::State& state, const Shape& shape) {
  Grams& grams = grams_of(shape);
  Verifier verifier(grams.view());
  for (auto _ : state)
    if (!holds(verifier, grams.next())) state.SkipWithError("a true gram is refused");
  state.SetBytesProcessed(static_cast<int64_t>(state.iterations() * kDescriptors * shape.range));
}

/// The same by the library alone: what it is fed with, `feed` does.
template <class Feed>
void by_isal(benchmark::State& state, const Shape& shape, Feed feed) {
  Grams& grams = grams_of(shape);
  for (auto _ : state) {
    const Gram& gram = grams.next();
    Digest digest(DigestKind::kCrc32c);
    feed(std::span<const Descriptor>(gram.table.data, gram.table.count), grams.view().data,
         [&](const uint8_t* data, uint64_t bytes) {
           digest.update({data, bytes});
         });
    if (digest.value() != gram.end.digest) state.SkipWithError("a true gram is refused");
  }
  state.SetBytesProcessed(static_cast<int64_t>(state.iterations() * kDescriptors * shape.range));
}

void each_range(benchmark::State& state, const Shape& shape) {
  by_isal(state, shape,
          [](auto table, const uint8_t* blob, auto visit) { for_each_range(table, blob, nullptr, visit); });
}

void side_by_side(benchmark::State& state, const Shape& shape) {
  const auto room = std::make_unique<Room>();
  by_isal(state, shape,
          [&](auto table, const uint8_t* blob, auto visit) { for_each_stretch(table, blob, nullptr, *room, visit); });
}

/// `count` grams of 4 KiB in 64 ranges.
void fnv1a(benchmark::State& state, uint32_t count, bool together) {
  Grams grams({"", 1 << 20, 64}, DigestKind::kFnv1a64, count, 64);
  Verifier verifier(grams.view());
  std::array<bool, Verifier::kGramsMax> held;
  for (auto _ : state) {
    if (together) {
      verifier.judge(grams.all(), held);
    } else {
      for (uint32_t i = 0; i < count; ++i) held[i] = holds(verifier, *grams.all()[i]);
    }
    for (uint32_t i = 0; i < count; ++i)
      if (!held[i]) state.SkipWithError("a true gram is refused");
  }
  state.SetBytesProcessed(static_cast<int64_t>(state.iterations() * count * 4096));
}

}  // namespace
}  // namespace pfs::bench

int main(int argc, char** argv) {
  using namespace pfs::bench;
  for (const Shape& shape : kShapes) {
    const auto named = [&](const char* who) { return std::string("verify-crc32c/") + who + "/" + shape.name; };
    benchmark::RegisterBenchmark(named("ours").c_str(), ours, shape);
    benchmark::RegisterBenchmark(named("each-range").c_str(), each_range, shape);
    benchmark::RegisterBenchmark(named("side-by-side").c_str(), side_by_side, shape);
  }
  for (const uint32_t count : {4U, 16U, 32U}) {
    const auto named = [&](const char* who) {
      return "verify-fnv1a/" + std::string(who) + "/" + std::to_string(count);
    };
    benchmark::RegisterBenchmark(named("ours").c_str(), fnv1a, count, true);
    benchmark::RegisterBenchmark(named("one-by-one").c_str(), fnv1a, count, false);
  }
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
  benchmark::AddCustomContext("isa", pfs::name(pfs::active_isa()));
  benchmark::RunSpecifiedBenchmarks();
}
