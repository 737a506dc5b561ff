// A blob's root, the leaves of which are nearly all of it: on one core, and on all CPUs (whose time is the clock's).
#include <string>
#include <vector>

#include "all_cpus.hpp"
#include "blob/build.hpp"
#include "blob/root.hpp"
#include "loops.hpp"
#include "measure.hpp"
#include "sha256_peers.hpp"
#include "simd/sha256_many/digests.hpp"

namespace pfs::bench {
namespace {

constexpr Size kSome{"64MiB", 64 << 20, kRegionBytes};

void on_this_cpu(size_t count, const std::function<void(size_t)>& body) {
  for (size_t i = 0; i < count; ++i) body(i);
}

/// root_of() with a peer's leaves, `at_once` pieces a call.
uint8_t peer_root(Bytes blob, const ParallelFor& parallel_for, size_t at_once, DigestsFunction* digests) {
  static constexpr uint8_t kLeafMark = 0;
  std::vector<Sha256Digest> leaves(blob.size() / kPieceBytes);
  parallel_for(leaves.size() / at_once, [&](size_t group) {
    std::vector<Bytes> pieces;
    for (size_t i = 0; i < at_once; ++i)
      pieces.push_back(blob.subspan((group * at_once + i) * kPieceBytes, kPieceBytes));
    digests({&kLeafMark, 1}, pieces, std::span(leaves).subspan(group * at_once, at_once));
  });
  return merkle_root(leaves)[0];
}

/// Registers loop/who/64MiB on one core, and loop-all-cpus/who/1GiB. root(blob, parallel_for) is the work.
template <class Root>
void both(const std::string& who, const char* label, Root root) {
  bytes("merkle-root/" + who, kSome, label,
        [=](const uint8_t* data, uint64_t bytes) { return root(Bytes(data, bytes), on_this_cpu); });
  benchmark::RegisterBenchmark(("merkle-root-all-cpus/" + who + "/1GiB").c_str(), [=](benchmark::State& state) {
    const Bytes blob(source(), kRegionBytes);
    for (auto _ : state) {
      auto result = root(blob, on_all_cpus);
      benchmark::DoNotOptimize(result);
    }
    state.SetBytesProcessed(static_cast<int64_t>(state.iterations() * kRegionBytes));
    state.SetLabel(std::string(label) + ", " + std::to_string(cpu_count()) + " CPUs");
  })->UseRealTime();
}

}  // namespace

void register_merkle() {
  both("ours", sha256_many_label(), [](Bytes blob, const ParallelFor& parallel_for) {
    // Nothing writes to it.
    const BlobView view{.data = const_cast<uint8_t*>(blob.data()), .layout = {.size = blob.size()}};
    return root_of(view, parallel_for)[0];
  });
  both("openssl", "EVP",
       [](Bytes blob, const ParallelFor& parallel_for) { return peer_root(blob, parallel_for, 1, openssl_digests); });
#if defined(PFS_HAVE_IPSEC_MB)
  both("ipsec-mb", "copied behind the mark", [](Bytes blob, const ParallelFor& parallel_for) {
    return peer_root(blob, parallel_for, kDigestsAtOnce, ipsec_mb_digests);
  });
#endif
  read_ceiling("merkle-root", kSome);
}

}  // namespace pfs::bench
