// A text with slots, taken apart once: "Hello {{name}}!" is a literal, a slot, a literal. There is nothing else in the
// language, so nothing in a value can ever be read as part of it. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "runtime/base/error.h"

namespace troupe::content {

struct Segment {
  enum class Kind { kLiteral, kSlot };
  Kind kind = Kind::kLiteral;
  // The literal's text, or the slot's name.
  std::string text;
};

// Whether "}}" may stand outside of slots: in JSON it ends two objects, elsewhere it is a slip.
enum class ClosingBraces { kRefused, kAllowed };

// Strict: a slot is {{name}} without blanks, the name an identifier; "{{" stands for nothing else. Literals are never
// empty and never side by side. Errors: INVALID_ARGUMENT with what stands there and what to write.
Result<std::vector<Segment>> ParseTemplate(std::string_view text, ClosingBraces braces = ClosingBraces::kRefused);

// The slots' names, each as often as it stands there.
std::vector<std::string> SlotsIn(const std::vector<Segment>& segments);

}  // namespace troupe::content
