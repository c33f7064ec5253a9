#include "router/answers/counts.h"

namespace troupe::answers {

void Counts::Hit(const Key& key, answers::Hit hit, const cache::Entry& entry) {
  const std::lock_guard lock(mutex_);
  Tally& tally = tallies_[key];
  switch (hit) {
    case answers::Hit::kExact:
      ++tally.exact;
      break;
    case answers::Hit::kStale:
      ++tally.stale;
      break;
    case answers::Hit::kMeaning:
      ++tally.meaning;
      break;
    case answers::Hit::kWaited:
      ++tally.waited;
      break;
  }
  tally.saved_tokens += entry.tokens;
  tally.saved_device_ms += entry.device_ms;
  tally.saved_money_micros += entry.money_micros;
}

void Counts::Miss(const Key& key) {
  const std::lock_guard lock(mutex_);
  ++tallies_[key].misses;
}

void Counts::Checked(const Key& key, bool right) {
  const std::lock_guard lock(mutex_);
  Tally& tally = tallies_[key];
  ++tally.checked;
  if (!right) ++tally.wrong;
}

std::map<Counts::Key, Tally> Counts::All() const {
  const std::lock_guard lock(mutex_);
  return tallies_;
}

}  // namespace troupe::answers
