#include "router/content/s3/settings.h"

#include <algorithm>

#include "runtime/hub/url.h"

namespace troupe::content::s3 {
namespace {

constexpr std::string_view kScheme = "s3://";
constexpr size_t kMaxPrefixBytes = 512;

// One word of plain characters: nothing that would end a header early.
bool IsWord(const std::string& text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c > 0x20 && c < 0x7f; });
}

bool IsBucketName(std::string_view name) {
  const auto inner = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.'; };
  return name.size() >= 3 && name.size() <= 63 && std::all_of(name.begin(), name.end(), inner) && name.front() != '.' &&
         name.back() != '.' && name.find("..") == name.npos;
}

// Names between slashes, of what URLs and logs show as it is.
bool IsPrefix(std::string_view prefix) {
  if (prefix.size() > kMaxPrefixBytes) return false;
  const auto plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
           c == '_' || c == '/';
  };
  const std::string framed = "/" + std::string(prefix);
  return std::all_of(prefix.begin(), prefix.end(), plain) && framed.find("//") == framed.npos &&
         framed.find("/./") == framed.npos && framed.find("/../") == framed.npos;
}

// "https://host:port", the port left out where it goes without saying, as HTTP clients write it.
std::string NormalOrigin(const std::string& url) {
  std::string origin = hub::OriginOf(url);
  for (const std::string_view usual : {"http:80", "https:443"}) {
    const size_t colon = usual.find(':');
    const bool same = origin.starts_with(std::string(usual.substr(0, colon)) + "://");
    if (same && origin.ends_with(usual.substr(colon))) origin.resize(origin.size() - (usual.size() - colon));
  }
  return origin;
}

Result<std::string> ReadEndpoint(const hub::Environment& environment, const std::string& said) {
  std::string url = said;
  std::string from = "the endpoint";
  for (const char* name : {"AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL"}) {
    if (!url.empty()) break;
    url = environment(name);
    from = name;
  }
  if (url.empty()) return std::string();
  while (url.ends_with('/')) url.pop_back();
  std::string origin = NormalOrigin(url);
  const bool http = url.starts_with("http://") || url.starts_with("https://");
  const size_t host = http ? url.find("//") + 2 : 0;
  if (!http || origin.empty() || url.find_first_of("/?#@", host) != url.npos) {
    return Invalid(from + " must be https://HOST or https://HOST:PORT of an S3 server, without a path");
  }
  return origin;
}

}  // namespace

bool IsPlace(std::string_view where) { return where.starts_with(kScheme); }

Result<Place> ParsePlace(const std::string& where) {
  std::string_view rest = where;
  if (IsPlace(rest)) rest.remove_prefix(kScheme.size());
  const size_t slash = rest.find('/');
  Place place{.bucket = std::string(rest.substr(0, slash))};
  if (slash != rest.npos) place.prefix = rest.substr(slash + 1);
  if (!place.prefix.empty() && !place.prefix.ends_with('/')) place.prefix += '/';
  if (!IsPlace(where) || !IsBucketName(place.bucket)) {
    return Invalid("'" + where +
                   "' names no bucket; write s3://BUCKET or s3://BUCKET/PREFIX, the bucket of lower-case "
                   "letters, digits, dots and hyphens");
  }
  if (!IsPrefix(place.prefix)) {
    return Invalid("the prefix of '" + where + "' must be of letters, digits, '-', '.' and '_' between single slashes");
  }
  return place;
}

Result<Settings> ReadSettings(const hub::Environment& environment, const std::string& endpoint) {
  Settings settings;
  settings.credentials = {environment("AWS_ACCESS_KEY_ID"), environment("AWS_SECRET_ACCESS_KEY"),
                          environment("AWS_SESSION_TOKEN")};
  const Credentials& key = settings.credentials;
  if (key.key_id.empty() || key.secret.empty()) {
    return Invalid(std::string(key.key_id.empty() ? "AWS_ACCESS_KEY_ID" : "AWS_SECRET_ACCESS_KEY") +
                   " is not set; a bucket needs a key's two halves in AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY");
  }
  if (!IsWord(key.key_id) || !IsWord(key.secret) || (!key.session_token.empty() && !IsWord(key.session_token))) {
    return Invalid(
        "AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN must each be one word of plain characters; "
        "look for blanks and line ends in them");
  }
  settings.region = environment("AWS_REGION");
  if (settings.region.empty()) settings.region = environment("AWS_DEFAULT_REGION");
  if (settings.region.empty()) settings.region = "us-east-1";
  const bool plain = std::all_of(settings.region.begin(), settings.region.end(),
                                 [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; });
  if (!plain) return Invalid("AWS_REGION must be a region such as eu-central-1, got '" + settings.region + "'");
  TRY_ASSIGN(settings.endpoint, ReadEndpoint(environment, endpoint));
  for (const char* name : {"AWS_CA_BUNDLE", "SSL_CERT_FILE", "CURL_CA_BUNDLE"}) {
    if (settings.ca_file.empty()) settings.ca_file = environment(name);
  }
  return settings;
}

Address AddressOf(const Settings& settings, const std::string& bucket) {
  if (!settings.endpoint.empty()) return {settings.endpoint, "/" + bucket + "/"};
  const std::string host = "s3." + settings.region + ".amazonaws.com";
  if (bucket.find('.') != bucket.npos) return {"https://" + host, "/" + bucket + "/"};
  return {"https://" + bucket + "." + host, "/"};
}

}  // namespace troupe::content::s3
