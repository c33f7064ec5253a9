// A text in the editor that the user has chosen.
#pragma once

#include <string>

#include "runtime/base/error.h"

namespace troupe::cli {

// What is left of `text` once the editor has ended ($VISUAL, $EDITOR, else vi), without newlines at its end. The file
// it edits belongs to the user alone. Errors: FAILED_PRECONDITION where there is no editor or it failed.
Result<std::string> EditText(const std::string& text);

}  // namespace troupe::cli
