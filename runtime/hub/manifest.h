// An entry of the store as the JSON file that stands in its folder.
#pragma once

#include <string>
#include <string_view>

#include "runtime/hub/store.h"

namespace troupe::hub {

inline constexpr char kManifest[] = ".troupe.json";

std::string ToJson(const Entry& entry);

// Errors: INVALID_ARGUMENT for what this did not write: wrong types, names that lead out of the folder.
Result<Entry> EntryFromJson(std::string_view json);

}  // namespace troupe::hub
