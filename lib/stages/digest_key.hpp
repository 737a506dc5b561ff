#pragma once

#include "config/reader.hpp"
#include "wire/unit.hpp"

namespace pfs {

/// The key `digest`: what a gram's GRAM_END says of the bytes it denotes.
inline DigestKind read_digest(Reader& reader, DigestKind fallback) {
  return reader.choice("digest", fallback,
                       {{"none", DigestKind::kNone},
                        {"fnv1a64", DigestKind::kFnv1a64},
                        {"crc32c", DigestKind::kCrc32c},
                        {"crc64", DigestKind::kCrc64}});
}

}  // namespace pfs
