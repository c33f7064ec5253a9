// How often answers were kept, given again and missed, and what that saved: for each graph and step, since the router
// started. Owner: Answers. Thread-safe.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <utility>

#include "router/answers/job.h"
#include "router/cache/entry.h"

namespace troupe::answers {

struct Tally {
  int64_t exact = 0;
  int64_t stale = 0;
  int64_t meaning = 0;
  // Waited for an equal one under way.
  int64_t waited = 0;
  // Made anew.
  int64_t misses = 0;
  // Hits that were checked, by making the answer anew or by people, and those that were wrong.
  int64_t checked = 0;
  int64_t wrong = 0;
  // What hits saved.
  int64_t saved_tokens = 0;
  int64_t saved_device_ms = 0;
  int64_t saved_money_micros = 0;

  int64_t hits() const { return exact + stale + meaning + waited; }
};

class Counts {
 public:
  // A graph's name, and a step without rounds; empty for the whole graph.
  using Key = std::pair<std::string, std::string>;

  void Hit(const Key& key, answers::Hit hit, const cache::Entry& entry);
  void Miss(const Key& key);
  void Checked(const Key& key, bool right);
  std::map<Key, Tally> All() const;

 private:
  mutable std::mutex mutex_;
  std::map<Key, Tally> tallies_;
};

}  // namespace troupe::answers
