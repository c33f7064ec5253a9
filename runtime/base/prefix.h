// How two texts begin, without showing them: digests by which a router finds an agent that has worked on what begins
// alike, so that it need not compute that again. They guide and prove nothing: equal digests may be an accident.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace troupe {

// Bytes that one more digest stands for.
constexpr size_t kPrefixBytes = 256;
// Digests of one text at most; what is behind them does not matter.
constexpr size_t kMaxPrefixes = 32;

// A digest for the first kPrefixBytes of the text, for twice as many, and so on: none for a shorter text. The same in
// every process.
std::vector<uint64_t> PrefixDigests(std::string_view text);

}  // namespace troupe
