#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/counter.hpp"
#include "base/result.hpp"
#include "base/sha256.hpp"
#include "blob/build.hpp"
#include "blob/grants.hpp"
#include "blob/view.hpp"
#include "config/pipeline.hpp"
#include "dpdk/port.hpp"
#include "kernels/program.hpp"
#include "stages/figures.hpp"
#include "stages/run_control.hpp"
#include "wire/drop.hpp"

namespace pfs {

class Output;
class Relief;
struct Backlog;

/// What travels on an edge: received or built frames (rte_mbuf*), or whole grams (Gram*).
enum class Item : uint8_t { kFrame, kGram };

/// A stage's counters. One writer, the stage's lcore; any reader. The ledger (runtime/ledger) is made of these:
///   received + built = processed + transmitted + every drop + in flight,   all in frames.
/// The counters begin a cache line, and end one, so that stages on two lcores never write into the same line.
struct alignas(64) StageStats {
  Counter calls;                            ///< bursts taken or polled that were not empty
  Counter items;                            ///< items in them
  Counter cycles;                           ///< TSC cycles in them, without what was spent in the stages called
  Counter received;                         ///< frames that entered from a device, or that impair copied
  Counter built;                            ///< frames this stage made
  Counter processed;                        ///< received frames whose walk ended here as it should
  Counter transmitted;                      ///< built frames a device took
  std::array<Counter, kDropCount> dropped;  ///< frames, by reason
  void drop(Drop reason, uint64_t frames = 1) noexcept { dropped[static_cast<size_t>(reason)].add(frames); }
};

struct Delivered {
  uint64_t bytes = 0;
  bool verified = false;
};

/// A stage of the pipeline. It lives on one lcore; nothing here is called from another, save the const members.
/// Each implementation's comment states Takes / Gives / Owns / Drops / Thread.
class Stage {
 public:
  virtual ~Stage() = default;

  /// A burst from an edge. Everything handed over is the stage's to free, forward or keep.
  virtual void take(void** items, uint32_t count) noexcept = 0;

  /// Work of the stage's own: receive a burst, make frames, look at timers, flush. Returns items moved; 0 is idle.
  /// `now`: TSC.
  virtual uint32_t poll(uint64_t now) noexcept = 0;

  /// Called again and again once nothing more can arrive, until it returns true: nothing is held any longer.
  virtual bool drain(uint64_t now) noexcept = 0;

  /// Sources and rx: true when there is nothing left to admit. Others never.
  [[nodiscard]] virtual bool exhausted() const noexcept { return false; }

  /// Items it can take now without waiting or dropping. The default asks the stages behind it.
  [[nodiscard]] virtual uint32_t room() const noexcept;

  /// Bytes of payload that a frame built for this stage may have. 0: not known yet, and the stage takes none until it
  /// is. Any lcore may ask.
  [[nodiscard]] virtual uint32_t frame_budget() const noexcept { return kAnyBudget; }
  /// Grows each time what is given away goes to a peer that knows nothing of what was given before: a session that was
  /// opened from here is a new one. 0 where there is no such thing, or not yet. Any lcore may ask.
  [[nodiscard]] virtual uint32_t epoch() const noexcept { return 0; }
  static constexpr uint32_t kAnyBudget = UINT32_MAX;  ///< what the port allows

  /// True where each frame that the stage takes arrives, in its stream's order, or its session ends. Any lcore may ask.
  [[nodiscard]] virtual bool delivers() const noexcept { return false; }

  /// Frames held inside the stage.
  [[nodiscard]] virtual uint64_t frames_in_flight() const noexcept { return 0; }

  /// Looks at what takes system calls (the kernel's tables). A thread that polls no queue calls it four times a second
  /// while the run goes on.
  virtual void look_outside() noexcept {}

  /// The stage's own figures, declared once when the stage has been made.
  [[nodiscard]] virtual StageFigures figures() const { return {}; }

  /// Denoted bytes of the grams that ended here well, and whether their digests were looked at. Stages that take no
  /// grams deliver nothing.
  [[nodiscard]] virtual std::optional<Delivered> delivered() const noexcept { return std::nullopt; }

