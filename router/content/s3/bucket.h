// One bucket: its files read, written, removed and listed. Signs each request, tries again what may go better the next
// time, and says in words what does not. Owned by a store; one call at a time.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "router/content/s3/http.h"
#include "router/content/s3/refusal.h"
#include "router/content/s3/settings.h"
#include "runtime/base/clock.h"
#include "runtime/base/error.h"

namespace troupe::content::s3 {

struct Object {
  std::string bytes;
  // Another one after every write (ETag).
  std::string tag;
  // Since it was written, by the server's own clock; nothing where the server does not say.
  std::optional<std::chrono::seconds> age;
};

// When a write or a removal takes place.
struct Condition {
  enum class Kind { kAlways, kAbsent, kTag };
  Kind kind = Kind::kAlways;
  std::string tag;

  static Condition Absent() { return {Kind::kAbsent, ""}; }
  static Condition Tag(std::string tag) { return {Kind::kTag, std::move(tag)}; }
};

class Bucket {
 public:
  // Waits between two tries.
  using Pause = std::function<void(std::chrono::milliseconds)>;

  // The clock outlives this.
  Bucket(std::unique_ptr<Http> http, Settings settings, std::string name, const Clock& clock, Pause pause);

  // Nothing where there is no such file. Errors of all: RefusalOf's and Http's.
  Result<std::optional<Object>> Get(const std::string& key);
  // The new tag. Errors: ABORTED where the condition does not hold and something else is there. A server that knows no
  // conditions writes always.
  Result<std::string> Put(const std::string& key, std::string_view bytes,
                          const std::map<std::string, std::string>& headers, const Condition& condition = {});
  // What is not there is removed already. Errors: ABORTED where the condition does not hold.
  Status Remove(const std::string& key, const Condition& condition = {});

  // Tags by key, of all that begins so. Errors: RESOURCE_EXHAUSTED beyond a million files.
  Result<std::map<std::string, std::string>> List(const std::string& prefix);
  // What stands between `prefix` and the next slash, where there is one.
  Result<std::vector<std::string>> Folders(const std::string& prefix);

  // "s3://bucket/key".
  std::string NameOf(const std::string& key) const { return "s3://" + name_ + "/" + key; }

 private:
  Request RequestFor(const std::string& method, const std::string& key) const;
  Result<Response> Send(Request request, size_t max_bytes);
  Error Refusal(const Response& response, const std::string& verb, const std::string& key) const;
  Status ListPages(const std::string& prefix, const std::string& delimiter,
                   const std::function<void(std::string_view page)>& take);

  const std::unique_ptr<Http> http_;
  const Settings settings_;
  const std::string name_;
  const Address address_;
  const Clock& clock_;
  const Pause pause_;
  bool knows_conditions_ = true;
};

}  // namespace troupe::content::s3
