// Texts that are longer than an encoder reads. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace troupe::model {

// Cuts to `limit` tokens, keeping the special token at the end as transformers' truncation does. Whether it was longer.
bool Truncate(std::vector<int32_t>& ids, size_t limit);

}  // namespace troupe::model
