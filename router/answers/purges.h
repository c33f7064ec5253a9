// How often answers were thrown away, which is part of their keys: what was kept before is found no more. Counts are
// the store's where there is one behind memory, so that they outlive a restart and hold for all who share it. Between a
// purge and the store's having counted it, keys here have a mark that no other router's have: nobody shares answers
// under a number that others reach on their own. Owner: Answers. Thread-safe.
#pragma once

#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "router/cache/store.h"

namespace troupe::answers {

class Purges {
 public:
  // A step's name of "" stands for the graph and all its steps.
  static std::string NameOf(const std::string& graph, const std::string& step) { return graph + "/" + step; }

  // As it goes into the keys of that step's answers.
  std::string Of(const std::string& graph, const std::string& step) const;

  // One more, where nobody else counts.
  void Count(const std::string& name);
  // One more, which the store is to be told.
  void Mark(const std::string& name);
  // It was told, and what it counts now.
  void Settle(const std::string& name, int64_t count);
  // What it is still to be told.
  std::vector<std::string> Unsettled() const;

  // Counts never go down: a store that has lost some is told.
  void Raise(const cache::PurgeCounts& counts);
  cache::PurgeCounts All() const;

 private:
  mutable std::mutex mutex_;
  cache::PurgeCounts counts_;
  std::map<std::string, std::string> marks_;
};

}  // namespace troupe::answers
