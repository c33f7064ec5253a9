// Where answers are kept: this process's memory and, behind it, a store that is slower and outlives it. What is in
// memory is found at once and asks nobody; what the store gives goes into memory. Owner: Answers. Thread-safe.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "router/answers/behind.h"
#include "router/cache/memory_store.h"

namespace troupe::answers {

class Tiers {
 public:
  // `behind` may be null.
  Tiers(cache::MemoryStore& memory, std::shared_ptr<Behind> behind) : memory_(memory), behind_(std::move(behind)) {}

  // In memory.
  std::optional<cache::Entry> AtHand(const std::string& key) { return memory_.Find(key); }
  // Behind memory, where it was not at hand. `done` is called at once where there is nothing behind, else maybe from
  // another thread. Errors: nobody knows whether there is one.
  void FindBehind(const std::string& key, cache::OnEntry done);
  // One after the other.
  void Find(const std::string& key, cache::OnEntry done);
  void Set(const std::string& key, cache::Entry entry);

 private:
  cache::MemoryStore& memory_;
  const std::shared_ptr<Behind> behind_;
};

}  // namespace troupe::answers
