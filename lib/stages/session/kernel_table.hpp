#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "base/result.hpp"
#include "wire/addresses/ip_address.hpp"

namespace pfs {

/// A neighbour that the kernel may know.
struct KernelNeighbour {
  uint32_t interface = 0;  ///< the kernel's index
  IpAddress ip;
  // What the last reading said:
  std::optional<MacAddress> mac;
  bool confirmed = false;  ///< it answered lately, or somebody typed it in
};

/// Takes out of a piece of a dump of the kernel's table (RTM_NEWNEIGH messages) what it says of those that are wanted.
/// False once the dump has ended.
bool read_neighbours(std::span<const uint8_t> piece, std::span<KernelNeighbour> wanted) noexcept;

/// The kernel's tables of neighbours (`ip neigh`), as far as some neighbours go: read from time to time by a thread
/// that polls no queue, looked at by any. The tables are never written; a neighbour that the kernel does not know, or
/// has not confirmed lately, gets an empty datagram to port 9 (discard) from the kernel, so that the kernel looks for
/// it.
class KernelTable {
 public:
  /// Reads the table once. An interface of index 0 is none, which is an error.
  static Result<std::unique_ptr<KernelTable>> open(std::vector<KernelNeighbour> wanted, const std::string& where);
  ~KernelTable();
  KernelTable(const KernelTable&) = delete;
  KernelTable& operator=(const KernelTable&) = delete;

  /// Reads the table again: some system calls. From one thread at a time.
  void refresh() noexcept;

  /// What the last reading said of the neighbour at this place.
  [[nodiscard]] std::optional<MacAddress> find(size_t place) const noexcept;

 private:
  explicit KernelTable(std::vector<KernelNeighbour> wanted);
  [[nodiscard]] bool read(bool v6) noexcept;

  std::vector<KernelNeighbour> wanted_;
  std::vector<std::atomic<uint64_t>> known_;  // the MAC address's bytes in order, and 1 above them; 0: not known
  std::vector<uint8_t> buffer_;
  int netlink_ = -1;
};

}  // namespace pfs
