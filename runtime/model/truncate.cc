#include "runtime/model/truncate.h"

namespace troupe::model {

bool Truncate(std::vector<int32_t>& ids, size_t limit) {
  if (ids.size() <= limit) return false;
  const int32_t last = ids.back();
  ids.resize(limit);
  ids.back() = last;
  return true;
}

}  // namespace troupe::model
