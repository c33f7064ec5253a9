// One request to S3 and what came back. Plain values.
#pragma once

#include <map>
#include <string>
#include <string_view>

namespace troupe::content::s3 {

struct Request {
  std::string method = "GET";
  // "https://host:port", without a port that goes without saying.
  std::string origin;
  // With a slash in front; neither this nor the query is percent-encoded yet.
  std::string path = "/";
  std::map<std::string, std::string> query;
  // Names in lower case.
  std::map<std::string, std::string> headers;
  // The caller's, for as long as the request is sent.
  std::string_view body;
};

struct Response {
  int status = 0;
  // Names in lower case.
  std::map<std::string, std::string> headers;
  std::string body;

  // Empty where it is not there.
  std::string Header(const std::string& name) const {
    const auto found = headers.find(name);
    return found == headers.end() ? "" : found->second;
  }
};

// Percent-encoded as it is signed.
std::string UrlOf(const Request& request);

}  // namespace troupe::content::s3
