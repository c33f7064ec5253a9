// The instruction sets that this CPU can run, to hold each of them against plain arithmetic.
#pragma once

#include <vector>

#include "runtime/kernels/isa.h"
#include "runtime/kernels/table.h"

namespace troupe::kernels {

inline std::vector<const Table*> Tables() {
  std::vector<const Table*> tables{&kPortableTable};
#ifdef TROUPE_AVX512
  if (BestIsa() >= Isa::kAvx512) tables.push_back(&kAvx512Table);
  if (BestIsa() >= Isa::kAmx) tables.push_back(&kAmxTable);
#endif
  return tables;
}

}  // namespace troupe::kernels
