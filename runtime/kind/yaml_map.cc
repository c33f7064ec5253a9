#include "runtime/kind/yaml_map.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <set>
#include <sstream>
#include <utility>

#include "runtime/kind/suggest.h"

namespace troupe::kind {
namespace {

constexpr int64_t kDayMs = 24LL * 3600 * 1000;
constexpr int64_t kLongestMs = 30 * kDayMs;

bool IsLower(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }

std::string Shown(double number) {
  std::ostringstream text;
  text << number;
  return text.str();
}

}  // namespace

YamlMap::YamlMap(const YamlNode& node, std::string what, const std::string& file, Findings& findings)
    : node_(&node), what_(std::move(what)), file_(file), findings_(findings) {
  if (node.kind != YamlNode::Kind::kMap) {
    valid_ = false;
    Error(node, what_ + " must be a map of keys and values, got " + Describe(node));
    return;
  }
  std::set<std::string> seen;
  for (const auto& entry : node.entries) {
    if (!seen.insert(entry.key.text).second) {
      Error(entry.key, "'" + entry.key.text + "' stands twice in " + what_ + "; keep one of them");
    }
  }
}

void YamlMap::Error(const YamlNode& at, std::string message) { findings_.Error(file_, at, std::move(message)); }

const YamlNode* YamlMap::Get(std::string_view key) {
  known_.emplace_back(key);
  return valid_ ? node_->Find(key) : nullptr;
}

const YamlNode* YamlMap::Require(std::string_view key, std::string_view advice) {
  const YamlNode* value = Get(key);
  if (value == nullptr && valid_) {
    Missing(key, what_ + " has no '" + std::string(key) + "'; " + std::string(advice));
  }
  return value;
}

void YamlMap::Missing(std::string_view key, std::string message) { missing_.emplace_back(key, std::move(message)); }

void YamlMap::ReportMissing() {
  for (auto& [key, message] : missing_) Error(*node_, std::move(message));
  missing_.clear();
}

std::optional<std::string> YamlMap::String(std::string_view key) {
  const YamlNode* value = Get(key);
  if (value == nullptr) return std::nullopt;
  if (!ToValue(*value).is_string()) {
    Error(*value, "'" + std::string(key) + "' must be a text, got " + Describe(*value));
    return std::nullopt;
  }
  return value->text;
}

std::optional<int64_t> YamlMap::Integer(std::string_view key, int64_t min, int64_t max) {
  const YamlNode* node = Get(key);
  if (node == nullptr) return std::nullopt;
  Value value = ToValue(*node);
  if (!value.is_number_integer() || value.get<int64_t>() < min || value.get<int64_t>() > max) {
    Error(*node, "'" + std::string(key) + "' must be a whole number from " + std::to_string(min) + " to " +
                     std::to_string(max) + ", got " + Describe(*node));
    return std::nullopt;
  }
  return value.get<int64_t>();
}

std::optional<double> YamlMap::Number(std::string_view key, double min, double max) {
  const YamlNode* node = Get(key);
  if (node == nullptr) return std::nullopt;
  Value value = ToValue(*node);
  if (!value.is_number() || value.get<double>() < min || value.get<double>() > max) {
    Error(*node, "'" + std::string(key) + "' must be a number from " + Shown(min) + " to " + Shown(max) + ", got " +
                     Describe(*node));
    return std::nullopt;
  }
  return value.get<double>();
}

std::optional<bool> YamlMap::Boolean(std::string_view key) {
  const YamlNode* node = Get(key);
  if (node == nullptr) return std::nullopt;
  Value value = ToValue(*node);
  if (!value.is_boolean()) {
    Error(*node, "'" + std::string(key) + "' must be true or false, got " + Describe(*node));
    return std::nullopt;
  }
  return value.get<bool>();
}

std::optional<int64_t> YamlMap::DurationMs(std::string_view key) {
  const YamlNode* node = Get(key);
  if (node == nullptr) return std::nullopt;
  auto parsed = node->kind == YamlNode::Kind::kScalar ? ParseDurationMs(node->text) : std::nullopt;
  if (!parsed) {
    Error(*node, "'" + std::string(key) + "' must be a time such as 500ms, 20s, 2m, 1h or 3d, at most 30d, got " +
                     Describe(*node));
  }
  return parsed;
}

std::optional<size_t> YamlMap::Choice(std::string_view key, const std::vector<std::string>& choices) {
  const YamlNode* node = Get(key);
  if (node == nullptr) return std::nullopt;
  auto found = std::find(choices.begin(), choices.end(), node->text);
  if (node->kind == YamlNode::Kind::kScalar && found != choices.end()) return found - choices.begin();
  std::string list;
  for (size_t i = 0; i < choices.size(); ++i)
    list += (i == 0 ? "" : i + 1 == choices.size() ? " or " : ", ") + choices[i];
  Error(*node, "'" + std::string(key) + "' must be " + list + ", got " + Describe(*node));
  return std::nullopt;
}

bool YamlMap::IsKnown(std::string_view key) const {
  return std::find(known_.begin(), known_.end(), key) != known_.end();
}

void YamlMap::Refuse(std::string_view key) {
  refused_.emplace_back(key);
  if (!valid_) return;
  for (const auto& entry : node_->entries) {
    if (entry.key.text == key) {
      Error(entry.key, "'" + std::string(key) + "' in " + what_ + " is not supported by this version; remove it");
    }
  }
}

void YamlMap::Finish(const std::vector<std::string>& more_known) {
  if (!valid_) return;
  std::vector<std::string> known = known_;
  known.insert(known.end(), more_known.begin(), more_known.end());
  std::sort(known.begin(), known.end());
  known.erase(std::unique(known.begin(), known.end()), known.end());
  std::vector<std::string> free;
  for (const auto& key : known) {
    if (node_->Find(key) == nullptr) free.push_back(key);
  }
  for (const auto& entry : node_->entries) {
    const std::string& key = entry.key.text;
    if (std::binary_search(known.begin(), known.end(), key)) continue;
    if (std::find(refused_.begin(), refused_.end(), key) != refused_.end()) continue;
    std::string nearest = Nearest(key, free);
    std::erase_if(missing_, [&](const auto& missing) { return missing.first == nearest; });
    Error(entry.key, "unknown key '" + key + "' in " + what_ +
                         (nearest.empty() ? Suggest("", known) : "; did you mean '" + nearest + "'?"));
  }
  ReportMissing();
}

std::optional<int64_t> ParseDurationMs(std::string_view text) {
  double number = 0;
  auto [stop, fault] = std::from_chars(text.data(), text.data() + text.size(), number, std::chars_format::fixed);
  if (fault != std::errc() || !std::isfinite(number) || number < 0) return std::nullopt;
  std::string_view unit = text.substr(stop - text.data());
  double scale = unit == "ms"  ? 1
                 : unit == "s" ? 1000
                 : unit == "m" ? 60'000
                 : unit == "h" ? 3'600'000
                 : unit == "d" ? kDayMs
                               : 0;
  double ms = number * scale;
  if (scale == 0 || ms < 1 || ms > static_cast<double>(kLongestMs)) return std::nullopt;
  return static_cast<int64_t>(std::llround(ms));
}

bool IsIdentifier(std::string_view name) {
  auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; };
  return !name.empty() && name.size() <= 63 && letter(name[0]) &&
         std::all_of(name.begin(), name.end(), [&](char c) { return letter(c) || (c >= '0' && c <= '9'); });
}

bool IsDnsLabel(std::string_view name) {
  return !name.empty() && name.size() <= 63 && IsLower(name.front()) && IsLower(name.back()) &&
         std::all_of(name.begin(), name.end(), [](char c) { return IsLower(c) || c == '-'; });
}

}  // namespace troupe::kind
