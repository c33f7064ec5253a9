#include "router/answers/tiers.h"

#include <utility>

namespace troupe::answers {
namespace {

// Vectors lie in an index: in memory there is no need of them a second time.
cache::Entry WithoutVector(cache::Entry entry) {
  entry.vector.clear();
  return entry;
}

}  // namespace

void Tiers::FindBehind(const std::string& key, cache::OnEntry done) {
  if (!behind_) return done(std::optional<cache::Entry>());
  behind_->Find(key, [this, key, done = std::move(done)](Result<std::optional<cache::Entry>> found) {
    if (found && *found) {
      // one that was made meanwhile is newer
      if (std::optional<cache::Entry> newer = AtHand(key)) return done(std::move(newer));
      memory_.Set(key, WithoutVector(**found));
    }
    done(std::move(found));
  });
}

void Tiers::Find(const std::string& key, cache::OnEntry done) {
  if (std::optional<cache::Entry> entry = AtHand(key)) return done(std::move(entry));
  FindBehind(key, std::move(done));
}

void Tiers::Set(const std::string& key, cache::Entry entry) {
  if (behind_) behind_->Put(key, entry);
  memory_.Set(key, WithoutVector(std::move(entry)));
}

}  // namespace troupe::answers
