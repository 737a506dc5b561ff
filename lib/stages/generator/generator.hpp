#pragma once

#include <vector>

#include "gram/building/builder.hpp"
#include "stages/awaited_results.hpp"
#include "stages/generator/pattern.hpp"
#include "stages/gram_frames.hpp"
#include "stages/stage.hpp"

namespace pfs {

struct GeneratorConfig {
  BuilderConfig builder;
  Pattern pattern;
  uint32_t references = 0;  ///< a gram
  uint32_t frames_max = 0;  ///< that a gram can take
  uint8_t op = 0;
  uint64_t arg = 0;
  uint64_t grams = 0;            ///< to send; 0: until the run ends
  uint32_t window = 0;           ///< grams that may be unanswered; 0: no bound
  double frames_per_second = 0;  ///< 0: as fast as they are taken
};

/// Makes grams of one stream over the blob's L3 blocks and hands their frames on, as fast as they are taken or at a
/// rate. Takes: frames that come back, whose RESULTs are matched with the grams. Gives: frames. Owns: the frames of one
/// gram. Drops: a faulty answer under its fault, an answer that nothing awaits as duplicate or unasked; stopped.
/// Thread: its lcore.
class Generator final : public Stage {
 public:
  Generator(const StageEnv& env, const GeneratorConfig& config);

  void take(void** items, uint32_t count) noexcept override;
  uint32_t poll(uint64_t now) noexcept override;
  bool drain(uint64_t now) noexcept override;
  [[nodiscard]] bool exhausted() const noexcept override { return over_ || control_.ending(); }
  [[nodiscard]] uint32_t room() const noexcept override { return UINT32_MAX; }
  [[nodiscard]] uint64_t frames_in_flight() const noexcept override { return waiting_.get(); }
  [[nodiscard]] StageFigures figures() const override;

 private:
  bool ready() noexcept;
  void begin_anew() noexcept;
  uint32_t send_some(uint64_t now) noexcept;
  bool make_gram(uint64_t now) noexcept;
  void finish(uint64_t now) noexcept;
  uint32_t budget(uint64_t now) noexcept;
  [[nodiscard]] uint64_t achieved() const noexcept;

  RunControl& control_;
  const GeneratorConfig config_;
  const uint32_t block_;  // bytes
  const bool answered_;   // an edge brings RESULTs, and the op makes them
  const uint64_t ticks_per_second_;
  const double ticks_per_frame_;  // 0: no rate
  GramBuilder builder_;
  GramFrames frames_;
  AwaitedResults awaited_;
  Pattern pattern_;
  std::vector<uint32_t> blocks_;
  Counter sent_;       // frames
  Counter begun_;      // ticks, when the first frame could go; 0 before
  Counter last_sent_;  // ticks
  bool over_ = false;
  bool ready_ = false;
  uint32_t epoch_ = 0;
  bool in_session_ = false;   // what is given away arrives, or the session ends
  uint64_t waits_since_ = 0;  // ticks, of the last answer
  uint64_t answers_seen_ = 0;
  Counter waiting_;
  Counter grams_;
  Counter given_up_;
  Counter done_;
  Counter refused_;
};

}  // namespace pfs
