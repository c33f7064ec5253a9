#include "agents/redact/private_data.h"

#include <algorithm>
#include <array>
#include <utility>

namespace troupe::redact {
namespace {

constexpr std::array<std::pair<Sort, std::string_view>, 4> kNames = {
    {{Sort::kEmail, "email"}, {Sort::kIban, "iban"}, {Sort::kCard, "card"}, {Sort::kPhone, "phone"}}};

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsUpper(char c) { return c >= 'A' && c <= 'Z'; }
bool IsLetter(char c) { return IsUpper(c) || (c >= 'a' && c <= 'z'); }
bool IsAlnum(char c) { return IsDigit(c) || IsLetter(c); }
// Bytes above 127 are letters of other scripts: a word goes on through them.
bool IsWord(char c) { return IsAlnum(c) || c == '_' || static_cast<unsigned char>(c) > 127; }

// RFC 5321 limits: 64 bytes before the @, 255 after it.
constexpr size_t kMaxLocal = 64;
constexpr size_t kMaxDomain = 255;

bool IsLocal(char c) {
  return IsAlnum(c) || std::string_view("!#$%&'*+-/=?^_`{|}~.").find(c) != std::string_view::npos;
}

// The end of the domain that begins at `at`; `at` where there is none.
size_t EndOfDomain(std::string_view text, size_t at) {
  size_t end = at;
  const size_t limit = std::min(text.size(), at + kMaxDomain);
  while (end < limit && (IsAlnum(text[end]) || text[end] == '-' || text[end] == '.')) ++end;
  while (end > at && !IsAlnum(text[end - 1])) --end;
  const std::string_view domain = text.substr(at, end - at);
  const size_t dot = domain.rfind('.');
  if (dot == std::string_view::npos || dot == 0 || domain.find("..") != std::string_view::npos) return at;
  const std::string_view last = domain.substr(dot + 1);
  return last.size() >= 2 && std::all_of(last.begin(), last.end(), IsLetter) ? end : at;
}

void FindEmails(std::string_view text, std::vector<Finding>& out) {
  for (size_t at = text.find('@'); at != std::string_view::npos; at = text.find('@', at + 1)) {
    size_t begin = at;
    while (begin > 0 && at - begin < kMaxLocal && IsLocal(text[begin - 1])) --begin;
    while (begin < at && !IsAlnum(text[begin])) ++begin;
    const size_t end = EndOfDomain(text, at + 1);
    if (begin < at && text[at - 1] != '.' && end > at + 1) out.push_back({Sort::kEmail, begin, end});
  }
}

// ISO 13616: the first four characters go to the end, letters become 10 to 35, and the number leaves 1 when divided by
// 97.
bool IsIban(std::string_view compact) {
  if (compact.size() < 15 || compact.size() > 34) return false;
  int remainder = 0;
  for (size_t i = 0; i < compact.size(); ++i) {
    const char c = compact[(i + 4) % compact.size()];
    remainder = IsDigit(c) ? (remainder * 10 + (c - '0')) % 97 : (remainder * 100 + (c - 'A') + 10) % 97;
  }
  return remainder == 1;
}

// Written together or in groups of four. The longest run of groups that is right.
void FindIbans(std::string_view text, std::vector<Finding>& out) {
  for (size_t begin = 0; begin + 4 < text.size(); ++begin) {
    const bool starts = IsUpper(text[begin]) && IsUpper(text[begin + 1]) && IsDigit(text[begin + 2]) &&
                        IsDigit(text[begin + 3]) && (begin == 0 || !IsWord(text[begin - 1]));
    if (!starts) continue;
    std::string compact;
    size_t found = 0;
    for (size_t at = begin; at < text.size() && compact.size() <= 34; ++at) {
      if (text[at] == ' ' && compact.size() % 4 == 0) continue;
      if (!IsDigit(text[at]) && !IsUpper(text[at])) break;
      compact += text[at];
      const bool ends = at + 1 == text.size() || !IsWord(text[at + 1]);
      if (ends && IsIban(compact)) found = at + 1;
    }
    if (found > 0) out.push_back({Sort::kIban, begin, found});
  }
}

bool PassesLuhn(std::string_view digits) {
  int sum = 0;
  for (size_t i = 0; i < digits.size(); ++i) {
    int digit = digits[digits.size() - 1 - i] - '0';
    if (i % 2 == 1) digit = digit * 2 > 9 ? digit * 2 - 9 : digit * 2;
    sum += digit;
  }
  return sum % 10 == 0;
}

bool IsCard(std::string_view digits) {
  return digits.size() >= 13 && digits.size() <= 19 && digits[0] != '0' && PassesLuhn(digits);
}

bool IsPhone(std::string_view written, std::string_view digits) {
  return digits.size() >= 8 && digits.size() <= 15 && (written[0] == '+' || digits[0] == '0');
}

// Runs of digits with single signs between them: "+44 (0)20 7946-0958", "4111 1111 1111 1111".
void FindNumbers(std::string_view text, bool cards, bool phones, std::vector<Finding>& out) {
  constexpr size_t kMaxDigits = 24;
  for (size_t begin = 0; begin < text.size();) {
    const bool plus =
        text[begin] == '+' && begin + 1 < text.size() && (IsDigit(text[begin + 1]) || text[begin + 1] == '(');
    const bool starts = (plus || IsDigit(text[begin])) && (begin == 0 || !IsWord(text[begin - 1]));
    if (!starts) {
      ++begin;
      continue;
    }
    std::string digits;
    size_t end = begin;
    int signs = 0;
    for (size_t at = begin; at < text.size() && digits.size() <= kMaxDigits; ++at) {
      const char c = text[at];
      if (IsDigit(c)) {
        digits += c;
        end = at + 1;
        signs = 0;
      } else if (at > begin && ++signs > 2) {
        break;
      } else if (std::string_view(" -/.()").find(c) == std::string_view::npos && at > begin) {
        break;
      }
    }
    const std::string_view written = text.substr(begin, end > begin ? end - begin : 0);
    const bool ends = end == text.size() || (end > begin && !IsWord(text[end]));
    if (ends && cards && IsCard(digits)) {
      out.push_back({Sort::kCard, begin, end});
    } else if (ends && phones && IsPhone(written, digits)) {
      out.push_back({Sort::kPhone, begin, end});
    }
    begin = std::max(end, begin + 1);
  }
}

// The highest number N of a mark "[email N]" that stands in the text by itself; 0 for none.
int HighestMark(std::string_view text, Sort sort) {
  constexpr size_t kMaxDigits = 8;
  const std::string head = "[" + std::string(Name(sort)) + " ";
  int highest = 0;
  for (size_t at = text.find(head); at != std::string_view::npos; at = text.find(head, at + 1)) {
    int number = 0;
    size_t end = at + head.size();
    const size_t limit = std::min(text.size(), end + kMaxDigits);
    for (; end < limit && IsDigit(text[end]); ++end) number = number * 10 + (text[end] - '0');
    if (end < text.size() && text[end] == ']') highest = std::max(highest, number);
  }
  return highest;
}

}  // namespace

std::string_view Name(Sort sort) {
  for (const auto& [other, name] : kNames) {
    if (other == sort) return name;
  }
  return "";
}

Result<Sort> ReadSort(std::string_view name) {
  std::string known;
  for (const auto& [sort, other] : kNames) {
    if (other == name) return sort;
    known += (known.empty() ? "" : ", ") + std::string(other);
  }
  return Invalid("nobody looks for '" + std::string(name) + "'; there are: " + known);
}

std::vector<Finding> FindPrivateData(std::string_view text, std::span<const Sort> sorts) {
  const auto wants = [&](Sort sort) { return std::find(sorts.begin(), sorts.end(), sort) != sorts.end(); };
  // in the order in which one goes before another
  std::vector<Finding> all;
  if (wants(Sort::kEmail)) FindEmails(text, all);
  if (wants(Sort::kIban)) FindIbans(text, all);
  if (wants(Sort::kCard) || wants(Sort::kPhone)) FindNumbers(text, wants(Sort::kCard), wants(Sort::kPhone), all);
  std::stable_sort(all.begin(), all.end(), [](const Finding& a, const Finding& b) { return a.begin < b.begin; });
  std::vector<Finding> kept;
  for (const Finding& finding : all) {
    if (kept.empty() || finding.begin >= kept.back().end) kept.push_back(finding);
  }
  return kept;
}

Redacted PutMarks(std::string_view text, std::span<const Finding> findings) {
  Redacted redacted;
  std::map<std::pair<Sort, std::string_view>, std::string> marks;
  std::map<Sort, int> count;
  for (const auto& [sort, name] : kNames) count[sort] = HighestMark(text, sort);
  size_t done = 0;
  for (const Finding& finding : findings) {
    const std::string_view value = text.substr(finding.begin, finding.end - finding.begin);
    std::string& mark = marks[{finding.sort, value}];
    if (mark.empty()) mark = "[" + std::string(Name(finding.sort)) + " " + std::to_string(++count[finding.sort]) + "]";
    redacted.marks.emplace(mark, value);
    redacted.text.append(text.substr(done, finding.begin - done)).append(mark);
    done = finding.end;
  }
  redacted.text.append(text.substr(done));
  return redacted;
}

}  // namespace troupe::redact
