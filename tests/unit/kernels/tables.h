// The instruction sets that this CPU can run, to hold each of them against plain arithmetic.
#pragma once

#include <vector>

#include "runtime/kernels/isa.h"
#include "runtime/kernels/table.h"

namespace troupe::kernels {

inline std::vector<const Table*> Tables() {
  std::vector<const Table*> tables{&kPortableTable};
  if (&BestTable() != &kPortableTable) tables.push_back(&BestTable());
  return tables;
}

}  // namespace troupe::kernels
