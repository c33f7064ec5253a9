// Lists of names in sentences.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace troupe {

// "NVIDIA-L4 or NVIDIA-A10G" where " or " stands between them; empty for no names.
std::string Joined(const std::vector<std::string>& names, std::string_view between);

}  // namespace troupe
