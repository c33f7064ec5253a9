#include "runtime/kernels/isa.h"

#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cstdlib>

namespace troupe::kernels {
namespace {

constexpr std::array kNames{std::string_view("portable"), std::string_view("avx512"), std::string_view("amx")};

#ifdef TROUPE_AVX512
// Tiles are eight kilobytes of registers more to save, so Linux gives them only to a process that asks (once, for all
// of its threads): arch_prctl(2), ARCH_REQ_XCOMP_PERM of XFEATURE_XTILEDATA.
bool AskForTiles() {
  constexpr int kRequestPermission = 0x1023;
  constexpr int kTileData = 18;
  return syscall(SYS_arch_prctl, kRequestPermission, kTileData) == 0;
}

Isa Detect() {
  __builtin_cpu_init();
  if (!__builtin_cpu_supports("avx512f") || !__builtin_cpu_supports("avx512bw") ||
      !__builtin_cpu_supports("avx512vl") || !__builtin_cpu_supports("avx512dq") ||
      !__builtin_cpu_supports("avx512vnni") || !__builtin_cpu_supports("fma")) {
    return Isa::kPortable;
  }
  if (!__builtin_cpu_supports("amx-tile") || !__builtin_cpu_supports("amx-int8") ||
      !__builtin_cpu_supports("amx-bf16") || !AskForTiles()) {
    return Isa::kAvx512;
  }
  return Isa::kAmx;
}
#else
Isa Detect() { return Isa::kPortable; }
#endif

Isa Choose() {
  const char* wish = std::getenv("TROUPE_ISA");
  const Isa best = Detect();
  if (wish == nullptr) return best;
  for (const Isa isa : {Isa::kPortable, Isa::kAvx512}) {
    if (wish == IsaName(isa) && isa < best) return isa;
  }
  return best;
}

}  // namespace

std::string_view IsaName(Isa isa) { return kNames[static_cast<size_t>(isa)]; }

Isa BestIsa() {
  static const Isa isa = Choose();
  return isa;
}

}  // namespace troupe::kernels
