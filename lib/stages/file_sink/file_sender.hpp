#pragma once

#include <cstdint>

#include "gram/gram.hpp"
#include "wire/ethernet.hpp"

namespace pfs {

/// Who sends a file: a stream of a peer. Gram::peer is only a place in one assembler's table, which others may take
/// later. Each session has a source address of its own.
struct FileSender {
  uint16_t port = 0;
  uint16_t stream = 0;
  Source source;
  bool operator==(const FileSender&) const = default;
  /// Whether both are streams of one peer.
  [[nodiscard]] bool is_peer_of(const FileSender& other) const noexcept {
    return port == other.port && source == other.source;
  }

  static FileSender of(const Gram& gram) noexcept {
    const EncapsulationBuffer& answer = gram.reply.encapsulation;
    EncapsulationBuffer question;
    reverse_encapsulation({answer.bytes.data(), answer.length}, question);
    return {
        .port = gram.reply.port, .stream = gram.stream, .source = source_of({question.bytes.data(), question.length})};
  }
};

/// A gram as its sender's receipt answers it.
struct Asker {
  ReplyPath path;
  uint16_t stream = 0;
  uint32_t gram = 0;

  static Asker of(const Gram& gram) noexcept {
    return {.path = gram.reply, .stream = gram.stream, .gram = gram.number};
  }
};

}  // namespace pfs
