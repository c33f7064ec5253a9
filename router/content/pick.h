// Which of several texts a user gets: weighted rendezvous hashing (Schindelhauer and Schomaker, 2005). The same user
// gets the same text for as long as texts and weights stay; where a weight changes or a text comes or goes, only as
// many users move as must. The router, the browser module and the edge must agree to the bit, so hashes are 32 bits
// wide and the logarithm is one of our own, of nothing but IEEE additions, products and quotients. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace troupe::content {

// FNV-1a of the bytes, then MurmurHash3's last mixing.
uint32_t HashOf(std::string_view key);

struct Candidate {
  // HashOf("set/text").
  uint32_t seed = 0;
  // 0 is never picked.
  int64_t weight = 1;
};

// The index of the candidate with the lowest -ln(u)/weight, u being its hash with the user's as a number between 0 and
// 1; the first of equals. At least one weight must be above 0.
size_t Pick(std::span<const Candidate> candidates, std::string_view user);

}  // namespace troupe::content
