#include "router/content/library.h"

#include <map>
#include <utility>

#include "runtime/base/digest.h"

namespace troupe::content {
namespace {

constexpr size_t kDigestDigits = 64;

Error Damaged(const std::string& name, const std::string& what) {
  return {Code::kDataLoss, "'" + name + "' " + what + "; publish the set again"};
}

// The pointers of all sets that have one, by set.
Result<std::map<std::string, std::string>> PointersIn(const Store& store) {
  std::map<std::string, std::string> pointers;
  TRY_ASSIGN(const std::vector<std::string> names, store.Folders());
  for (const std::string& name : names) {
    if (!IsSetName(name)) continue;
    TRY_ASSIGN(std::optional<std::string> pointer, store.Read(CurrentPath(name)));
    if (pointer) pointers.emplace(name, std::move(*pointer));
  }
  return pointers;
}

// A file and its compressed forms. Nothing where it is not there.
Result<std::optional<StoredFile>> ReadStored(const Store& store, const std::string& name, size_t& bytes) {
  TRY_ASSIGN(std::optional<std::string> text, store.Read(name));
  if (!text) return std::optional<StoredFile>();
  StoredFile file{.bytes = std::move(*text)};
  file.digest = Sha256Hex(file.bytes);
  TRY_ASSIGN(std::optional<std::string> gzip, store.Read(name + ".gz"));
  TRY_ASSIGN(std::optional<std::string> brotli, store.Read(name + ".br"));
  file.gzip = std::move(gzip).value_or("");
  file.brotli = std::move(brotli).value_or("");
  bytes += file.bytes.size() + file.gzip.size() + file.brotli.size();
  if (bytes > Library::kMaxBytes) {
    return Exhausted("more than " + std::to_string(Library::kMaxBytes >> 20) +
                     " MiB are published in one store; spread the sets over several");
  }
  return std::optional(std::move(file));
}

Status ReadObjects(const Store& store, PublishedSet& set, size_t& bytes) {
  TRY_ASSIGN(const std::vector<std::string> names, store.List(set.name + "/objects"));
  for (const std::string& name : names) {
    const std::string object = name.substr(name.rfind('/') + 1);
    if (!IsObjectName(object)) continue;
    TRY_ASSIGN(std::optional<StoredFile> file, ReadStored(store, name, bytes));
    // removed since it was listed
    if (!file) continue;
    if (file->digest != object.substr(0, kDigestDigits)) return Damaged(name, "is not what was published");
    set.objects.emplace(object, std::move(*file));
  }
  return {};
}

Status TakeManifest(PublishedSet& set, const std::string& audience, StoredFile file, UseCounts* counts) {
  const auto objects = [&set](const std::string& digest) -> const std::string* {
    const auto found = set.objects.find(digest + ".json");
    return found == set.objects.end() ? nullptr : &found->second.bytes;
  };
  TRY_ASSIGN(auto read, Audience::Read(file.bytes, objects, counts));
  if (read->name() != audience || read->version() != set.version) {
    return Damaged(ManifestPath(set.name, set.version, audience), "is another audience's or another version's");
  }
  set.audiences.emplace(audience, std::move(read));
  set.manifests.emplace(audience, std::move(file));
  return {};
}

Result<PublishedSet> ReadSet(const Store& store, const std::string& name, std::string_view pointer, UseCounts* counts,
                             size_t& bytes) {
  TRY_ASSIGN(const std::vector<Published> history, ParseHistory(name, pointer));
  PublishedSet set{.name = name, .version = history.front().version};
  TRY(ReadObjects(store, set, bytes));
  const std::string folder = VersionFolder(name, set.version) + "/";
  TRY_ASSIGN(const std::vector<std::string> files, store.List(folder.substr(0, folder.size() - 1)));
  for (const std::string& path : files) {
    if (!path.ends_with(".json")) continue;
    const std::string audience = path.substr(folder.size(), path.size() - folder.size() - 5);
    TRY_ASSIGN(std::optional<StoredFile> file, ReadStored(store, path, bytes));
    if (file) TRY(TakeManifest(set, audience, std::move(*file), counts));
  }
  if (set.manifests.empty()) return Damaged(folder, "has no manifest");
  return set;
}

}  // namespace

Result<std::shared_ptr<const Library>> Library::Load(const Store& store, UseCounts* counts) {
  auto library = std::make_shared<Library>();
  size_t bytes = 0;
  TRY_ASSIGN(const auto pointers, PointersIn(store));
  for (const auto& [name, pointer] : pointers) {
    TRY_ASSIGN(PublishedSet set, ReadSet(store, name, pointer, counts, bytes));
    library->sets_.emplace(name, std::move(set));
  }
  return std::shared_ptr<const Library>(std::move(library));
}

Result<std::shared_ptr<const Library>> Library::Of(const Release& release, UseCounts* counts) {
  auto library = std::make_shared<Library>();
  PublishedSet set{.name = release.set, .version = release.version};
  for (const auto& [name, bytes] : release.objects) {
    set.objects.emplace(name, StoredFile{.bytes = bytes, .digest = name.substr(0, kDigestDigits)});
  }
  for (const auto& [audience, bytes] : release.manifests) {
    TRY(TakeManifest(set, audience, {.bytes = bytes, .digest = Sha256Hex(bytes)}, counts));
  }
  library->sets_.emplace(release.set, std::move(set));
  return std::shared_ptr<const Library>(std::move(library));
}

const PublishedSet* Library::Find(std::string_view set) const {
  const auto found = sets_.find(set);
  return found == sets_.end() ? nullptr : &found->second;
}

Result<Filled> Library::Fill(const FillRequest& request) const {
  constexpr size_t kShown = 64;
  if (request.user.size() > kMaxUserBytes) {
    return Invalid("'user' has more than " + std::to_string(kMaxUserBytes) + " bytes");
  }
  const PublishedSet* set = Find(request.set);
  if (set == nullptr) return NotFound("no set '" + std::string(request.set.substr(0, kShown)) + "' is published here");
  const auto audience = set->audiences.find(request.audience);
  if (audience == set->audiences.end()) {
    return NotFound("'" + set->name + "' has no texts for audience '" +
                    std::string(request.audience.substr(0, kShown)) + "'");
  }
  return audience->second->Fill(request.user, request.slots);
}

Result<std::string> Pointers(const Store& store) {
  TRY_ASSIGN(const auto pointers, PointersIn(store));
  std::string all;
  for (const auto& [name, pointer] : pointers) all += name + "\n" + pointer + "\n";
  return all;
}

}  // namespace troupe::content
