// The vectors of the skills' examples, worked out once for each graph version, step and embedding model. Those who ask
// while one works them out wait for that one instead of doing the same.
//
// Owner: the Dispatcher. Thread-safe.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "router/decompose/skill_index.h"

namespace troupe::dispatch {

class SkillCache {
 public:
  using Index = std::shared_ptr<const decompose::SkillIndex>;

  // The index, or null. With null and `build` set the caller must work it out and call Finish, whatever happens; with
  // null and `build` unset `later` is called when another has finished: ask again then.
  Index Get(const std::string& key, std::function<void()> later, bool& build);

  // Null where it came to nothing: then one of those who wait will try.
  void Finish(const std::string& key, Index index);

 private:
  struct Entry {
    Index index;
    bool building = false;
    std::vector<std::function<void()>> waiting;
  };
  // More graph versions than this in use at once are worked out again now and then.
  static constexpr size_t kMaxEntries = 64;

  std::mutex mutex_;
  std::map<std::string, Entry> entries_;
};

}  // namespace troupe::dispatch
