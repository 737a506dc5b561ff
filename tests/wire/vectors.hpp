#pragma once

#include <cstdint>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "blob/layout.hpp"

namespace pfs {

/// tests/vectors/wire.jsonl, as it lies there.
struct Vectors {
  Layout layout;
  uint32_t key = 0;
  std::vector<nlohmann::json> rows;
};

inline std::vector<uint8_t> from_hex(const std::string& text) {
  std::vector<uint8_t> bytes;
  for (size_t i = 0; i + 1 < text.size(); i += 2) {
    bytes.push_back(static_cast<uint8_t>(std::stoul(text.substr(i, 2), nullptr, 16)));
  }
  return bytes;
}

inline Vectors load_vectors() {
  Vectors out;
  std::ifstream file(PFS_VECTORS);
  std::string line;
  while (std::getline(file, line)) out.rows.push_back(nlohmann::json::parse(line));
  const auto layout = out.rows.at(0).at("layout");
  out.layout = {.size = layout.at("size"),
                .l1 = layout.at("l1"),
                .l2 = layout.at("l2"),
                .l3 = layout.at("l3"),
                .word = layout.at("word"),
                .block = layout.at("block")};
  out.key = layout.at("key");
  out.rows.erase(out.rows.begin());
  return out;
}

}  // namespace pfs
