// Finds the earlier questions that are nearest to a new one, by the vectors of their texts. Partitions (one for each
// tenant, graph and step) know nothing of each other: what is in one is never found in another. Bounded; whoever adds
// decides what goes where it is full. Thread-safe: searches run side by side, changes alone.
#pragma once

#include <cstdint>
#include <map>
#include <shared_mutex>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "router/cache/vector_partition.h"
#include "runtime/base/error.h"

namespace troupe::cache {

struct VectorIndexOptions {
  HnswOptions graph;
  // In all partitions together. One takes about 2.1 KB at a width of 384.
  size_t max_entries = 1'000'000;
  // Partitions up to this size are searched without a graph.
  size_t exact_up_to = 1'000;
};

class VectorIndex {
 public:
  explicit VectorIndex(const VectorIndexOptions& options);

  // In place of the id's earlier vector. Its length does not matter. Errors: INVALID_ARGUMENT for another width, zero,
  // or what is no number; RESOURCE_EXHAUSTED where the index is full.
  Status Set(std::string_view partition, uint64_t id, std::span<const float> vector);
  // False where it is not there.
  bool Remove(std::string_view partition, uint64_t id);
  // How many were removed.
  size_t RemovePartition(std::string_view partition);
  // Up to `count`, the nearest first; none for a partition that is not there. Errors: INVALID_ARGUMENT as Set.
  Result<std::vector<Found>> Search(std::string_view partition, std::span<const float> vector, size_t count) const;

  struct Stats {
    size_t entries = 0, partitions = 0;
  };
  Stats GetStats() const;

 private:
  Result<std::vector<float>> Normalized(std::span<const float> vector) const;

  const VectorIndexOptions options_;
  mutable std::shared_mutex mutex_;
  std::map<std::string, VectorPartition, std::less<>> partitions_;
  size_t entries_ = 0;
};

}  // namespace troupe::cache
