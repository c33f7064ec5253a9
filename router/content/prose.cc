#include "router/content/prose.h"

#include <algorithm>
#include <vector>

#include "router/content/character_classes.h"
#include "router/content/template_text.h"
#include "runtime/base/utf8.h"

namespace troupe::content {
namespace {

// Characters of a text whose set sets no limit.
constexpr int64_t kUsualLength = 600;
constexpr int64_t kLeastPiece = 12;

// What may follow a slot, and what a text ends with.
constexpr const char* kAfterSlot = "[ ,.!?;:'’]";
constexpr const char* kEnd = "[.!?…。！？]";

// Brackets of every kind are markup, templates, or what models write in place of a name.
bool IsProse(char32_t c) {
  if (c == '\n') return true;
  const std::u32string_view refused = U"{}[]<>\\`";
  return !IsControl(c) && !IsBidiControl(c) && !IsInvisible(c) && refused.find(c) == refused.npos;
}

// A sign of prose as a class of a regular expression: all but what is refused below, and `but`. One paragraph, and no
// quotes, which would end the JSON string early in a small model's eyes.
std::string MakeSign(const std::string& but) {
  std::string sign = "[^" + but + "{}\\[\\]<>`\"\\\\\\x00-\\x1f\\x7f";
  const auto refused = [](char32_t c) { return (c < 0xd800 || c > 0xdfff) && !IsProse(c); };
  for (char32_t first = 0x80; first <= 0x10ffff; ++first) {
    if (!refused(first)) continue;
    char32_t last = first;
    while (last < 0x10ffff && refused(last + 1)) ++last;
    AppendUtf8(first, sign);
    sign += "-";
    AppendUtf8(last, sign);
    first = last;
  }
  return sign + "]";
}

std::string UpTo(int64_t count) { return "{0," + std::to_string(std::max<int64_t>(count, 1)) + "}"; }

std::string Mark(const Slot& slot) { return "\\{\\{" + slot.name + "\\}\\}"; }

Status CheckSigns(std::string_view words) {
  for (size_t at = 0; at < words.size();) {
    const char32_t c = NextCodePoint(words, at);
    if (c == kBadUtf8) return Invalid("it is not valid UTF-8");
    if (IsProse(c)) continue;
    return Invalid("it has the character " + CodePointName(c) + ", which is markup or not seen and no prose");
  }
  return {};
}

std::string Escaped(std::string_view words) {
  std::string escaped;
  for (const char c : words) {
    if (c == '&') {
      escaped += "&amp;";
    } else {
      escaped += c;
    }
  }
  return escaped;
}

}  // namespace

Value ProseSchema(const ContentSet& set) {
  const int64_t length = set.checks.max_length > 0 ? set.checks.max_length : kUsualLength;
  const auto pieces = static_cast<int64_t>(set.slots.size()) + 1;
  // a piece has a sign before its words and one or two behind
  static const std::string kSign = MakeSign("");
  static const std::string kOfWord = MakeSign(" ,.!?;:…");
  const std::string words = kSign + UpTo(std::max(kLeastPiece, length / pieces) - 4);
  std::string pattern;
  for (const Slot& slot : set.slots) {
    // it stands at the beginning, or behind a blank
    const std::string piece = "(" + words + " )?" + Mark(slot) + kAfterSlot;
    pattern += slot.use == SlotUse::kOptional ? "(" + piece + ")?" : piece;
  }
  // it ends behind a word, so that one cut short is not followed by a blank and a stop
  pattern += words + kOfWord + kEnd;
  return {{"type", "object"},
          {"properties", {{"text", {{"type", "string"}, {"pattern", "^" + pattern + "$"}}}}},
          {"required", {"text"}},
          {"additionalProperties", false}};
}

Result<std::string> ProseIn(const Value& output) {
  if (output.is_object() && output.contains("text") && output["text"].is_string()) {
    return ProseIn(output["text"]);
  }
  if (!output.is_string()) return Invalid("the writer gave no text; its graph's output must be {text: ...} or a text");
  const auto& text = output.get_ref<const std::string&>();
  // a slot begins with a brace, too
  if (!text.starts_with("{") || text.starts_with("{{")) return text;
  const auto inner = ParseValue(text);
  const bool whole = inner && inner->is_object() && inner->contains("text") && (*inner)["text"].is_string();
  if (!whole) return Invalid("it broke off before its end; give the writer more maxTokens, or the set less length");
  return (*inner)["text"].get<std::string>();
}

Result<std::string> TextOfProse(std::string_view prose, const ContentSet& set) {
  TRY_ASSIGN(const std::vector<Segment> segments, ParseTemplate(prose));
  std::string text;
  for (const Segment& segment : segments) {
    if (segment.kind == Segment::Kind::kSlot) {
      text += "{{" + segment.text + "}}";
      continue;
    }
    TRY(CheckSigns(segment.text));
    text += set.output == OutputKind::kHtml ? Escaped(segment.text) : segment.text;
  }
  // names of slots have nothing that JSON escapes
  return set.output == OutputKind::kJson ? Dump(Value(text)) : text;
}

}  // namespace troupe::content