  StageStats stats;
  bool polls_new_items = true;   ///< poll() brings items in (rx, sources); false: it moves on what take() was given
  Output* frames_out = nullptr;  ///< null where no edge carries frames away
  Output* grams_out = nullptr;   ///< null where no edge carries grams away
};

/// What a stage is given when it is made. It looks nothing up by name later.
struct StageEnv {
  std::string name;
  std::string where;  ///< in the pipeline file
  BlobView blob;      ///< while checking, only its layout; of size 0 if there is no blob
  std::span<const Grant> grants;
  std::span<const ProgramDefinition> programs;
  std::span<const StreamEntry> streams;
  Port* port = nullptr;         ///< the port its plan names, or null
  std::span<const Port> ports;  ///< all of them
  Sha256Digest root{};          ///< of the blob
  Backlog* backlog = nullptr;   ///< what this process has taken and not worked off
  Stage* partner = nullptr;     ///< the stage that its plan names as its partner
  Item input = Item::kFrame;    ///< what its edges bring, where its kind takes either
  bool behind_session = false;  ///< what its edges bring arrives in order, late rather than never, or its session ends
  bool has_input = false;       ///< an edge ends at it; matters where the kind's input is optional
  bool gives_frames = false;    ///< an edge carries frames away
  ParallelFor parallel_for;     ///< over all lcores; while stages are made only
  int socket = 0;               ///< NUMA node of its lcore
  uint64_t ticks_per_second = 0;  ///< of the TSC
  RunControl* control = nullptr;
  Relief* relief = nullptr;  ///< its lcore, which a stage that waits asks for relief; null while checking
  size_t place = 0;          ///< its place in the graph's order, for the relief
  size_t alike = 1;          ///< how many stages are of its kind, itself included
};

/// A stage's configuration, parsed and checked before EAL starts; creates the stage once the machine is up.
struct StagePlan {
  virtual ~StagePlan() = default;
  std::string port;                   ///< name of the port it uses, or empty
  int rx_queue = -1;                  ///< RX queue it polls, or -1
  bool gives_any_frame = false;       ///< its frames are whole Ethernet frames, of PacketFS or not
  bool gives_address_frames = false;  ///< set by the graph: whole ones as well for which concerns_addresses() holds
  bool transmits = false;             ///< it needs a TX queue of the port
  uint16_t tx_queue = 0;              ///< set by the graph: one a transmitting stage
  std::string partner;                ///< a stage before it, of the same lcore, whose state it shares; or empty
  bool faces_paths = false;   ///< its frames come or leave by ways that it chooses; others know its own port only
  bool blocks = false;        ///< it may wait for a disk: `auto` gives it an lcore of its own where there is one
  uint64_t memory_bytes = 0;  ///< hugepage memory it will ask for
  bool reads_grams = false;   ///< it looks at the bytes that its grams denote
  bool writes_blob = false;   ///< and changes them where `blob.writable` grants it
  /// Whether it fits its surroundings. Before anything has started (a port's MTU is then what its driver's profile asks
  /// for), and again before create().
  [[nodiscard]] virtual Result<void> check(const StageEnv& /*env*/) const { return {}; }
  /// Mbufs of this port that the stage keeps for long, beside what the port's profile asks for: its pool grows by them.
  [[nodiscard]] virtual uint32_t mbufs_held(const std::string& /*of*/) const noexcept { return 0; }
  /// Mbufs of its port that the stage keeps for itself, so that the port's pool must have them beside everything else.
  [[nodiscard]] virtual uint64_t mbufs_kept(const StageEnv& /*env*/) const { return 0; }
  virtual Result<std::unique_ptr<Stage>> create(const StageEnv& env) = 0;
};

/// The checks that several kinds make.
Result<void> need_blob(const StageEnv& env);

/// A kind of stage: its name in `kind:`, what its edges may carry, and how its configuration is read.
struct StageKind {
  const char* name;
  std::vector<Item> takes;            ///< empty: a source
  std::vector<Item> gives;            ///< in order of preference where the consumer takes either
  bool optional_input = false;        ///< it works with and without an incoming edge
  bool output_optional = false;       ///< what it gives may go nowhere (answers and receipts that nobody asked for)
  bool takes_any_frame = false;       ///< whole Ethernet frames too, of PacketFS or not
  bool takes_address_frames = false;  ///< of whole Ethernet frames those that concern addresses; it hands none on
  bool answers = false;               ///< frames that it gives leave by the port that its grams, or frames, came from
  bool whole_streams = false;         ///< it must meet all the frames of a stream: they are not shared out in turn
  Result<std::unique_ptr<StagePlan>> (*parse)(const StageConfig& config);
};

/// The kind of this name, or nullptr.
const StageKind* find_stage_kind(const std::string& name);
std::vector<std::string> stage_kind_names();

/// A stage's folder holds one object of this type; defining it is all there is to adding a kind.
struct RegisterStage {
  explicit RegisterStage(StageKind kind);
};

}  // namespace pfs
