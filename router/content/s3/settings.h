// Which server, which key: from the variables that users of S3 have set already. Read once by a command; holds secrets,
// so it is never printed.
#pragma once

#include <string>
#include <string_view>

#include "router/content/s3/sign.h"
#include "runtime/base/error.h"
#include "runtime/hub/settings.h"

namespace troupe::content::s3 {

// A bucket and where in it: "s3://bucket/prefix".
struct Place {
  std::string bucket;
  // Empty, or with a slash behind: "shop/texts/".
  std::string prefix;
};

// True for what is meant as one, right or not.
bool IsPlace(std::string_view where);
// Errors: INVALID_ARGUMENT saying what a place looks like.
Result<Place> ParsePlace(const std::string& where);

struct Settings {
  // AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN.
  Credentials credentials;
  // AWS_REGION, else AWS_DEFAULT_REGION, else us-east-1, which most servers that are not AWS's own take.
  std::string region;
  // "https://host:port" of a server that is not AWS's own: what the user said, else AWS_ENDPOINT_URL_S3, else
  // AWS_ENDPOINT_URL. Empty for AWS.
  std::string endpoint;
  // AWS_CA_BUNDLE, else SSL_CERT_FILE, CURL_CA_BUNDLE: certificates to trust; empty for the system's.
  std::string ca_file;
};

// `endpoint` is what the user said; empty where nothing was. Errors: INVALID_ARGUMENT naming the variable that is
// missing or wrong, never its content where that is secret.
Result<Settings> ReadSettings(const hub::Environment& environment, const std::string& endpoint);

// Where a bucket's requests go, and what their paths begin with. AWS has a host for each bucket; other servers, and AWS
// for buckets with dots, whose names no certificate covers, have the bucket in the path.
struct Address {
  std::string origin;
  std::string path;
};
Address AddressOf(const Settings& settings, const std::string& bucket);

}  // namespace troupe::content::s3
