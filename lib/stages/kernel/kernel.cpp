#include "kernels/kernel.hpp"

#include <rte_mbuf.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <memory>
#include <span>
#include <vector>

#include "base/endian.hpp"
#include "config/reader.hpp"
#include "gram/gram.hpp"
#include "gram/verifier.hpp"
#include "kernels/execute.hpp"
#include "stages/output.hpp"
#include "stages/reply.hpp"
#include "stages/stage.hpp"
#include "wire/frame.hpp"

namespace pfs {
namespace {

/// Verifies each gram and runs its kernel over the bytes where they lie.
/// Takes: grams. Gives: a RESULT frame for each gram with an op (none for bare ones), where it has an edge to tx.
/// Owns: nothing between calls. Drops: digest_mismatch; no_memory (a RESULT for which there was no mbuf);
/// too_long (a RESULT that fits none).
/// Thread: its lcore.
class KernelStage final : public Stage {
 public:
  explicit KernelStage(const StageEnv& env)
      : blob_(env.blob),
        verifier_(env.blob),
        grants_(env.grants),
        programs_(env.programs),
        port_(env.port),
        result_seq_(env.gives_frames ? 65536 : 0) {}

  void take(void** items, uint32_t count) noexcept override {
    const std::span<Gram* const> grams{reinterpret_cast<Gram**>(items), count};
    // One gram's kernel may write what the next one denotes: then each is judged when its turn comes.
    const size_t together = grants_.empty() ? Verifier::kGramsMax : 1;
    for (size_t first = 0; first < count; first += together) {
      const auto some = grams.subspan(first, std::min(together, count - first));
      std::array<bool, Verifier::kGramsMax> holds;
      verifier_.judge(some, holds);
      for (size_t i = 0; i < some.size(); ++i) {
        answer(*some[i], holds[i]);
        some[i]->release();
      }
    }
  }

  uint32_t poll(uint64_t) noexcept override { return 0; }
  bool drain(uint64_t) noexcept override { return true; }

  [[nodiscard]] std::optional<Delivered> delivered() const noexcept override { return Delivered{bytes_.get(), true}; }

  [[nodiscard]] StageFigures figures() const override {
    using enum Figure::Unit;
    return {{"grams_executed", kGrams, executed_},
            {"grams_refused", kGrams, refused_},
            {"grams_by_compiled_loops", kGrams, Figure::Kind::kCounter, [this] { return programs_.runs_compiled(); }},
            {"bytes_denoted", kBytes, bytes_},
            {"results_sent", kFrames, results_}};
  }

 private:
  void answer(const Gram& gram, bool holds) noexcept {
    KernelOutput output{.bytes = result_.data() + 1 + kResultFixedBytes};
    Status status = Status::kDone;
    if (!holds) {
      status = Status::kDigestMismatch;
      stats.drop(Drop::kDigestMismatch, gram.frames);
    } else {
      stats.processed.add(gram.frames);
      if (gram.head.op != 0) status = run(gram, output);
    }
    if (gram.head.op != 0 && !gram.bare && frames_out != nullptr) reply(gram, status, output);
  }

  Status run(const Gram& gram, KernelOutput& output) noexcept {
    const KernelInput input = {.blob = blob_,
                               .slab = gram.slab,
                               .table = {gram.table.data, gram.table.count},
                               .bytes = gram.bytes,
                               .arg = gram.head.arg,
                               .room = room_.get()};
    const Status status = execute(gram.head.op, input, grants_, gram.stream, programs_, output);
    (status == Status::kDone ? executed_ : refused_).add(1);
    if (status == Status::kDone) bytes_.add(gram.bytes);
    return status;
  }

  void reply(const Gram& gram, Status status, const KernelOutput& output) noexcept {
    uint8_t* at = result_.data();
    at[0] = static_cast<uint8_t>(Tag::kResult);
    at[1] = gram.head.op;
    store_be(at + 2, static_cast<uint16_t>(status));
    store_be(at + 4, gram.number);
    store_be(at + 8, output.value);
    store_be(at + 16, output.length);
    const uint32_t bytes = gram.reply.encapsulation.length + kFrameHeaderBytes + 1 + kResultFixedBytes + output.length;
    if (bytes + RTE_PKTMBUF_HEADROOM > rte_pktmbuf_data_room_size(port_->pool)) {
      stats.built.add(1);
      return stats.drop(Drop::kTooLong);
    }
    rte_mbuf* frame = make_reply(*port_, gram.reply.encapsulation, gram.stream, result_seq_[gram.stream], gram.number,
                                 {at, 1u + kResultFixedBytes + output.length});
    stats.built.add(1);
    if (frame == nullptr) return stats.drop(Drop::kNoMemory);
    ++result_seq_[gram.stream];
    void* item = frame;
    if (frames_out->send(gram.stream, &item, 1) == 1) return results_.add(1);
    stats.drop(Drop::kQueueFull);
    rte_pktmbuf_free(frame);
  }

  BlobView blob_;
  Verifier verifier_;
  std::unique_ptr<Room> room_ = std::make_unique<Room>();
  std::span<const Grant> grants_;
  Programs programs_;
  const Port* port_;
  std::vector<uint32_t> result_seq_;  // by stream: RESULT frames are numbered by us, not by the peer
  std::array<uint8_t, 1 + kResultFixedBytes + kOutputMax> result_{};
  Counter executed_;
  Counter refused_;
  Counter bytes_;
  Counter results_;
};

struct KernelPlan final : StagePlan {
  [[nodiscard]] Result<void> check(const StageEnv& env) const override {
    if (auto there = need_blob(env); !there) return there;
    return need_port_for(env, "RESULTs");
  }
  Result<std::unique_ptr<Stage>> create(const StageEnv& env) override { return std::make_unique<KernelStage>(env); }
};

Result<std::unique_ptr<StagePlan>> parse(const StageConfig& config) {
  auto plan = std::make_unique<KernelPlan>();
  Reader reader(&config.node, "stage '" + config.name + "'");
  plan->port = reader.text("port", "");
  if (auto done = reader.finish(); !done) return tl::unexpected(done.error());
  return plan;
}

const RegisterStage kRegistered(
    {.name = "kernel", .takes = {Item::kGram}, .gives = {Item::kFrame}, .output_optional = true, .parse = parse});

}  // namespace
}  // namespace pfs
