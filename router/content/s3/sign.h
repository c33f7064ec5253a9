// AWS Signature Version 4, with which a request shows whose it is and that nobody changed it
// (docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html). Pure: keys and time are handed in.
#pragma once

#include <string>

#include "router/content/s3/request.h"
#include "runtime/base/clock.h"

namespace troupe::content::s3 {

struct Credentials {
  std::string key_id;
  std::string secret;
  // Of keys that were lent for a while; empty for others.
  std::string session_token;
};

// Adds the headers host, x-amz-date, x-amz-content-sha256, x-amz-security-token where there is one, and authorization,
// which signs all that the request has by then.
void Sign(Request& request, const Credentials& credentials, const std::string& region, UnixMs now_ms);

}  // namespace troupe::content::s3
