// Activation checkpointing (Chen et al., 2016, arXiv:1604.06174): of a part of a model nothing is kept for the way back
// but its input; there the part is computed again. Memory for about a third more time. Pure; on the caller's thread.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <functional>

namespace troupe::train {

// What is kept of each layer while gradients are wanted: all that it computed, or its input.
enum class Activations : uint8_t { kKept, kRecomputed };

// part(x), through which gradients flow to x and to all that `part` reads. Where gradients are wanted, `part` is called
// without them now and with them on the way back: what it refers to must live until then and say the same again.
at::Tensor Recomputed(const at::Tensor& x, std::function<at::Tensor(const at::Tensor&)> part);

}  // namespace troupe::train
