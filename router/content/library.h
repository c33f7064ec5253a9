// Everything that is published in a store, read into memory: what is served and filled in. Whoever answers holds one
// library for as long as the answer takes and never looks at a disk; a new one takes its place when something was
// published. Immutable, so threads share it.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>

#include "router/content/audience.h"
#include "router/content/layout.h"
#include "router/content/release.h"
#include "router/content/store.h"
#include "router/content/use_counts.h"

namespace troupe::content {

// A file as it is served.
struct StoredFile {
  std::string bytes;
  // SHA-256 of the bytes.
  std::string digest;
  // Empty where there is none.
  std::string gzip;
  std::string brotli;
};

// Lookups by view, without a copy.
struct ViewHash {
  using is_transparent = void;
  size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
};
template <typename T>
using ByName = std::unordered_map<std::string, T, ViewHash, std::equal_to<>>;

struct PublishedSet {
  std::string name;
  std::string version;
  ByName<std::shared_ptr<const Audience>> audiences;
  // By audience.
  ByName<StoredFile> manifests;
  // Of all versions that are kept, by "<sha256>.json".
  ByName<StoredFile> objects;
};

struct FillRequest {
  std::string_view set;
  std::string_view audience;
  std::string_view user;
  std::span<const SlotValue> slots;
};

class Library {
 public:
  static constexpr size_t kMaxUserBytes = 512;
  // More than this in one store is refused.
  static constexpr size_t kMaxBytes = 1u << 30;

  // All sets of the store. `counts` may be null; else it outlives this. Errors: DATA_LOSS naming the file that is
  // missing or not as it was published, RESOURCE_EXHAUSTED beyond kMaxBytes.
  static Result<std::shared_ptr<const Library>> Load(const Store& store, UseCounts* counts);

  // Of a release that was not published, to try it out.
  static Result<std::shared_ptr<const Library>> Of(const Release& release, UseCounts* counts);

  // Errors: NOT_FOUND for a set or an audience, INVALID_ARGUMENT for slots and for a user beyond kMaxUserBytes.
  Result<Filled> Fill(const FillRequest& request) const;

  // Null where there is none.
  const PublishedSet* Find(std::string_view set) const;
  const ByName<PublishedSet>& sets() const { return sets_; }

 private:
  ByName<PublishedSet> sets_;
};

// What changes when something is published: the pointers of all sets, as one text.
Result<std::string> Pointers(const Store& store);

}  // namespace troupe::content
