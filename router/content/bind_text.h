// A text bound to its set: which slot stands where, and how its value is escaped there. Done once, when a text is
// checked or published; filling only follows what was found here. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "router/content/content_set.h"
#include "router/content/escape.h"
#include "runtime/base/error.h"

namespace troupe::content {

struct Part {
  // A literal where `slot` is empty.
  std::string literal;
  std::string slot;
  Escape escape = Escape::kNone;
};

// Errors: INVALID_ARGUMENT for wrong syntax, a slot that the set does not declare, a place where no escaping makes a
// value safe, a JSON text that is none.
Result<std::vector<Part>> BindText(std::string_view text, const std::vector<Slot>& slots, OutputKind output);

}  // namespace troupe::content
