// Which instructions the kernels may use here. Decided once, by the CPU; TROUPE_ISA=portable rules the others out, to
// compare or to keep away from a CPU's fault.
#pragma once

#include <cstdint>
#include <string_view>

namespace troupe::kernels {

enum class Isa : uint8_t {
  kPortable,  // what the compiler makes of plain loops: right everywhere, fast nowhere
  kAvx512,    // AVX-512 F, BW, VL, DQ and VNNI: Intel since Cascade Lake, AMD since Zen 4
};

// "portable", "avx512".
std::string_view IsaName(Isa isa);

// The best one of this CPU and of what TROUPE_ISA allows.
Isa BestIsa();

}  // namespace troupe::kernels
