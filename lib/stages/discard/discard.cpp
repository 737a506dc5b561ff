#include <rte_mbuf.h>

#include "config/reader.hpp"
#include "gram/digest.hpp"
#include "gram/gram.hpp"
#include "stages/output.hpp"
#include "stages/stage.hpp"

namespace pfs {
namespace {

/// The end of the line: counts what comes and lets it go, after verifying grams where `verify` is set.
/// Takes: grams, or frames. Gives: nothing. Owns: nothing. Drops: digest_mismatch. Thread: its lcore.
class Discard final : public Stage {
 public:
  Discard(const StageEnv& env, bool verify) : blob_(env.blob), input_(env.input), verify_(verify) {}

  void take(void** items, uint32_t count) noexcept override {
    if (input_ == Item::kFrame) {
      stats.processed.add(count);
      rte_pktmbuf_free_bulk(reinterpret_cast<rte_mbuf**>(items), count);
      return;
    }
    for (uint32_t i = 0; i < count; ++i) {
      Gram& gram = *static_cast<Gram*>(items[i]);
      if (verify_ && !gram.bare && !gram_holds(gram, blob_)) {
        stats.drop(Drop::kDigestMismatch, gram.frames);
      } else {
        stats.processed.add(gram.frames);
        bytes_.add(gram.bytes);
        descriptors_.add(gram.table.count);
      }
      gram.release();
    }
  }

  uint32_t poll(uint64_t) noexcept override { return 0; }
  bool drain(uint64_t) noexcept override { return true; }

  [[nodiscard]] std::optional<Delivered> delivered() const noexcept override {
    if (input_ == Item::kFrame) return std::nullopt;
    return Delivered{bytes_.get(), verify_};
  }

  [[nodiscard]] StageFigures figures() const override {
    return {{"bytes_denoted", bytes_.get()}, {"descriptors", descriptors_.get()}, {"verified", verify_ ? 1u : 0u}};
  }

 private:
  BlobView blob_;
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

const RegisterStage kRegistered({.name = "discard", .takes = {Item::kGram, Item::kFrame}, .gives = {}, .parse = parse});

}  // namespace
}  // namespace pfs
