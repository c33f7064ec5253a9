#include "router/content/s3/store.h"

#include <utility>

#include "router/content/s3/file_headers.h"
#include "runtime/base/digest.h"

namespace troupe::content::s3 {
namespace {

bool IsPointer(const std::string& name) { return name.ends_with("/current"); }

// What servers say of a file that was written in one piece.
std::string TagOf(std::string_view bytes) {
  Digester digester(DigestAlgorithm::kMd5);
  digester.Add(bytes);
  return "\"" + digester.Hex() + "\"";
}

}  // namespace

class S3Store::HeldLease final : public Store::Held {
 public:
  explicit HeldLease(S3Store& store) : store_(store) {}
  ~HeldLease() override {
    store_.lease_.reset();
    store_.tags_.clear();
  }

 private:
  S3Store& store_;
};

S3Store::S3Store(std::unique_ptr<Bucket> bucket, std::string prefix, const Clock& clock)
    : bucket_(std::move(bucket)), prefix_(std::move(prefix)), clock_(clock) {}

S3Store::~S3Store() = default;

Condition S3Store::ConditionFor(const std::string& name) const {
  const auto read = pointers_.find(name);
  if (!IsPointer(name) || read == pointers_.end()) return {};
  return read->second ? Condition::Tag(*read->second) : Condition::Absent();
}

Status S3Store::Write(const std::string& name, std::string_view bytes) {
  if (lease_) TRY(lease_->Keep());
  const std::string key = prefix_ + name;
  const auto tag = bucket_->Put(key, bytes, HeadersOf(name), ConditionFor(name));
  if (!tag && tag.error().code == Code::kAborted) {
    return FailedPrecondition("somebody else published here meanwhile (" + bucket_->NameOf(key) +
                              "); nothing of theirs was overwritten, call it again");
  }
  if (!tag) return tag.error();
  if (IsPointer(name)) pointers_[name] = *tag;
  tags_[name] = *tag;
  return {};
}

Status S3Store::Remove(const std::string& name) {
  if (lease_) TRY(lease_->Keep());
  TRY(bucket_->Remove(prefix_ + name));
  tags_.erase(name);
  return {};
}

Result<std::optional<std::string>> S3Store::Read(const std::string& name) const {
  TRY_ASSIGN(std::optional<Object> object, bucket_->Get(prefix_ + name));
  if (IsPointer(name)) pointers_[name] = object ? std::optional(object->tag) : std::nullopt;
  if (!object) return std::optional<std::string>();
  return std::optional(std::move(object->bytes));
}

Result<bool> S3Store::Holds(const std::string& name, std::string_view bytes) const {
  if (!lease_) return Store::Holds(name, bytes);
  // where tags are no digests of content this is false too often, and files are written again
  const auto found = tags_.find(name);
  return found != tags_.end() && found->second == TagOf(bytes);
}

Result<std::vector<std::string>> S3Store::List(const std::string& folder) const {
  TRY_ASSIGN(const auto tags, bucket_->List(prefix_ + folder + "/"));
  std::vector<std::string> names;
  for (const auto& [key, tag] : tags) {
    if (key.starts_with(prefix_)) names.push_back(key.substr(prefix_.size()));
  }
  return names;
}

Result<std::vector<std::string>> S3Store::Folders() const { return bucket_->Folders(prefix_); }

Result<std::unique_ptr<Store::Held>> S3Store::Lock(const std::string& set) {
  TRY_ASSIGN(lease_, Lease::Take(*bucket_, prefix_ + set + "/lock", clock_));
  std::unique_ptr<Held> held(new HeldLease(*this));
  TRY_ASSIGN(const auto tags, bucket_->List(prefix_ + set + "/"));
  for (const auto& [key, tag] : tags) {
    if (key.starts_with(prefix_)) tags_.emplace(key.substr(prefix_.size()), tag);
  }
  return held;
}

}  // namespace troupe::content::s3
