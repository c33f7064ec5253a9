#include "tests/bench/cache/eviction.h"

#include <algorithm>
#include <cmath>
#include <list>
#include <numeric>
#include <unordered_map>

#include "router/cache/tiny_lfu.h"
#include "tests/bench/cache/pairs.h"

namespace troupe::bench {
namespace {

constexpr uint32_t kKeys = 50'000;
constexpr size_t kRequests = 500'000;

// Draws ranks by Zipf's law.
class Zipf {
 public:
  Zipf(uint32_t ranks, double exponent) {
    double sum = 0.0;
    for (uint32_t rank = 1; rank <= ranks; ++rank) cumulated_.push_back(sum += std::pow(rank, -exponent));
  }
  uint32_t Next(Draw& draw) const {
    constexpr size_t kSteps = size_t{1} << 40;
    const double at = cumulated_.back() * static_cast<double>(draw.Below(kSteps)) / static_cast<double>(kSteps);
    return static_cast<uint32_t>(std::ranges::upper_bound(cumulated_, at) - cumulated_.begin());
  }

 private:
  std::vector<double> cumulated_;
};

class Lru {
 public:
  explicit Lru(size_t max_bytes) : max_bytes_(max_bytes) {}
  bool Ask(uint32_t key, uint32_t bytes) {
    const auto found = places_.find(key);
    if (found != places_.end()) {
      items_.splice(items_.begin(), items_, found->second);
      return true;
    }
    items_.push_front({key, bytes});
    places_[key] = items_.begin();
    for (bytes_ += bytes; bytes_ > max_bytes_; items_.pop_back()) {
      bytes_ -= items_.back().second;
      places_.erase(items_.back().first);
    }
    return false;
  }

 private:
  const size_t max_bytes_;
  size_t bytes_ = 0;
  std::list<std::pair<uint32_t, uint32_t>> items_;
  std::unordered_map<uint32_t, std::list<std::pair<uint32_t, uint32_t>>::iterator> places_;
};

}  // namespace

std::vector<Trace> Traces(uint64_t seed) {
  Draw draw(seed);
  // answers of 200 bytes to 6 KB
  std::vector<uint32_t> bytes(kKeys);
  for (uint32_t& size : bytes)
    size = static_cast<uint32_t>(200 * std::exp(static_cast<double>(draw.Below(3'400)) / 1'000));
  const Zipf zipf(kKeys, 0.9);
  Trace plain{"zipf", {}, bytes}, scans{"scans", {}, bytes}, shifting{"shifting", {}, bytes},
      questions{"questions", {}, bytes};
  for (size_t i = 0; i < kRequests; ++i) {
    const uint32_t rank = zipf.Next(draw);
    plain.requests.push_back(rank);
    scans.requests.push_back(rank);
    if (i % 100'000 == 50'000) {
      for (uint32_t key = 0; key < kKeys / 2; ++key) scans.requests.push_back(kKeys / 2 + key);
    }
    const auto moved = static_cast<uint32_t>(i / 50'000 * 997);
    shifting.requests.push_back((rank + moved) % kKeys);
    // half of all questions are asked in words of their own, once
    questions.requests.push_back(draw.OneIn(2) ? static_cast<uint32_t>(draw.Below(kKeys)) : rank / 20);
  }
  return {plain, scans, shifting, questions};
}

HitPercents MeasureEviction(const Trace& trace, double share) {
  const auto all = std::accumulate(trace.bytes.begin(), trace.bytes.end(), size_t{0});
  const auto room = static_cast<size_t>(static_cast<double>(all) * share);
  cache::TinyLfu policy({.max_bytes = room, .expected_entries = static_cast<size_t>(kKeys * share)});
  Lru lru(room);
  size_t policy_hits = 0, lru_hits = 0;
  for (const uint32_t key : trace.requests) {
    const std::string name = std::to_string(key);
    if (policy.Touch(name)) {
      ++policy_hits;
    } else {
      policy.Add(name, trace.bytes[key]);
    }
    lru_hits += lru.Ask(key, trace.bytes[key]) ? 1 : 0;
  }
  const auto percent = [&trace](size_t hits) {
    return 100.0 * static_cast<double>(hits) / static_cast<double>(trace.requests.size());
  };
  return {percent(policy_hits), percent(lru_hits)};
}

}  // namespace troupe::bench
