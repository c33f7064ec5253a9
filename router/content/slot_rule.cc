#include "router/content/slot_rule.h"

#include <algorithm>

#include "router/content/character_classes.h"
#include "router/content/value_format.h"
#include "runtime/base/utf8.h"

namespace troupe::content {
namespace {

Error Refused(const SlotRule& rule, const std::string& why) { return Invalid("slot '" + rule.name + "': " + why); }

// A character beyond ASCII at `at`, which moves behind it.
Status CheckWide(const SlotRule& rule, std::string_view value, size_t& at) {
  const size_t begin = at;
  const char32_t c = NextCodePoint(value, at);
  if (c == kBadUtf8) return Refused(rule, "not valid UTF-8 at byte " + std::to_string(begin));
  if (IsControl(c)) return Refused(rule, "has the control character " + CodePointName(c));
  if (IsBidiControl(c))
    return Refused(rule, "has " + CodePointName(c) + ", which changes the direction of text; take it out");
  if (IsInvisible(c)) return Refused(rule, "has the invisible character " + CodePointName(c) + "; take it out");
  return {};
}

// Names of people and places have no signs that only markup, code and addresses have.
bool IsInNames(char c) {
  const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  return letter || c == ' ' || c == '\'' || c == '-' || c == '.' || c == ',' || c == '(' || c == ')' || c == '&';
}

Status CheckCharacters(const SlotRule& rule, std::string_view value) {
  // four bytes a character at most: what is far too long is not looked at
  const auto limit = static_cast<size_t>(rule.max_length);
  if (value.size() > 4 * limit) return Refused(rule, "is longer than " + std::to_string(limit) + " characters");
  const bool named = rule.type == SlotType::kName || rule.type == SlotType::kCity;
  size_t count = 0;
  size_t at = 0;
  for (; at < value.size(); ++count) {
    const char c = value[at];
    if (static_cast<unsigned char>(c) >= 0x80) {
      TRY(CheckWide(rule, value, at));
      continue;
    }
    ++at;
    if (c == '\n' && rule.type == SlotType::kText) continue;
    if (IsControl(static_cast<unsigned char>(c))) {
      return Refused(rule, "has the control character " + CodePointName(static_cast<unsigned char>(c)));
    }
    if (named && !IsInNames(c)) return Refused(rule, std::string("has '") + c + "', which no name has");
  }
  if (count > limit) {
    return Refused(rule,
                   "has " + std::to_string(count) + " characters, at most " + std::to_string(limit) + " are taken");
  }
  return {};
}

Status CheckUrl(const SlotRule& rule, std::string_view url) {
  const size_t scheme = url.starts_with("https://") ? 8 : url.starts_with("http://") ? 7 : 0;
  if (scheme == 0) return Refused(rule, "must begin with https:// or http://");
  for (const char c : url) {
    if (c <= ' ' || c == 0x7f || c == '\\' || c == '"' || c == '\'' || c == '<' || c == '>' || c == '`' || c == '{' ||
        c == '}' || c == '|' || c == '^' || static_cast<unsigned char>(c) >= 0x80) {
      return Refused(rule, "has a character that URLs must percent-encode");
    }
  }
  std::string_view host = url.substr(scheme);
  host = host.substr(0, host.find_first_of("/?#"));
  if (host.find('@') != host.npos) return Refused(rule, "has a user name before its host; leave it out");
  host = host.substr(0, host.find(':'));
  if (host.empty()) return Refused(rule, "names no host");
  if (!rule.hosts.empty() && std::find(rule.hosts.begin(), rule.hosts.end(), host) == rule.hosts.end()) {
    return Refused(rule, "leads to a host that is not allowed");
  }
  return {};
}

}  // namespace

Status AppendValue(const SlotRule& rule, std::string_view value, Escape escape, std::string& out) {
  TRY(CheckCharacters(rule, value));
  switch (rule.type) {
    case SlotType::kName:
    case SlotType::kCity:
      if (value.find_first_not_of(' ') == value.npos) return Refused(rule, "is empty");
      break;
    case SlotType::kMoney: {
      const auto amount = FormatMoney(value, rule.money);
      if (!amount) return Refused(rule, amount.error().message);
      AppendEscaped(*amount, escape, out);
      return {};
    }
    case SlotType::kDate: {
      const auto date = FormatDate(value, rule.date);
      if (!date) return Refused(rule, date.error().message);
      AppendEscaped(*date, escape, out);
      return {};
    }
    case SlotType::kChoice:
      if (std::find(rule.choices.begin(), rule.choices.end(), value) == rule.choices.end()) {
        return Refused(rule, "is none of its choices");
      }
      break;
    case SlotType::kUrl:
      TRY(CheckUrl(rule, value));
      break;
    case SlotType::kText:
      break;
  }
  AppendEscaped(value, escape, out);
  return {};
}

}  // namespace troupe::content
