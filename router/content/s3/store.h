// A store in a bucket of S3 or of a server that speaks like it, at "s3://bucket/prefix". Files lie there as in a folder
// (layout.h), with headers for browsers and caches (file_headers.h); a store keeps each file whole by itself. Writers
// exclude each other by a lease, and the pointer is only ever written in place of the one that was read. Owned by one
// command; one call at a time.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "router/content/s3/bucket.h"
#include "router/content/s3/lease.h"
#include "router/content/store.h"

namespace troupe::content::s3 {

class S3Store final : public Store {
 public:
  // `prefix` is empty or ends with a slash. The clock outlives this.
  S3Store(std::unique_ptr<Bucket> bucket, std::string prefix, const Clock& clock);
  ~S3Store() override;

  Status Write(const std::string& name, std::string_view bytes) override;
  Status Remove(const std::string& name) override;
  Result<std::optional<std::string>> Read(const std::string& name) const override;
  Result<bool> Holds(const std::string& name, std::string_view bytes) const override;
  Result<std::vector<std::string>> List(const std::string& folder) const override;
  Result<std::vector<std::string>> Folders() const override;
  Result<std::unique_ptr<Held>> Lock(const std::string& set) override;

 private:
  class HeldLease;

  Condition ConditionFor(const std::string& name) const;

  const std::unique_ptr<Bucket> bucket_;
  const std::string prefix_;
  const Clock& clock_;
  std::unique_ptr<Lease> lease_;
  // While the lease is held: the tags of the set's files.
  std::map<std::string, std::string> tags_;
  // Of pointers that were read: the tag, or nothing where there was none.
  mutable std::map<std::string, std::optional<std::string>> pointers_;
};

}  // namespace troupe::content::s3
