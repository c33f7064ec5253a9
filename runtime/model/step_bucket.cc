#include "runtime/model/step_bucket.h"

#include <algorithm>
#include <bit>

namespace troupe::model {
namespace {

int64_t PowerOfTwo(int64_t number) { return static_cast<int64_t>(std::bit_ceil(static_cast<uint64_t>(number))); }

}  // namespace

StepBucket BucketFor(int64_t sequences, int64_t pages, int64_t max_pages) {
  StepBucket bucket{PowerOfTwo(std::min(sequences, kMaxStepSequences)), PowerOfTwo(pages)};
  while (bucket.sequences > 1 && bucket.sequences * bucket.pages > max_pages) bucket.sequences /= 2;
  return bucket;
}

}  // namespace troupe::model
