// The word lists of words/, as they were when this binary was built.
#pragma once

#include <string_view>
#include <vector>

#include "runtime/base/embedded_file.h"

namespace troupe::cache {

// All of them, as "synonyms.txt".
const std::vector<EmbeddedFile>& WordLists();
// The text of words/NAME.txt; empty for a list that is not there.
std::string_view WordList(std::string_view name);

}  // namespace troupe::cache
