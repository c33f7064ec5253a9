// Which instructions the kernels may use here. Decided once, by the CPU and the kernel; TROUPE_ISA=portable or avx512
// rules out what is above it, to compare or to keep away from a CPU's fault.
#pragma once

#include <cstdint>
#include <string_view>

namespace troupe::kernels {

// Each one has what those before it have.
enum class Isa : uint8_t {
  kPortable,  // what the compiler makes of plain loops: right everywhere, fast nowhere
  kAvx512,    // AVX-512 F, BW, VL, DQ and VNNI: Intel since Cascade Lake, AMD since Zen 4
  kAmx,       // AMX-TILE, AMX-INT8 and AMX-BF16: Intel since Sapphire Rapids; Linux 5.16
};

// "portable", "avx512", "amx".
std::string_view IsaName(Isa isa);

// The best one of this CPU and of what TROUPE_ISA allows.
Isa BestIsa();

}  // namespace troupe::kernels
