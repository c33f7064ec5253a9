#include "router/content/bind_text.h"

#include <algorithm>
#include <utility>

#include "router/content/html_scanner.h"
#include "router/content/template_text.h"
#include "runtime/base/value.h"
#include "runtime/kind/suggest.h"

namespace troupe::content {
namespace {

Result<const Slot*> Declared(const std::string& name, const std::vector<Slot>& slots) {
  const auto found = std::find_if(slots.begin(), slots.end(), [&](const Slot& slot) { return slot.name == name; });
  if (found != slots.end()) return &*found;
  std::vector<std::string> names;
  for (const Slot& slot : slots) names.push_back(slot.name);
  return Invalid("there is no slot '" + name + "'" + kind::Suggest(name, names));
}

// Follows a JSON text as far as one must to know whether a slot stands inside a string.
class JsonScanner {
 public:
  void Literal(std::string_view text) {
    for (const char c : text) {
      const bool escaped = std::exchange(after_backslash_, in_string_ && !after_backslash_ && c == '\\');
      if (c == '"' && !escaped) in_string_ = !in_string_;
    }
  }
  bool takes_slot() const { return in_string_ && !after_backslash_; }

 private:
  bool in_string_ = false;
  bool after_backslash_ = false;
};

Result<std::vector<Part>> BindHtml(const std::vector<Segment>& segments, const std::vector<Slot>& slots) {
  HtmlScanner scanner;
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

Result<std::vector<Part>> BindJson(const std::vector<Segment>& segments, const std::vector<Slot>& slots) {
  JsonScanner scanner;
  std::vector<Part> parts;
  std::string sample;
  for (const Segment& segment : segments) {
    if (segment.kind == Segment::Kind::kLiteral) {
      scanner.Literal(segment.text);
      sample += segment.text;
      parts.push_back({.literal = segment.text});
      continue;
    }
    TRY(Declared(segment.text, slots));
    if (!scanner.takes_slot()) {
      return Invalid("slot '" + segment.text + "' stands outside of a JSON string; put it into quotes");
    }
    sample += "x";
    parts.push_back({.slot = segment.text, .escape = Escape::kJson});
  }
  if (const auto value = ParseValue(sample); !value) return Invalid("not valid JSON: " + value.error().message);
  return parts;
}

}  // namespace

Result<std::vector<Part>> BindText(std::string_view text, const std::vector<Slot>& slots, OutputKind output) {
  const auto braces = output == OutputKind::kJson ? ClosingBraces::kAllowed : ClosingBraces::kRefused;
  TRY_ASSIGN(const std::vector<Segment> segments, ParseTemplate(text, braces));
  if (output == OutputKind::kHtml) return BindHtml(segments, slots);
  if (output == OutputKind::kJson) return BindJson(segments, slots);
  std::vector<Part> parts;
  for (const Segment& segment : segments) {
    const bool literal = segment.kind == Segment::Kind::kLiteral;
    if (!literal) TRY(Declared(segment.text, slots));
    parts.push_back(literal ? Part{.literal = segment.text} : Part{.slot = segment.text});
  }
  return parts;
}

}  // namespace troupe::content
