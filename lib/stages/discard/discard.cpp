#include <rte_mbuf.h>

#include <algorithm>
#include <array>
#include <span>

#include "config/reader.hpp"
#include "gram/gram.hpp"
#include "gram/verifier.hpp"
#include "stages/output.hpp"
#include "stages/stage.hpp"

namespace pfs {
namespace {

/// The end of the line: counts what comes and lets it go, after verifying grams where `verify` is set.
/// Takes: grams, or frames. Gives: nothing. Owns: nothing. Drops: digest_mismatch. Thread: its lcore.
class Discard final : public Stage {
 public:
  Discard(const StageEnv& env, bool verify) : verifier_(env.blob), input_(env.input), verify_(verify) {}

  void take(void** items, uint32_t count) noexcept override {
    if (input_ == Item::kFrame) {
      stats.processed.add(count);
      rte_pktmbuf_free_bulk(reinterpret_cast<rte_mbuf**>(items), count);
      return;
    }
    const std::span<Gram* const> grams{reinterpret_cast<Gram**>(items), count};
    for (size_t first = 0; first < count; first += Verifier::kGramsMax) {
      const auto some = grams.subspan(first, std::min(Verifier::kGramsMax, count - first));
      std::array<bool, Verifier::kGramsMax> holds;
      if (verify_)
        verifier_.judge(some, holds);
      else
        holds.fill(true);
      for (size_t i = 0; i < some.size(); ++i) book(*some[i], holds[i]);
    }
  }

  uint32_t poll(uint64_t) noexcept override { return 0; }
  bool drain(uint64_t) noexcept override { return true; }

  [[nodiscard]] std::optional<Delivered> delivered() const noexcept override {
    if (input_ == Item::kFrame) return std::nullopt;
    return Delivered{bytes_.get(), verify_};
  }

  [[nodiscard]] StageFigures figures() const override {
    return {{"bytes_denoted", Figure::Unit::kBytes, bytes_}, {"descriptors", Figure::Unit::kDescriptors, descriptors_}};
  }

 private:
  void book(Gram& gram, bool holds) noexcept {
    if (holds) {
      stats.processed.add(gram.frames);
      bytes_.add(gram.bytes);
      descriptors_.add(gram.table.count);
    } else {
      stats.drop(Drop::kDigestMismatch, gram.frames);
    }
    gram.release();
  }

  Verifier verifier_;
  Item input_;
  bool verify_;
  Counter bytes_;
  Counter descriptors_;
};

struct DiscardPlan final : StagePlan {
  bool verify = true;
  Result<std::unique_ptr<Stage>> create(const StageEnv& env) override { return std::make_unique<Discard>(env, verify); }
};

Result<std::unique_ptr<StagePlan>> parse(const StageConfig& config) {
  auto plan = std::make_unique<DiscardPlan>();
  Reader reader(&config.node, "stage '" + config.name + "'");
  plan->verify = reader.flag("verify", plan->verify);
  if (auto done = reader.finish(); !done) return tl::unexpected(done.error());
  return plan;
}

const RegisterStage kRegistered(
    {.name = "discard", .takes = {Item::kGram, Item::kFrame}, .gives = {}, .takes_any_frame = true, .parse = parse});

}  // namespace
}  // namespace pfs
