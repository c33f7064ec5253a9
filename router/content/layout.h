// How a set lies in a store. Everything is written before what names it, and removed after; `current` is the one file
// that ever changes, in one piece, so whoever reads sees one version or the other.
//
//   SET/objects/<sha256>.json, .html          release.h; each with .gz and .br beside it where that is shorter
//   SET/versions/<version>/<audience>.json    manifests, likewise
//   SET/versions/<version>/whole              there once the version is
//   SET/current                               {"version", "history": [{"version", "published_ms"}]}, newest first
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "router/content/store.h"
#include "runtime/base/clock.h"
#include "runtime/base/error.h"

namespace troupe::content {

struct Published {
  std::string version;
  UnixMs published_ms = 0;
  bool operator==(const Published&) const = default;
};

std::string ObjectPath(const std::string& set, const std::string& object);
std::string VersionFolder(const std::string& set, const std::string& version);
std::string ManifestPath(const std::string& set, const std::string& version, const std::string& audience);
std::string WholePath(const std::string& set, const std::string& version);
std::string CurrentPath(const std::string& set);

// "birthday": lower-case letters, digits and hyphens.
bool IsSetName(std::string_view name);
// "<64 hex digits>.json" or ".html".
bool IsObjectName(std::string_view name);

// Newest first, never empty. `pointer` is the text of CurrentPath. Errors: DATA_LOSS for one that nobody here wrote.
Result<std::vector<Published>> ParseHistory(const std::string& set, std::string_view pointer);
// The same from the store; empty where the set was never published.
Result<std::vector<Published>> ReadHistory(const Store& store, const std::string& set);
Status WriteHistory(Store& store, const std::string& set, const std::vector<Published>& history);

}  // namespace troupe::content
