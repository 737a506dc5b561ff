#include <rte_mbuf.h>

#include "config/reader.hpp"
#include "gram/gram.hpp"
#include "stages/gram_queue.hpp"
#include "stages/stage.hpp"

namespace pfs {
namespace {

/// The end of the line: counts what comes and lets it go, after verifying grams where `verify` is set.
/// Takes: grams, or frames. Gives: nothing. Owns: grams whose verification is under way. Drops: digest_mismatch;
/// stopped (a gram that the end of the run met waiting). Thread: its lcore.
class Discard final : public Stage, private GramWork {
 public:
  Discard(const StageEnv& env, bool verify) : queue_(env, stats, *this, verify), input_(env.input), verify_(verify) {
    polls_new_items = false;
  }

  void take(void** items, uint32_t count) noexcept override {
    if (input_ == Item::kGram) return queue_.submit({reinterpret_cast<Gram**>(items), count});
    stats.processed.add(count);
    rte_pktmbuf_free_bulk(reinterpret_cast<rte_mbuf**>(items), count);
  }

  uint32_t poll(uint64_t now) noexcept override { return queue_.poll(now); }
  bool drain(uint64_t) noexcept override { return queue_.empty(); }
  [[nodiscard]] uint64_t frames_in_flight() const noexcept override { return queue_.frames(); }

  [[nodiscard]] std::optional<Delivered> delivered() const noexcept override {
    if (input_ == Item::kFrame) return std::nullopt;
    return Delivered{bytes_.get(), verify_};
  }

  [[nodiscard]] StageFigures figures() const override {
    return {{"bytes_denoted", Figure::Unit::kBytes, bytes_}, {"descriptors", Figure::Unit::kDescriptors, descriptors_}};
  }

 private:
  Step work(Gram& gram, bool good, uint64_t /*bytes*/) noexcept override {
    if (good) {
      stats.processed.add(gram.frames);
      bytes_.add(gram.bytes);
      descriptors_.add(gram.table.count);
    } else {
      stats.drop(Drop::kDigestMismatch, gram.frames);
    }
    return Step::kDone;
  }

  GramQueue queue_;
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
  plan->reads_grams = plan->verify;
  if (auto done = reader.finish(); !done) return tl::unexpected(done.error());
  return plan;
}

const RegisterStage kRegistered(
    {.name = "discard", .takes = {Item::kGram, Item::kFrame}, .gives = {}, .takes_any_frame = true, .parse = parse});

}  // namespace
}  // namespace pfs
