#include "router/cache/guard.h"

#include <algorithm>
#include <array>
#include <map>
#include <utility>
#include <vector>

#include "router/cache/guard_words.h"

namespace troupe::cache {
namespace {

using Values = std::vector<std::string>;

Values ValuesOf(const Reading& reading, FactKind kind) {
  Values values;
  for (const Fact& fact : reading.facts) {
    if (fact.kind == kind) values.push_back(fact.value);
  }
  return values;
}

std::string Listed(const Values& values) {
  std::string list;
  for (const std::string& value : values) list += (list.empty() ? "" : ", ") + value;
  return list;
}

GuardCheck CheckOf(FactKind kind) {
  static constexpr std::array<GuardCheck, kFactKinds> kChecks{GuardCheck::kPolarity, GuardCheck::kNumbers,
                                                              GuardCheck::kDates,    GuardCheck::kMoney,
                                                              GuardCheck::kNames,    GuardCheck::kCodes};
  return kChecks[static_cast<size_t>(kind)];
}

// What a text says more than once, it says once; but two negations are not one.
Values AsSet(Values values, FactKind kind) {
  std::ranges::sort(values);
  if (kind == FactKind::kPolarity) return values;
  const auto repeated = std::ranges::unique(values);
  values.erase(repeated.begin(), repeated.end());
  return values;
}

// A name may stand in the other text without its capital, and a word misspelt may look like one.
Values Unmet(const Values& names, const Values& others, const Reading& other) {
  Values unmet;
  for (const std::string& name : names) {
    const auto is_slip = [&name](const std::string& word) { return Lexicon::Get().IsMisspelt(name, word); };
    const bool met = std::ranges::find(others, name) != others.end() || other.all.contains(name) ||
                     std::ranges::any_of(other.all, is_slip);
    if (!met) unmet.push_back(name);
  }
  return unmet;
}

GuardVerdict CompareFacts(const Reading& left, const Reading& right, FactKind kind) {
  const Values a = ValuesOf(left, kind), b = ValuesOf(right, kind);
  if (kind == FactKind::kName) {
    const Values here = Unmet(a, b, right), there = Unmet(b, a, left);
    if (!here.empty() || !there.empty()) return {GuardCheck::kNames, Listed(here), Listed(there)};
    return {};
  }
  if (AsSet(a, kind) != AsSet(b, kind)) return {CheckOf(kind), Listed(a), Listed(b)};
  // two amounts that change places are two other amounts
  if (kind != FactKind::kPolarity && a.size() == b.size() && a != b) return {GuardCheck::kOrder, Listed(a), Listed(b)};
  return {};
}

}  // namespace

std::string_view CheckName(GuardCheck check) {
  static constexpr std::array<std::string_view, 12> kNames{"none",  "readable",  "polarity",  "numbers",
                                                           "dates", "money",     "names",     "codes",
                                                           "order", "opposites", "direction", "words"};
  return kNames[static_cast<size_t>(check)];
}

std::string ToString(const GuardVerdict& verdict) {
  if (verdict.passes()) return "passes";
  if (verdict.check == GuardCheck::kReadable) return "readable: " + verdict.left + verdict.right;
  const auto shown = [](const std::string& text) { return text.empty() ? "nothing" : "'" + text + "'"; };
  return std::string(CheckName(verdict.check)) + ": " + shown(verdict.left) + " here, " + shown(verdict.right) +
         " there";
}

GuardVerdict Compare(const Reading& left, const Reading& right) {
  for (int kind = 0; kind < kFactKinds; ++kind) {
    GuardVerdict verdict = CompareFacts(left, right, static_cast<FactKind>(kind));
    if (!verdict.passes()) return verdict;
  }
  return CompareWords(left, right);
}

GuardVerdict Compare(std::string_view left, std::string_view right) {
  const auto a = Read(left);
  if (!a) return {GuardCheck::kReadable, a.error().message, {}};
  const auto b = Read(right);
  if (!b) return {GuardCheck::kReadable, {}, b.error().message};
  return Compare(*a, *b);
}

}  // namespace troupe::cache
