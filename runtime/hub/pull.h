// Pulling a model: asks the registry what a source consists of, fetches what is not here yet, checks every byte, and
// lets the entry appear in the store, whole or not at all. Two processes that pull the same thing share the work: one
// fetches, the other waits and takes what came. Used by a command, on its thread, one pull at a time.
#pragma once

#include <functional>
#include <string>

#include "runtime/base/clock.h"
#include "runtime/hub/download.h"
#include "runtime/hub/http.h"
#include "runtime/hub/settings.h"
#include "runtime/hub/store.h"

namespace troupe::hub {

// Told while a pull goes on.
class PullListener {
 public:
  virtual ~PullListener() = default;
  // What is going to be fetched, once that is known.
  virtual void Plan(const Source& source, const std::string& host, int64_t bytes_to_fetch, size_t files) = 0;
  // `bytes` of the `total` to fetch are here; total is -1 where nobody says.
  virtual void Progress(const std::string& what, int64_t bytes, int64_t total) = 0;
  virtual void Note(const std::string& line) = 0;
  // Waits; false where the user wants to stop.
  virtual bool Pause(std::chrono::milliseconds time) = 0;
};

// What to do where the entry is here already.
enum class IfHere {
  kKeep,   // take it as it is, without asking anybody
  kRenew,  // ask whether a branch or tag has moved, and fetch what is new
};

struct Pulled {
  Entry entry;
  // False where it was here already.
  bool fetched = false;
};

class Puller {
 public:
  // All must outlive this.
  Puller(Http& http, const Settings& settings, const Store& store, const Clock& clock, PullListener& listener,
         RetryPolicy policy = {})
      : http_(http), settings_(settings), store_(store), clock_(clock), listener_(listener), policy_(policy) {}

  // `sha256` is what the weights must have (ModelDigest); empty where nobody says. Errors: those of the registry and of
  // Download; FAILED_PRECONDITION where the digest is another, the disk has no room, or offline and not here.
  Result<Pulled> Pull(const Source& source, const std::string& sha256, IfHere if_here);

 private:
  Result<Pulled> PullLocked(const Source& source, const std::string& sha256, IfHere if_here);
  Result<Listing> Ask(const Source& source);
  Result<Entry> Fetch(const Source& source, const std::string& sha256, const Listing& listing);
  Result<StoredFile> FetchFile(const RemoteFile& file, const Listing& listing, int64_t before, int64_t total);
  Result<std::vector<StoredFile>> FetchWheel(const RemoteFile& file);
  DownloadHooks Hooks(const std::string& what, int64_t before, int64_t total);

  Http& http_;
  const Settings& settings_;
  const Store& store_;
  const Clock& clock_;
  PullListener& listener_;
  const RetryPolicy policy_;
};

}  // namespace troupe::hub
