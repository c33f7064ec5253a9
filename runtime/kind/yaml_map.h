// Reads one YAML map key by key: says which keys are unknown, repeated, missing or of the wrong type, and goes on.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/kind/yaml_node.h"

namespace troupe::kind {

class YamlMap {
 public:
  // `what` names the map in messages: "agent 'writer'". A node that is no map is reported, and read as an empty one.
  // The node, the file name and the findings must outlive this.
  YamlMap(const YamlNode& node, std::string what, const std::string& file, Findings& findings);

  // The value of a key, which is known from then on; null where it is not there.
  const YamlNode* Get(std::string_view key);
  // The same; where it is not there, Finish or ReportMissing says so. `advice` says what to write.
  const YamlNode* Require(std::string_view key, std::string_view advice);
  // Remembers that a key is missing, for Finish or ReportMissing to say it: a misspelt key is one mistake, not two.
  void Missing(std::string_view key, std::string message);

  // Nothing where the key is not there; nothing and a finding where its value is of another type or out of range.
  std::optional<std::string> String(std::string_view key);
  std::optional<int64_t> Integer(std::string_view key, int64_t min, int64_t max);
  std::optional<double> Number(std::string_view key, double min, double max);
  std::optional<bool> Boolean(std::string_view key);
  // "500ms", "20s", "2m", "1h", "3d", in milliseconds, from 1 ms to 30 days.
  std::optional<int64_t> DurationMs(std::string_view key);
  // The index of one of `choices`.
  std::optional<size_t> Choice(std::string_view key, const std::vector<std::string>& choices);

  // A key that later versions will know: refused where it is there.
  void Refuse(std::string_view key);

  // Reports the keys that are missing: for whoever does not call Finish.
  void ReportMissing();
  // Reports those and the keys that nobody asked for. `more_known` are keys that others read.
  void Finish(const std::vector<std::string>& more_known = {});

  // Somebody asked for that key.
  bool IsKnown(std::string_view key) const;
  const std::string& what() const { return what_; }
  const YamlNode& node() const { return *node_; }
  bool valid() const { return valid_; }

 private:
  void Error(const YamlNode& at, std::string message);

  const YamlNode* node_;
  std::string what_;
  const std::string& file_;
  Findings& findings_;
  std::vector<std::string> known_;
  std::vector<std::string> refused_;
  // Key and message.
  std::vector<std::pair<std::string, std::string>> missing_;
  bool valid_ = true;
};

// "20s" in milliseconds.
std::optional<int64_t> ParseDurationMs(std::string_view text);

// An identifier: letter or underscore, then letters, digits, underscores; at most 63.
bool IsIdentifier(std::string_view name);
// A DNS label (RFC 1123): lower-case letters, digits, hyphens inside; at most 63.
bool IsDnsLabel(std::string_view name);

}  // namespace troupe::kind
