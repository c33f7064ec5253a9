#include "router/content/html_scanner.h"

#include "router/content/html_names.h"

namespace troupe::content {
namespace {

bool IsLetter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool IsBlank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f'; }
char Lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

}  // namespace

Status HtmlScanner::Literal(std::string_view text) {
  for (const char c : text) TRY(Take(c));
  return {};
}

Status HtmlScanner::Take(char c) {
  switch (state_) {
    case State::kText:
      if (c == '<') state_ = State::kTagOpen;
      return {};
    case State::kTagOpen:
    case State::kEndTagOpen:
      return OpenTag(c);
    case State::kQuotedValue:
    case State::kUnquotedValue:
      return InValue(c);
    case State::kRaw:
      return InRaw(c);
    default:
      return InTag(c);
  }
}

Status HtmlScanner::OpenTag(char c) {
  const bool ends = state_ == State::kEndTagOpen;
  if (IsLetter(c)) {
    tag_.assign(1, Lower(c));
    state_ = ends ? State::kEndTag : State::kTagName;
    return {};
  }
  if (!ends && c == '/') {
    state_ = State::kEndTagOpen;
    return {};
  }
  if (ends || c == '!' || c == '?') {
    return Invalid(std::string("'<") + (ends ? "/" : "") + c +
                   "' begins a comment or a declaration; a fragment has only text and elements, take it out");
  }
  // "a < b": text
  state_ = c == '<' ? State::kTagOpen : State::kText;
  return {};
}

Status HtmlScanner::InTag(char c) {
  if (c == '>' && state_ == State::kBeforeValue) return Invalid("an attribute in <" + tag_ + "> has '=' and no value");
  if (c == '>') return CloseTag();
  if (state_ == State::kEndTag) {
    if (c == '"' || c == '\'') return Invalid("a quote in an end tag; </" + tag_ + "> takes no attributes");
    return {};
  }
  if (state_ == State::kBeforeValue) {
    if (IsBlank(c)) return {};
    value_.clear();
    begins_with_slot_ = has_slot_ = false;
    const bool quoted = c == '"' || c == '\'';
    quote_ = quoted ? c : 0;
    state_ = quoted ? State::kQuotedValue : State::kUnquotedValue;
    return quoted ? Status() : InValue(c);
  }
  if (IsBlank(c) || c == '/') {
    state_ = state_ == State::kAttributeName && c != '/'        ? State::kAfterAttributeName
             : state_ == State::kAfterAttributeName && c != '/' ? state_
                                                                : State::kBeforeAttribute;
    return {};
  }
  if (c == '"' || c == '\'' || c == '<' || (c == '=' && state_ == State::kBeforeAttribute)) {
    return Invalid(std::string("'") + c + "' stands in <" + tag_ + "> where an attribute's name is expected");
  }
  if (c == '=' && (state_ == State::kAttributeName || state_ == State::kAfterAttributeName)) {
    state_ = State::kBeforeValue;
    return {};
  }
  if (state_ == State::kTagName) {
    tag_ += Lower(c);
  } else if (state_ == State::kAttributeName) {
    attribute_ += Lower(c);
  } else {
    attribute_.assign(1, Lower(c));
    state_ = State::kAttributeName;
  }
  return {};
}

Status HtmlScanner::InValue(char c) {
  const bool unquoted = state_ == State::kUnquotedValue;
  if (unquoted ? IsBlank(c) || c == '>' : c == quote_) {
    TRY(EndValue());
    state_ = State::kBeforeAttribute;
    return c == '>' && unquoted ? CloseTag() : Status();
  }
  if (unquoted && (c == '"' || c == '\'' || c == '<' || c == '=' || c == '`')) {
    return Invalid(std::string("'") + c + "' in the unquoted value of '" + attribute_ + "'; put the value into quotes");
  }
  value_ += c;
  return {};
}

Status HtmlScanner::EndValue() {
  if (KindOfAttribute(attribute_) == AttributeKind::kUrl && !begins_with_slot_ && !HasHarmlessScheme(value_)) {
    return Invalid("'" + attribute_ + "' leads to '" + value_ +
                   "'; links are written plainly and with http, https, mailto or tel");
  }
  return {};
}

Status HtmlScanner::CloseTag() {
  if (state_ == State::kEndTag) {
    state_ = State::kText;
    return {};
  }
  if (IsOddElement(tag_) && odd_tag_.empty()) odd_tag_ = tag_;
  const bool raw = tag_ == "script" || tag_ == "style";
  state_ = raw ? State::kRaw : State::kText;
  raw_.clear();
  return {};
}

Status HtmlScanner::InRaw(char c) {
  raw_ += Lower(c);
  if (raw_.ends_with("<!--"))
    return Invalid("'<!--' inside <" + tag_ + ">: browsers do not agree on its end; take it out");
  const std::string end = "</" + tag_;
  if (raw_.size() > end.size() && raw_.compare(raw_.size() - end.size() - 1, end.size(), end) == 0 &&
      (IsBlank(c) || c == '/' || c == '>')) {
    state_ = c == '>' ? State::kText : State::kEndTag;
  }
  if (raw_.size() > 2 * end.size() + 8) raw_.erase(0, end.size());
  return {};
}

Result<Escape> HtmlScanner::SlotHere(const Slot& slot) {
  const std::string named = "slot '" + slot.name + "' ";
  if (!odd_tag_.empty()) {
    return Invalid(named + "comes after <" + odd_tag_ + ">, whose content browsers read by rules of its own; leave <" +
                   odd_tag_ + "> out of texts with slots");
  }
  switch (state_) {
    case State::kText:
      return Escape::kHtml;
    case State::kQuotedValue:
      return SlotInValue(slot);
    case State::kRaw:
      return Invalid(named + "stands inside <" + tag_ +
                     ">, where no escaping makes it safe; put it into a data- attribute");
    case State::kBeforeValue:
    case State::kUnquotedValue:
      return Invalid(named + "is the value of '" + attribute_ + "' without quotes; write " + attribute_ + "=\"{{" +
                     slot.name + "}}\"");
    case State::kTagOpen:
    case State::kEndTagOpen:
      return Invalid(named + "follows '<' and would become a tag; write &lt; for the sign");
    default:
      return Invalid(named + "stands inside the tag <" + tag_ +
                     ">; slots go into text and into quoted values of attributes");
  }
}

Result<Escape> HtmlScanner::SlotInValue(const Slot& slot) {
  if (IsActiveElement(tag_)) {
    return Invalid("slot '" + slot.name + "' stands in <" + tag_ +
                   ">, which loads or runs something; it takes no slots");
  }
  const AttributeKind kind = KindOfAttribute(attribute_);
  if (kind == AttributeKind::kUnsafe) {
    return Invalid("slot '" + slot.name + "' stands in the attribute '" + attribute_ +
                   "', which is code or changes how <" + tag_ + "> works; it takes no slots");
  }
  if (kind == AttributeKind::kUrl) return SlotInUrl(slot);
  has_slot_ = true;
  return Escape::kHtml;
}

Result<Escape> HtmlScanner::SlotInUrl(const Slot& slot) {
  if (value_.empty() && !has_slot_) {
    if (slot.type != SlotType::kUrl) {
      return Invalid("slot '" + slot.name + "' decides where '" + attribute_ +
                     "' leads; declare it with type url, or write the address before it");
    }
    begins_with_slot_ = has_slot_ = true;
    return Escape::kHtml;
  }
  const bool past = begins_with_slot_ ? value_.find_first_of("/?#") != value_.npos : IsPastHost(value_);
  if (!past) {
    return Invalid("slot '" + slot.name + "' would change where '" + attribute_ +
                   "' leads; write the whole host and a slash before it");
  }
  has_slot_ = true;
  return Escape::kUrlPiece;
}

Status HtmlScanner::End() {
  if (state_ == State::kText) return {};
  if (state_ == State::kRaw) return Invalid("<" + tag_ + "> is not closed; write </" + tag_ + ">");
  return Invalid("the text ends inside a tag; close it with '>', or write &lt; for the sign");
}

}  // namespace troupe::content
