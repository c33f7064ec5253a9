// Memory for weights, in the system's large pages where it gives them. A core that decodes reads all weights for every
// token, and with small pages it waits for their addresses: alone it is a fifth slower (SmolLM2-135M in 4 bits). One
// layer's weights are smaller than a large page, so matrices lie side by side in slabs; a slab goes with its last
// matrix. Thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

namespace troupe::kernels {

// `bytes` (at least 1) of zeros, beginning at a cache line. Throws std::bad_alloc.
std::shared_ptr<uint8_t> WeightMemory(int64_t bytes);

// Asks for large pages for what was mapped. Where the system has none, small ones do.
void AdviseLargePages(void* memory, size_t bytes);

}  // namespace troupe::kernels
