#include "router/content/layout.h"

#include <optional>

#include "runtime/base/digest.h"
#include "runtime/base/value.h"
#include "runtime/kind/yaml_map.h"

namespace troupe::content {

std::string ObjectPath(const std::string& set, const std::string& object) { return set + "/objects/" + object; }

std::string VersionFolder(const std::string& set, const std::string& version) { return set + "/versions/" + version; }

std::string ManifestPath(const std::string& set, const std::string& version, const std::string& audience) {
  return VersionFolder(set, version) + "/" + audience + ".json";
}

std::string WholePath(const std::string& set, const std::string& version) {
  return VersionFolder(set, version) + "/whole";
}

std::string CurrentPath(const std::string& set) { return set + "/current"; }

bool IsSetName(std::string_view name) { return kind::IsDnsLabel(name); }

bool IsObjectName(std::string_view name) {
  constexpr size_t kDigits = 64;
  return IsHex(name.substr(0, kDigits), kDigits) &&
         (name.substr(kDigits) == ".json" || name.substr(kDigits) == ".html");
}

Result<std::vector<Published>> ParseHistory(const std::string& set, std::string_view pointer) {
  constexpr size_t kVersionDigits = 16;
  std::vector<Published> history;
  const Error damaged{Code::kDataLoss,
                      "'" + CurrentPath(set) + "' is not as publishing writes it; publish the set again"};
  const auto json = ParseValue(pointer);
  if (!json) return damaged;
  try {
    for (const Value& entry : json->at("history")) {
      history.push_back({entry.at("version").get<std::string>(), entry.at("published_ms").get<UnixMs>()});
      if (!IsHex(history.back().version, kVersionDigits)) return damaged;
    }
  } catch (const Value::exception&) {
    return damaged;
  }
  if (history.empty()) return damaged;
  return history;
}

Result<std::vector<Published>> ReadHistory(const Store& store, const std::string& set) {
  TRY_ASSIGN(const std::optional<std::string> pointer, store.Read(CurrentPath(set)));
  if (!pointer) return std::vector<Published>();
  return ParseHistory(set, *pointer);
}

Status WriteHistory(Store& store, const std::string& set, const std::vector<Published>& history) {
  Value entries = Value::array();
  for (const Published& entry : history) {
    entries.push_back({{"version", entry.version}, {"published_ms", entry.published_ms}});
  }
  return store.Write(CurrentPath(set), Dump({{"version", history.front().version}, {"history", entries}}) + "\n");
}

}  // namespace troupe::content
