// A graph of vectors that is walked to the nearest ones (HNSW: Malkov and Yashunin, 2018), by hnswlib. Vectors lie in
// it with 8 bits a number, which a walk can do with: whoever wants to know exactly ranks what it finds again. Nothing
// that hnswlib throws leaves this file. Search may run on several threads; changes must run alone.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "runtime/base/error.h"

namespace troupe::cache {

struct HnswOptions {
  int width = 0;
  // Neighbours that a vector is linked with; and candidates looked at when it is linked, and when something is sought.
  int links = 16;
  int build_effort = 100;
  int search_effort = 96;
};

class Hnsw {
 public:
  static Result<std::unique_ptr<Hnsw>> Make(const HnswOptions& options, size_t capacity);
  ~Hnsw();
  Hnsw(const Hnsw&) = delete;
  Hnsw& operator=(const Hnsw&) = delete;

  // Puts `vector` [width] at `slot`, in place of what was there. Errors: RESOURCE_EXHAUSTED where memory runs out.
  // After an error the graph must not be used any more.
  Status Set(size_t slot, std::span<const float> vector);
  // What is there is not found any more; a slot may be set again.
  Status Remove(size_t slot);
  // Slots that are near, the nearest not necessarily first.
  Result<std::vector<size_t>> Near(std::span<const float> vector, size_t count) const;

 private:
  struct Impl;
  explicit Hnsw(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace troupe::cache
