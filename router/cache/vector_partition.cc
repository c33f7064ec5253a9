#include "router/cache/vector_partition.h"

#include <algorithm>

#include "router/cache/coded_vector.h"

namespace troupe::cache {
namespace {
// Candidates that are ranked exactly, for each one wanted.
constexpr size_t kRanked = 8;
}  // namespace

double VectorPartition::Product(size_t slot, std::span<const float> vector) const {
  return cache::Product(Row(slot), vector);
}

void VectorPartition::MakeGraph() {
  auto made = Hnsw::Make(options_, ids_.size() * 2);
  graph_failed_ = !made;
  if (!made) return;
  for (size_t slot = 0; slot < ids_.size() && !graph_failed_; ++slot) {
    if (taken_[slot]) graph_failed_ = !(*made)->Set(slot, Row(slot));
  }
  if (!graph_failed_) graph_ = std::move(*made);
}

void VectorPartition::Set(uint64_t id, std::span<const float> vector) {
  Remove(id);
  size_t slot = ids_.size();
  if (free_.empty()) {
    ids_.push_back(id);
    taken_.push_back(true);
    rows_.insert(rows_.end(), vector.begin(), vector.end());
  } else {
    slot = free_.back();
    free_.pop_back();
    ids_[slot] = id;
    taken_[slot] = true;
    std::ranges::copy(vector, rows_.begin() + static_cast<ptrdiff_t>(slot * vector.size()));
  }
  slots_[id] = slot;
  if (graph_ != nullptr) {
    graph_failed_ = !graph_->Set(slot, vector);
    if (graph_failed_) graph_.reset();
  } else if (!graph_failed_ && size() > exact_up_to_) {
    MakeGraph();
  }
}

bool VectorPartition::Remove(uint64_t id) {
  const auto found = slots_.find(id);
  if (found == slots_.end()) return false;
  const size_t slot = found->second;
  slots_.erase(found);
  taken_[slot] = false;
  free_.push_back(slot);
  if (graph_ != nullptr && !graph_->Remove(slot)) {
    graph_failed_ = true;
    graph_.reset();
  }
  return true;
}

std::vector<Found> VectorPartition::Search(std::span<const float> vector, size_t count) const {
  std::vector<Found> found;
  const auto near =
      graph_ != nullptr ? graph_->Near(vector, count * kRanked) : Result<std::vector<size_t>>(Internal(""));
  if (near) {
    for (const size_t slot : *near) found.push_back(FoundAt(slot, vector));
  } else {
    for (size_t slot = 0; slot < ids_.size(); ++slot) {
      if (taken_[slot]) found.push_back(FoundAt(slot, vector));
    }
  }
  const auto nearer = [](const Found& a, const Found& b) {
    return a.similarity != b.similarity ? a.similarity > b.similarity : a.id < b.id;
  };
  const size_t kept = std::min(count, found.size());
  std::partial_sort(found.begin(), found.begin() + static_cast<ptrdiff_t>(kept), found.end(), nearer);
  found.resize(kept);
  return found;
}

}  // namespace troupe::cache
