#include "router/content/template_text.h"

#include <algorithm>

#include "runtime/kind/yaml_map.h"

namespace troupe::content {
namespace {

// Some of the text from `at` on, for messages: whole characters.
std::string Excerpt(std::string_view text, size_t at) {
  constexpr size_t kShown = 24;
  size_t end = std::min(text.size(), at + kShown);
  while (end < text.size() && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) ++end;
  std::string shown(text.substr(at, end - at));
  std::replace(shown.begin(), shown.end(), '\n', ' ');
  return "'" + shown + (end < text.size() ? "...'" : "'");
}

Error Stray(std::string_view text, size_t at) {
  return Invalid("'" + std::string(text.substr(at, 2)) + "' at " + Excerpt(text, at) +
                 " belongs to no slot; a slot is written {{name}}, and double braces stand for nothing else");
}

}  // namespace

Result<std::vector<Segment>> ParseTemplate(std::string_view text, ClosingBraces braces) {
  std::vector<Segment> segments;
  size_t at = 0;
  while (at < text.size()) {
    const size_t open = text.find("{{", at);
    const std::string_view literal = text.substr(at, open == text.npos ? text.npos : open - at);
    const size_t stray = braces == ClosingBraces::kAllowed ? literal.npos : literal.find("}}");
    if (stray != literal.npos) return Stray(text, at + stray);
    if (!literal.empty()) segments.push_back({Segment::Kind::kLiteral, std::string(literal)});
    if (open == text.npos) break;
    const size_t close = text.find("}}", open);
    if (close == text.npos) return Stray(text, open);
    const std::string_view name = text.substr(open + 2, close - open - 2);
    if (!kind::IsIdentifier(name)) {
      return Invalid(Excerpt(text, open) +
                     " is no slot; write {{name}} without blanks, the name of letters, digits and underscores");
    }
    segments.push_back({Segment::Kind::kSlot, std::string(name)});
    at = close + 2;
  }
  return segments;
}

std::vector<std::string> SlotsIn(const std::vector<Segment>& segments) {
  std::vector<std::string> names;
  for (const Segment& segment : segments) {
    if (segment.kind == Segment::Kind::kSlot) names.push_back(segment.text);
  }
  return names;
}

}  // namespace troupe::content
