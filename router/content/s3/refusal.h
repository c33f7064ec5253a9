// What a server's refusal means, in words for the person who must act. Pure.
#pragma once

#include <string>

#include "router/content/s3/request.h"
#include "router/content/s3/settings.h"
#include "runtime/base/error.h"

namespace troupe::content::s3 {

// What was asked, for messages.
struct Asked {
  // "write", "read", "remove" or "list".
  std::string verb;
  // "s3://bucket/prefix/birthday/current".
  std::string what;
  std::string bucket;
};

// The code of S3's own that the answer's document has: "NoSuchBucket"; empty where it has none.
std::string CodeOf(const Response& response);

// True where the same request may be answered otherwise in a moment.
bool IsTransient(const Response& response);

// Of an answer that is neither 2xx nor what the caller expects. Errors: UNAUTHENTICATED for a key that is none,
// PERMISSION_DENIED, NOT_FOUND for a bucket, FAILED_PRECONDITION for a wrong region or a wrong clock, UNAVAILABLE,
// INTERNAL.
Error RefusalOf(const Response& response, const Asked& asked, const Settings& settings);

}  // namespace troupe::content::s3
