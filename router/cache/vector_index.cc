#include "router/cache/vector_index.h"

#include <cmath>
#include <mutex>

#include "runtime/base/check.h"

namespace troupe::cache {

VectorIndex::VectorIndex(const VectorIndexOptions& options) : options_(options) {
  CHECK(options.graph.width > 0 && options.graph.links > 1);
}

Result<std::vector<float>> VectorIndex::Normalized(std::span<const float> vector) const {
  if (vector.size() != static_cast<size_t>(options_.graph.width)) {
    return Invalid("a vector of " + std::to_string(vector.size()) + " numbers for an index of " +
                   std::to_string(options_.graph.width) + ": the cache's embedding agent was changed; purge the cache");
  }
  double square = 0.0;
  for (const float value : vector) square += static_cast<double>(value) * static_cast<double>(value);
  if (!(square > 0.0) || !std::isfinite(square)) return Invalid("a vector that has no direction");
  std::vector<float> normalized(vector.begin(), vector.end());
  const double length = std::sqrt(square);
  for (float& value : normalized) value = static_cast<float>(static_cast<double>(value) / length);
  return normalized;
}

Status VectorIndex::Set(std::string_view partition, uint64_t id, std::span<const float> vector) {
  TRY_ASSIGN(const std::vector<float> normalized, Normalized(vector));
  std::unique_lock lock(mutex_);
  auto place = partitions_.find(partition);
  const bool is_new = place == partitions_.end() || !place->second.Contains(id);
  if (is_new && entries_ >= options_.max_entries) {
    return Exhausted("the index of questions is full at " + std::to_string(options_.max_entries) + " entries");
  }
  if (place == partitions_.end()) {
    place = partitions_.try_emplace(std::string(partition), options_.graph, options_.exact_up_to).first;
  }
  place->second.Set(id, normalized);
  entries_ += is_new ? 1 : 0;
  return {};
}

bool VectorIndex::Remove(std::string_view partition, uint64_t id) {
  std::unique_lock lock(mutex_);
  const auto place = partitions_.find(partition);
  if (place == partitions_.end() || !place->second.Remove(id)) return false;
  --entries_;
  if (place->second.size() == 0) partitions_.erase(place);
  return true;
}

size_t VectorIndex::RemovePartition(std::string_view partition) {
  std::unique_lock lock(mutex_);
  const auto place = partitions_.find(partition);
  if (place == partitions_.end()) return 0;
  const size_t removed = place->second.size();
  partitions_.erase(place);
  entries_ -= removed;
  return removed;
}

Result<std::vector<Found>> VectorIndex::Search(std::string_view partition, std::span<const float> vector,
                                               size_t count) const {
  TRY_ASSIGN(const std::vector<float> normalized, Normalized(vector));
  std::shared_lock lock(mutex_);
  const auto place = partitions_.find(partition);
  if (place == partitions_.end()) return std::vector<Found>();
  return place->second.Search(normalized, count);
}

VectorIndex::Stats VectorIndex::GetStats() const {
  std::shared_lock lock(mutex_);
  return {entries_, partitions_.size()};
}

}  // namespace troupe::cache
