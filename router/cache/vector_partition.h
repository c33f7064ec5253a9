// The questions of one partition of the index: exact vectors in rows, and a graph to find near ones by once there are
// many. A few are looked through one by one, which is exact and needs no graph (hnswlib's takes 3 MB before it holds
// anything). Where the graph fails it is put away and all are looked through: slower, never wrong. Not thread-safe;
// Search may run beside Search.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <unordered_map>
#include <vector>

#include "router/cache/hnsw.h"
#include "runtime/base/error.h"

namespace troupe::cache {

struct Found {
  uint64_t id = 0;
  // Cosine, from exact vectors.
  double similarity = 0.0;
};

class VectorPartition {
 public:
  VectorPartition(const HnswOptions& options, size_t exact_up_to) : options_(options), exact_up_to_(exact_up_to) {}

  // `vector` [width], of length 1, in place of the id's earlier one.
  void Set(uint64_t id, std::span<const float> vector);
  // False where it is not there.
  bool Remove(uint64_t id);
  bool Contains(uint64_t id) const { return slots_.contains(id); }
  // The nearest first; equal ones by id.
  std::vector<Found> Search(std::span<const float> vector, size_t count) const;

  size_t size() const { return slots_.size(); }
  bool has_graph() const { return graph_ != nullptr; }

 private:
  std::span<const float> Row(size_t slot) const {
    const auto width = static_cast<size_t>(options_.width);
    return std::span<const float>(rows_).subspan(slot * width, width);
  }
  void MakeGraph();
  Found FoundAt(size_t slot, std::span<const float> vector) const { return {ids_[slot], Product(slot, vector)}; }
  double Product(size_t slot, std::span<const float> vector) const;

  const HnswOptions options_;
  const size_t exact_up_to_;
  std::unordered_map<uint64_t, size_t> slots_;
  // By slot.
  std::vector<uint64_t> ids_;
  std::vector<bool> taken_;
  std::vector<float> rows_;
  std::vector<size_t> free_;
  std::unique_ptr<Hnsw> graph_;
  bool graph_failed_ = false;
};

}  // namespace troupe::cache
