#include "router/content/publish.h"

#include <algorithm>
#include <utility>

#include "router/content/compress.h"
#include "runtime/base/names.h"

namespace troupe::content {
namespace {

// Leaves alone what is there with the same bytes, so that a call that was cut off goes on where it stopped.
Status WriteOnce(Store& store, const std::string& name, const std::string& bytes, int& written) {
  TRY_ASSIGN(const bool there, store.Holds(name, bytes));
  if (there) return {};
  TRY(store.Write(name, bytes));
  ++written;
  return {};
}

// The compressed forms first: where the file itself is there, so are they, and nothing is compressed again.
Status WriteWithCompressed(Store& store, const std::string& name, const std::string& bytes, int& written) {
  TRY_ASSIGN(const bool there, store.Holds(name, bytes));
  if (there) return {};
  const std::string gzip = Gzip(bytes);
  const std::string brotli = Brotli(bytes);
  if (!gzip.empty()) TRY(WriteOnce(store, name + ".gz", gzip, written));
  if (!brotli.empty()) TRY(WriteOnce(store, name + ".br", brotli, written));
  TRY(store.Write(name, bytes));
  ++written;
  return {};
}

// `version` first, the others as they were.
Status MakeCurrent(Store& store, const std::string& set, std::vector<Published> history, Published version) {
  std::erase_if(history, [&](const Published& entry) { return entry.version == version.version; });
  history.insert(history.begin(), std::move(version));
  return WriteHistory(store, set, history);
}

}  // namespace

Result<PublishOutcome> Publish(Store& store, const Release& release, UnixMs now_ms) {
  TRY_ASSIGN(const auto held, store.Lock(release.set));
  TRY_ASSIGN(const std::vector<Published> history, ReadHistory(store, release.set));
  PublishOutcome outcome{.version = release.version, .before = history.empty() ? "" : history.front().version};
  for (const auto& [name, bytes] : release.objects) {
    TRY(WriteWithCompressed(store, ObjectPath(release.set, name), bytes, outcome.written));
  }
  for (const auto& [audience, bytes] : release.manifests) {
    TRY(WriteWithCompressed(store, ManifestPath(release.set, release.version, audience), bytes, outcome.written));
  }
  TRY(WriteOnce(store, WholePath(release.set, release.version), "", outcome.written));
  if (outcome.before == release.version) return outcome;
  TRY(MakeCurrent(store, release.set, history, {release.version, now_ms}));
  ++outcome.written;
  return outcome;
}

Result<PublishOutcome> Rollback(Store& store, const std::string& set, const std::optional<std::string>& version,
                                UnixMs now_ms) {
  TRY_ASSIGN(const auto held, store.Lock(set));
  TRY_ASSIGN(const std::vector<Published> history, ReadHistory(store, set));
  if (history.empty()) return NotFound("'" + set + "' was never published here; 'troupe content publish' does that");
  if (!version && history.size() < 2) return NotFound("'" + set + "' has no version before " + history.front().version);
  const std::string wanted = version ? *version : history[1].version;
  const bool known =
      std::any_of(history.begin(), history.end(), [&](const auto& entry) { return entry.version == wanted; });
  if (!known) {
    std::vector<std::string> kept;
    for (const Published& entry : history) kept.push_back(entry.version);
    return NotFound("'" + set + "' has no version " + wanted + "; kept are " + Joined(kept, ", "));
  }
  PublishOutcome outcome{.version = wanted, .before = history.front().version};
  if (wanted == outcome.before) return outcome;
  TRY(MakeCurrent(store, set, history, {wanted, now_ms}));
  outcome.written = 1;
  return outcome;
}

}  // namespace troupe::content
