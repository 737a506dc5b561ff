#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/mac_address.hpp"
#include "base/result.hpp"
#include "config/node.hpp"

namespace pfs {

struct BlobConfig {
  std::string where;
  uint64_t size = 0;  ///< bytes; a multiple of 1 MiB, at least 2 MiB
  uint64_t seed = 0;
  uint32_t block = 64;             ///< bytes an L3 reference denotes
  std::vector<std::string> files;  ///< laid over L3 in order
  std::string files_where;         ///< the place of `files`, for a file that is absent or does not fit
  struct Writable {
    uint16_t stream = 0;
    uint64_t offset = 0;  ///< bytes
    uint64_t length = 0;  ///< bytes
  };
  std::vector<Writable> writable;
};

struct BareConfig {
  uint16_t stream = 0;
  uint8_t op = 0;
  bool crc = true;
};

struct PortConfig {
  std::string name;
  std::string where;
  std::string device;              ///< "0" (port number), a PCI address or a vdev name such as net_memif0
  std::optional<MacAddress> peer;  ///< where frames go; without one they are broadcast until a peer is learned
  std::optional<BareConfig> bare;
  uint64_t link_wait_ms = 0;                          ///< how long to wait for the link at start
  enum class Link { kEnd, kWait } link = Link::kEnd;  ///< what a run does when the interface below the device goes
  bool promiscuous = true;
  const Node* driver = nullptr;  ///< overrides for the driver profile's keys (`ports.p0.driver.rxd=512`); may be null
};

constexpr int kLcoreAuto = -1;

struct StageConfig {
  std::string name;
  std::string where;  ///< of the stage; each key in `node` has its own
  std::string kind;
  int lcore = kLcoreAuto;
  Node node;  ///< the stage's own keys (name, kind and lcore taken out), which its kind's parse() reads
};

struct EdgeConfig {
  std::string where;
  std::string from;
  std::vector<std::string> to;  ///< several: spread by stream or in turn
  uint32_t slots = 1024;        ///< of a ring, a power of two; unused where both ends share an lcore
  enum class Full { kHold, kDrop } full = Full::kHold;
  enum class Spread { kStream, kTurn } spread = Spread::kStream;
};

struct StreamEntry {
  uint16_t id = 0;
  uint32_t key = 0;  ///< PRP key
};

/// `programs: {64: [xor_imm8 0x5a, crc32c]}`: operations as they are written; lib/kernels knows what they mean.
struct ProgramConfig {
  uint8_t op = 0;
  std::string where;
  std::vector<std::string> operations;
};

struct RuntimeConfig {
  enum class Idle { kPoll, kPause } idle = Idle::kPoll;
  bool share_cpu = false;  ///< polling lcores may share a CPU
  /// Programs as machine code: kAuto when it is ready, where that can be; kOn before the run starts, or not at all.
  enum class Jit { kAuto, kOn, kOff } jit = Jit::kAuto;
  std::string jit_where;
};

/// A whole pipeline file, checked on its own: types, ranges, names and references, powers of two, cycles.
/// What needs the machine (ports, lcores, memory) is checked by the runtime.
struct PipelineConfig {
  std::string path;
  std::string description;
  Node root;                       ///< keeps what PortConfig::driver points to alive
  std::optional<BlobConfig> blob;  ///< absent in a pipeline none of whose stages needs one
  std::vector<PortConfig> ports;
  std::vector<StreamEntry> streams;
  std::vector<ProgramConfig> programs;
  std::vector<StageConfig> stages;
  std::vector<EdgeConfig> edges;
  RuntimeConfig runtime;
};

/// Loads a pipeline file and applies `--set` assignments in order.
Result<std::shared_ptr<const PipelineConfig>> load_pipeline(const std::string& path,
                                                            const std::vector<std::string>& sets);

/// Checks what load_pipeline has read. `path` is kept for reports.
Result<std::shared_ptr<const PipelineConfig>> check_pipeline(Node root, std::string path);

}  // namespace pfs
