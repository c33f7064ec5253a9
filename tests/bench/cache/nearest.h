// The index of questions with many entries: how often it finds the nearest one, and in what time.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstddef>
#include <cstdint>

#include "runtime/base/error.h"

namespace troupe::bench {

struct IndexFigures {
  size_t entries = 0;
  // Share of queries whose nearest entry is found, of 1.
  double recall = 0.0;
  double search_p50_ms = 0.0, search_p99_ms = 0.0;
  double build_s = 0.0;
};

// Entries lie between two real questions each, and a little off, so that they crowd as questions do. `vectors` [n,
// width] are of real questions; those of the last tenth are the queries, and none of the entries is made of them.
Result<IndexFigures> MeasureIndex(const at::Tensor& vectors, size_t entries, size_t queries, uint64_t seed);

}  // namespace troupe::bench
