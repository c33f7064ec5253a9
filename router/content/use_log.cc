#include "router/content/use_log.h"

#include <array>
#include <optional>

#include "router/content/layout.h"

namespace troupe::content {
namespace {

constexpr size_t kFields = 5;

// The line's words; nothing where there are more or fewer, or one is empty.
std::optional<std::array<std::string_view, kFields>> Words(std::string_view line) {
  std::array<std::string_view, kFields> words;
  for (size_t i = 0; i < kFields; ++i) {
    const size_t space = line.find(' ');
    if ((space == line.npos) != (i + 1 == kFields)) return std::nullopt;
    words[i] = line.substr(0, space);
    if (words[i].empty()) return std::nullopt;
    line.remove_prefix(space == line.npos ? line.size() : space + 1);
  }
  return words;
}

}  // namespace

void UseSum::AddLine(std::string_view line) {
  const auto words = Words(line);
  if (!words || !IsSetName((*words)[1])) {
    ++unread_;
    return;
  }
  const auto& [time, set, audience, version, text] = *words;
  ++totals_[{std::string(set), std::string(audience), std::string(text)}];
}

Status UseSum::AddUses(std::string_view json) {
  const Error wrong =
      Invalid("is not what GET /v1/uses gives: {\"uses\": [{\"set\", \"audience\", \"text\", \"uses\"}]}");
  const auto parsed = ParseValue(json);
  if (!parsed) return wrong;
  std::map<UseCounts::Key, int64_t> added;
  try {
    for (const Value& entry : parsed->at("uses")) {
      added[{entry.at("set").get<std::string>(), entry.at("audience").get<std::string>(),
             entry.at("text").get<std::string>()}] += entry.at("uses").get<int64_t>();
    }
  } catch (const Value::exception&) {
    return wrong;
  }
  for (const auto& [key, uses] : added) totals_[key] += uses;
  return {};
}

Value UsesToJson(const std::map<UseCounts::Key, int64_t>& totals) {
  Value uses = Value::array();
  for (const auto& [key, count] : totals) {
    uses.push_back({{"set", key.set}, {"audience", key.audience}, {"text", key.text}, {"uses", count}});
  }
  return Value{{"uses", std::move(uses)}};
}

}  // namespace troupe::content
