#include "router/content/s3/lease.h"

#include <utility>

#include "router/content/s3/file_headers.h"
#include "runtime/base/id.h"
#include "runtime/base/value.h"

namespace troupe::content::s3 {

Result<std::unique_ptr<Lease>> Lease::Take(Bucket& bucket, const std::string& key, const Clock& clock) {
  TRY_ASSIGN(const std::optional<Object> there, bucket.Get(key));
  // one whose age is not said counts as old: it must not stay for ever
  const bool young = there && there->age && *there->age < kLife;
  std::unique_ptr<Lease> lease(new Lease(bucket, key, clock));
  if (!young) {
    const Status taken = lease->Write(there ? Condition::Tag(there->tag) : Condition::Absent());
    if (taken) return lease;
    if (taken.error().code != Code::kAborted) return taken.error();
  }
  const std::string since = young ? " for " + std::to_string(there->age->count()) + " s" : "";
  return FailedPrecondition("somebody else publishes here" + since + " (" + bucket.NameOf(key) +
                            "); wait until they are done, or, where they were cut off, " +
                            std::to_string(kLife.count()) + " s");
}

Lease::~Lease() {
  // one that is somebody else's by now stays, and one that cannot be removed grows old
  if (!tag_.empty()) (void)bucket_.Remove(key_, Condition::Tag(tag_));
}

Status Lease::Keep() {
  const int64_t held_ns = clock_.MonotonicNs() - written_ns_;
  if (std::chrono::nanoseconds(held_ns) < kRenewAfter) return {};
  const Status kept = Write(Condition::Tag(tag_));
  if (kept || kept.error().code != Code::kAborted) return kept;
  tag_.clear();
  return FailedPrecondition("publishing was held up, and somebody else publishes here meanwhile (" +
                            bucket_.NameOf(key_) + "); call it again once they are done");
}

Status Lease::Write(const Condition& condition) {
  // another content each time, and so another tag
  const std::string bytes = Dump({{"held_by", NewUuid7()}}) + "\n";
  const int64_t now_ns = clock_.MonotonicNs();
  TRY_ASSIGN(tag_, bucket_.Put(key_, bytes, HeadersOf(key_), condition));
  written_ns_ = now_ns;
  return {};
}

}  // namespace troupe::content::s3
