// Entries as bytes for a store, and back. What comes from a store is not trusted: bytes that are damaged, of another
// format, or stand under another key than they were written for are no entry. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "router/cache/entry.h"
#include "router/cache/threshold.h"

namespace troupe::stores {

std::string Encode(const std::string& key, const cache::Entry& entry);
// With what it takes to give the answer: it is JSON and as it was written.
std::optional<cache::Entry> Decode(const std::string& key, std::string_view bytes);

std::string Encode(const cache::ThresholdState& state);
std::optional<cache::ThresholdState> DecodeThreshold(std::string_view bytes);

}  // namespace troupe::stores
