#include "router/cache/tiny_lfu.h"

#include <algorithm>
#include <functional>

namespace troupe::cache {
namespace {
size_t Share(size_t bytes, double share) { return static_cast<size_t>(static_cast<double>(bytes) * share); }
}  // namespace

TinyLfu::TinyLfu(const TinyLfuOptions& options)
    : options_(options),
      window_bytes_(Share(options.max_bytes, options.window)),
      main_bytes_(options.max_bytes - window_bytes_),
      protected_bytes_(Share(main_bytes_, options.protected_share)),
      sketch_(options.expected_entries) {}

void TinyLfu::MoveTo(Segment segment, Items::iterator item) {
  bytes_[item->segment] -= item->bytes;
  bytes_[segment] += item->bytes;
  items_[segment].splice(items_[segment].begin(), items_[item->segment], item);
  item->segment = segment;
}

void TinyLfu::Drop(Items::iterator item) {
  bytes_[item->segment] -= item->bytes;
  places_.erase(item->key);
  items_[item->segment].erase(item);
}

// Who was asked for longest ago is on probation again.
void TinyLfu::ShrinkProtected() {
  while (bytes_[kProtected] > protected_bytes_) MoveTo(kProbation, std::prev(items_[kProtected].end()));
}

bool TinyLfu::Touch(std::string_view key) {
  sketch_.Count(std::hash<std::string_view>{}(key));
  const auto found = places_.find(std::string(key));
  if (found == places_.end()) return false;
  const auto item = found->second;
  MoveTo(item->segment == kWindow ? kWindow : kProtected, item);
  ShrinkProtected();
  return true;
}

// A candidate from the window against those that were asked for longest ago, as many as it needs the room of.
void TinyLfu::Admit(Items::iterator candidate, std::vector<std::string>& gone) {
  const auto drop = [&](Items::iterator item) {
    gone.push_back(item->key);
    Drop(item);
  };
  if (candidate->bytes > main_bytes_) return drop(candidate);
  const int worth = sketch_.Estimate(candidate->hash);
  while (bytes_[kProbation] + bytes_[kProtected] + candidate->bytes > main_bytes_) {
    const Segment from = items_[kProbation].empty() ? kProtected : kProbation;
    const auto victim = std::prev(items_[from].end());
    if (worth <= sketch_.Estimate(victim->hash)) return drop(candidate);
    drop(victim);
  }
  MoveTo(kProbation, candidate);
}

std::vector<std::string> TinyLfu::Add(std::string_view key, size_t bytes) {
  std::vector<std::string> gone;
  if (bytes > options_.max_bytes) {
    Remove(key);
    return {std::string(key)};
  }
  const auto found = places_.find(std::string(key));
  if (found != places_.end()) {
    // grown or shrunk: it comes in anew, with the count that it has
    Drop(found->second);
  }
  items_[kWindow].push_front({std::string(key), bytes, std::hash<std::string_view>{}(key), kWindow});
  bytes_[kWindow] += bytes;
  places_[std::string(key)] = items_[kWindow].begin();
  while (bytes_[kWindow] > window_bytes_) Admit(std::prev(items_[kWindow].end()), gone);
  return gone;
}

void TinyLfu::Remove(std::string_view key) {
  const auto found = places_.find(std::string(key));
  if (found != places_.end()) Drop(found->second);
}

}  // namespace troupe::cache
