// The word lists of words/, as they were when this binary was built. Made by words/embed.cmake.
#pragma once

#include <string_view>

namespace troupe::cache {

// The text of words/NAME.txt; empty for a list that is not there.
std::string_view WordList(std::string_view name);

}  // namespace troupe::cache
