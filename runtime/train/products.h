// What linear layers multiply in while a model is trained.
#pragma once

#include <cstdint>

namespace troupe::train {

// Weights and everything between the products stay float32.
enum class Products : uint8_t { kFloat, kBfloat16 };

}  // namespace troupe::train
