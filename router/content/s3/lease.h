// Who may write a set in a bucket. A bucket has no locks that end with a process, so this is a file that nobody else
// overwrites while it is young: whoever holds it writes it anew from time to time, and one that died is waited for no
// longer than its file is young. Ages are the server's own, so the machines' clocks do not matter. Only as good as the
// server's conditional writes; the pointer is guarded by one of its own besides.
#pragma once

#include <memory>
#include <string>

#include "router/content/s3/bucket.h"

namespace troupe::content::s3 {

class Lease {
 public:
  static constexpr std::chrono::seconds kLife{60};
  static constexpr std::chrono::seconds kRenewAfter{20};

  // Bucket and clock outlive this. Errors: FAILED_PRECONDITION where somebody else holds it.
  static Result<std::unique_ptr<Lease>> Take(Bucket& bucket, const std::string& key, const Clock& clock);
  // Gives it back.
  ~Lease();
  Lease(const Lease&) = delete;
  Lease& operator=(const Lease&) = delete;

  // To be called before each change. Errors: FAILED_PRECONDITION where this was held up for so long that somebody else
  // holds it.
  Status Keep();

 private:
  Lease(Bucket& bucket, std::string key, const Clock& clock) : bucket_(bucket), key_(std::move(key)), clock_(clock) {}
  Status Write(const Condition& condition);

  Bucket& bucket_;
  const std::string key_;
  const Clock& clock_;
  std::string tag_;
  int64_t written_ns_ = 0;
};

}  // namespace troupe::content::s3
