#include "kernels/kernel.hpp"

#include <rte_mbuf.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <memory>
#include <span>
#include <vector>

#include "config/reader.hpp"
#include "gram/gram.hpp"
#include "kernels/execute.hpp"
#include "kernels/execution.hpp"
#include "stages/gram_queue.hpp"
#include "stages/output.hpp"
#include "stages/reply.hpp"
#include "stages/stage.hpp"
#include "wire/frame.hpp"
#include "wire/sending/writer.hpp"

namespace pfs {
namespace {

/// Verifies each gram and runs its kernel over the bytes where they lie.
/// Takes: grams. Gives: a RESULT frame for each gram with an op (none for bare ones), where it has an edge to tx.
/// Owns: large grams that are under way or wait for their turn. Drops: digest_mismatch; no_memory (a RESULT for which
/// there was no mbuf); too_long (a RESULT that fits none); no_path; stopped (a gram that the end of the run met
/// waiting). Thread: its lcore.
class KernelStage final : public Stage, private GramWork {
 public:
  explicit KernelStage(const StageEnv& env)
      : blob_(env.blob),
        queue_(env, stats, *this, true),
        grants_(env.grants),
        programs_(env.programs),
        replies_(*this, env.ports),
        result_seq_(env.gives_frames ? 65536 : 0) {
    polls_new_items = false;
    for (size_t line = 0; line < GramQueue::kLines; ++line) desks_.push_back({nullptr, Execution(env.programs)});
  }

  void take(void** items, uint32_t count) noexcept override { queue_.submit({reinterpret_cast<Gram**>(items), count}); }

  uint32_t poll(uint64_t now) noexcept override { return queue_.poll(now); }
  bool drain(uint64_t) noexcept override { return queue_.empty(); }
  [[nodiscard]] uint64_t frames_in_flight() const noexcept override { return queue_.frames(); }

  [[nodiscard]] std::optional<Delivered> delivered() const noexcept override { return Delivered{bytes_.get(), true}; }

  [[nodiscard]] StageFigures figures() const override {
    using enum Figure::Unit;
    return {{"grams_executed", kGrams, executed_},
            {"grams_refused", kGrams, refused_},
            {"grams_by_compiled_loops", kGrams, Figure::Kind::kCounter, [this] { return runs_compiled(); }},
            {"bytes_denoted", kBytes, bytes_},
            {"results_sent", kFrames, results_}};
  }

 private:
  /// Where the large gram of a line is worked on, slice by slice.
  struct Desk {
    Gram* gram = nullptr;
    Execution execution;
  };

  Step work(Gram& gram, bool good, uint64_t bytes) noexcept override {
    KernelOutput output{.bytes = result_.data() + 1 + kResultFixedBytes};
    Status status = good ? Status::kDone : Status::kDigestMismatch;
    const bool has_op = gram.head.op != 0;
    if (good && has_op) {
      const Step step = run(gram, bytes, status, output);
      if (step != Step::kDone) return step;
    }
    book(gram, status);
    if (has_op && !gram.bare && frames_out != nullptr) reply(gram, status, output);
    return Step::kDone;
  }

  /// Small grams in one go, large ones at a desk. kDone: `status` says what came of it.
  Step run(Gram& gram, uint64_t bytes, Status& status, KernelOutput& output) noexcept {
    Desk& desk = desks_[GramQueue::line_of(gram)];
    if (desk.gram != &gram && cost_of(gram) <= bytes) {
      status = execute(gram.head.op, input_of(gram), grants_, gram.stream, programs_, output);
      return Step::kDone;
    }
    if (desk.gram != &gram) {
      status = desk.execution.begin(gram.head.op, input_of(gram), grants_, gram.stream);
      if (status != Status::kDone) return Step::kDone;
      desk.gram = &gram;
    }
    if (!desk.execution.advance(bytes)) return Step::kMore;
    desk.execution.finish(output);
    desk.gram = nullptr;
    return Step::kDone;
  }

  [[nodiscard]] uint64_t runs_compiled() const noexcept {
    uint64_t runs = programs_.runs_compiled();
    for (const Desk& desk : desks_) runs += desk.execution.runs_compiled();
    return runs;
  }

  [[nodiscard]] KernelInput input_of(const Gram& gram) const noexcept {
    return {.blob = blob_,
            .slab = gram.slab,
            .table = {gram.table.data, gram.table.count},
            .bytes = gram.bytes,
            .arg = gram.head.arg,
            .room = room_.get()};
  }

  void book(const Gram& gram, Status status) noexcept {
    if (status == Status::kDigestMismatch) return stats.drop(Drop::kDigestMismatch, gram.frames);
    stats.processed.add(gram.frames);
    if (gram.head.op == 0) return;
    (status == Status::kDone ? executed_ : refused_).add(1);
    if (status == Status::kDone) bytes_.add(gram.bytes);
  }

  /// A gram whose stream may not write will be refused, and stops nobody.
  [[nodiscard]] bool writes(const Gram& gram) const noexcept override {
    const Executable found = find_executable(gram.head.op, programs_);
    return found.writes() &&
           found.permitted(grants_, gram.stream, {gram.table.data, gram.table.count}) == Status::kDone;
  }

  bool give_up(Gram& gram) noexcept override {
    Desk& desk = desks_[GramQueue::line_of(gram)];
    if (desk.gram != &gram) return true;
    if (desk.execution.writes()) return false;
    desk.gram = nullptr;
    return true;
  }

  void reply(const Gram& gram, Status status, const KernelOutput& output) noexcept {
    UnitWriter out(result_);
    out.result_head(
        {.op = gram.head.op, .status = static_cast<uint16_t>(status), .gram = gram.number, .value = output.value},
        output.length);
    const Reply answer = {
        .stream = gram.stream, .seq = result_seq_[gram.stream], .gram = gram.number, .unit = out.written()};
    if (!replies_.send(gram.reply, answer)) return;
    ++result_seq_[gram.stream];
    results_.add(1);
  }

  BlobView blob_;
  GramQueue queue_;
  std::vector<Desk> desks_;  // by line
  std::unique_ptr<Room> room_ = std::make_unique<Room>();
  std::span<const Grant> grants_;
  Programs programs_;
  Replies replies_;
  std::vector<uint32_t> result_seq_;  // by stream: RESULT frames are numbered by us, not by the peer
  std::array<uint8_t, 1 + kResultFixedBytes + kOutputMax> result_{};
  Counter executed_;
  Counter refused_;
  Counter bytes_;
  Counter results_;
};

struct KernelPlan final : StagePlan {
  [[nodiscard]] Result<void> check(const StageEnv& env) const override { return need_blob(env); }
  Result<std::unique_ptr<Stage>> create(const StageEnv& env) override { return std::make_unique<KernelStage>(env); }
};

Result<std::unique_ptr<StagePlan>> parse(const StageConfig& config) {
  auto plan = std::make_unique<KernelPlan>();
  Reader reader(&config.node, "stage '" + config.name + "'");
  plan->port = reader.text("port", "");
  plan->reads_grams = plan->writes_blob = true;
  if (auto done = reader.finish(); !done) return tl::unexpected(done.error());
  return plan;
}

const RegisterStage kRegistered({.name = "kernel",
                                 .takes = {Item::kGram},
                                 .gives = {Item::kFrame},
                                 .output_optional = true,
                                 .answers = true,
                                 .parse = parse});

}  // namespace
}  // namespace pfs
