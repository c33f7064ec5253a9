// What a slot takes, as filling needs it: a value from a stranger is checked by its type, formatted and escaped into
// the text around it. What must never happen is that a value becomes more than a value, so all of this is refused:
// broken UTF-8, control characters, what turns the direction of text (a right-to-left name itself is fine), invisible
// characters, values that are too long, and what is not of the type. Immutable, so threads share it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "router/content/content_set.h"
#include "router/content/escape.h"
#include "router/content/locale.h"
#include "runtime/base/error.h"
#include "runtime/base/value.h"

namespace troupe::content {

struct SlotRule {
  std::string name;
  SlotType type = SlotType::kText;
  std::optional<std::string> fallback;
  int64_t max_length = 0;
  std::vector<std::string> choices;
  std::vector<std::string> hosts;
  MoneyFormat money;
  DateFormat date;
};

// The slot's rule in texts of that language.
SlotRule RuleOf(const Slot& slot, std::string_view language);

// As it stands in manifests, and back. Errors: DATA_LOSS for what no manifest says.
Value ToJson(const SlotRule& rule);
Result<SlotRule> RuleFromJson(const Value& json);

// Checks, formats, escapes and appends. Values are text whatever the type: money "1234.50", a date "2026-11-29".
// Errors: INVALID_ARGUMENT naming the slot; `out` may then hold a part.
Status AppendValue(const SlotRule& rule, std::string_view value, Escape escape, std::string& out);

}  // namespace troupe::content
