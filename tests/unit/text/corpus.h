// The lines of many scripts that goldens are made from (golden/make_tokens.py), and the hash that goldens keep of ids.
#pragma once

#include <cstdint>
#include <fstream>
#include <string>
#include <vector>

#include "runtime/base/value.h"
#include "runtime/text/tokenizer.h"
#include "tests/support/places.h"

namespace troupe::text {

inline std::string GoldenPath(const std::string& name) {
  return SourcePath("tests/unit/text/golden/") + name;
}

inline std::vector<std::string> Corpus() {
  std::ifstream file(GoldenPath("corpus.jsonl"));
  std::vector<std::string> lines;
  for (std::string line; std::getline(file, line);) lines.push_back(Value::parse(line).get<std::string>());
  return lines;
}

// FNV-1a of the ids, each as 4 bytes, lowest first.
inline uint32_t Fnv(const std::vector<TokenId>& ids) {
  uint32_t hash = 0x811c9dc5;
  for (TokenId id : ids) {
    for (int shift = 0; shift < 32; shift += 8) {
      hash = (hash ^ (static_cast<uint32_t>(id) >> shift & 0xFF)) * 0x01000193;
    }
  }
  return hash;
}

}  // namespace troupe::text
