// Removes what no kept version names.
#include <algorithm>
#include <set>

#include "router/content/publish.h"
#include "runtime/base/value.h"

namespace troupe::content {
namespace {

bool EndsWithOneOf(std::string_view text, std::initializer_list<std::string_view> ends) {
  return std::any_of(ends.begin(), ends.end(), [&](std::string_view end) { return text.ends_with(end); });
}

// A compressed file lives as long as the one it is of.
std::string WithoutCompression(std::string name) {
  if (EndsWithOneOf(name, {".gz", ".br"})) name.resize(name.size() - 3);
  return name;
}

Status KeepObjectsOf(const std::string& set, const std::string& name, std::string_view manifest,
                     std::set<std::string>& kept) {
  const Error damaged{Code::kDataLoss,
                      "the manifest " + name + " cannot be read, so nothing is removed; publish the set again"};
  const auto json = ParseValue(manifest);
  if (!json) return damaged;
  try {
    for (const Value& variant : json->at("variants")) {
      kept.insert(ObjectPath(set, variant.at("object").get<std::string>() + ".json"));
      if (variant.contains("fragment")) kept.insert(ObjectPath(set, variant["fragment"].get<std::string>() + ".html"));
    }
  } catch (const Value::exception&) {
    return damaged;
  }
  return {};
}

// All files that the versions have or name, without their compressed forms.
Result<std::set<std::string>> KeptFiles(const Store& store, const std::string& set,
                                        const std::vector<Published>& history) {
  std::set<std::string> kept;
  for (const Published& entry : history) {
    TRY_ASSIGN(const std::vector<std::string> names, store.List(VersionFolder(set, entry.version)));
    for (const std::string& name : names) {
      if (name.ends_with(".part")) continue;
      kept.insert(WithoutCompression(name));
      if (!name.ends_with(".json")) continue;
      TRY_ASSIGN(const std::optional<std::string> manifest, store.Read(name));
      TRY(KeepObjectsOf(set, name, manifest.value_or(""), kept));
    }
  }
  return kept;
}

}  // namespace

Result<int> Collect(Store& store, const std::string& set, size_t keep) {
  TRY_ASSIGN(const auto held, store.Lock(set));
  TRY_ASSIGN(std::vector<Published> history, ReadHistory(store, set));
  if (history.empty()) return 0;
  const bool forgets = history.size() > std::max<size_t>(keep, 1);
  if (forgets) history.resize(std::max<size_t>(keep, 1));
  TRY_ASSIGN(const std::set<std::string> kept, KeptFiles(store, set, history));
  // first nothing leads to what goes
  if (forgets) TRY(WriteHistory(store, set, history));
  int removed = 0;
  // versions before objects: an object is never gone while a manifest names it
  for (const char* folder : {"/versions", "/objects"}) {
    TRY_ASSIGN(const std::vector<std::string> names, store.List(set + folder));
    for (const std::string& name : names) {
      if (kept.contains(WithoutCompression(name))) continue;
      TRY(store.Remove(name));
      ++removed;
    }
  }
  return removed;
}

}  // namespace troupe::content
