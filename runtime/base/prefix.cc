#include "runtime/base/prefix.h"

#include <algorithm>

namespace troupe {

std::vector<uint64_t> PrefixDigests(std::string_view text) {
  std::vector<uint64_t> digests(std::min(text.size() / kPrefixBytes, kMaxPrefixes));
  uint64_t digest = 0xcbf29ce484222325;  // FNV-1a (Fowler, Noll and Vo), which any machine computes alike
  for (size_t i = 0; i < digests.size(); ++i) {
    for (const char c : text.substr(i * kPrefixBytes, kPrefixBytes)) {
      digest = (digest ^ static_cast<unsigned char>(c)) * 0x100000001b3;
    }
    digests[i] = digest;
  }
  return digests;
}

}  // namespace troupe
