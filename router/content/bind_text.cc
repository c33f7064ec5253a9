#include "router/content/bind_text.h"

#include <utility>

#include "router/content/html_scanner.h"
#include "router/content/template_text.h"
#include "runtime/base/value.h"
#include "runtime/kind/suggest.h"

namespace troupe::content {
namespace {

Result<const Slot*> Declared(const std::string& name, const std::vector<Slot>& slots) {
  if (const Slot* slot = FindSlot(slots, name)) return slot;
  std::vector<std::string> names;
  for (const Slot& slot : slots) names.push_back(slot.name);
  return Invalid("there is no slot '" + name + "'" + kind::Suggest(name, names));
}

// Scanners follow a text's literals as far as one must to know how a slot is escaped where it stands; HtmlScanner is
// the third.
class PlainScanner {
 public:
  Status Literal(std::string_view) { return {}; }
  Result<Escape> SlotHere(const Slot&) { return Escape::kNone; }
  Status End() { return {}; }
};

class JsonScanner {
 public:
  Status Literal(std::string_view text) {
    for (const char c : text) {
      const bool escaped = std::exchange(after_backslash_, in_string_ && !after_backslash_ && c == '\\');
      if (c == '"' && !escaped) in_string_ = !in_string_;
    }
    sample_ += text;
    return {};
  }
  Result<Escape> SlotHere(const Slot& slot) {
    if (!in_string_ || after_backslash_) {
      return Invalid("slot '" + slot.name + "' stands outside of a JSON string; put it into quotes");
    }
    sample_ += "x";
    return Escape::kJson;
  }
  Status End() const {
    const auto value = ParseValue(sample_);
    return value ? Status() : Invalid("not valid JSON: " + value.error().message);
  }

 private:
  bool in_string_ = false;
  bool after_backslash_ = false;
  // The text with something in its slots.
  std::string sample_;
};

template <typename Scanner>
Result<std::vector<Part>> Bind(const std::vector<Segment>& segments, const std::vector<Slot>& slots, Scanner scanner) {
  std::vector<Part> parts;
  for (const Segment& segment : segments) {
    if (segment.kind == Segment::Kind::kLiteral) {
      TRY(scanner.Literal(segment.text));
      parts.push_back({.literal = segment.text});
      continue;
    }
    TRY_ASSIGN(const Slot* slot, Declared(segment.text, slots));
    TRY_ASSIGN(const Escape escape, scanner.SlotHere(*slot));
    parts.push_back({.slot = segment.text, .escape = escape});
  }
  TRY(scanner.End());
  return parts;
}

}  // namespace

Result<std::vector<Part>> BindText(std::string_view text, const std::vector<Slot>& slots, OutputKind output) {
  const auto braces = output == OutputKind::kJson ? ClosingBraces::kAllowed : ClosingBraces::kRefused;
  TRY_ASSIGN(const std::vector<Segment> segments, ParseTemplate(text, braces));
  switch (output) {
    case OutputKind::kHtml:
      return Bind(segments, slots, HtmlScanner());
    case OutputKind::kJson:
      return Bind(segments, slots, JsonScanner());
    case OutputKind::kText:
      break;
  }
  return Bind(segments, slots, PlainScanner());
}

}  // namespace troupe::content
