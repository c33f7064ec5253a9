#include "runtime/kernels/isa.h"

#include <cstdlib>

namespace troupe::kernels {
namespace {

Isa Detect() {
  const char* wish = std::getenv("TROUPE_ISA");
  if (wish != nullptr && std::string_view(wish) == IsaName(Isa::kPortable)) return Isa::kPortable;
#ifdef TROUPE_AVX512
  __builtin_cpu_init();
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl") &&
      __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vnni") && __builtin_cpu_supports("fma")) {
    return Isa::kAvx512;
  }
#endif
  return Isa::kPortable;
}

}  // namespace

std::string_view IsaName(Isa isa) { return isa == Isa::kAvx512 ? "avx512" : "portable"; }

Isa BestIsa() {
  static const Isa isa = Detect();
  return isa;
}

}  // namespace troupe::kernels
