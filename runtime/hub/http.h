// Fetching over HTTP, as far as models need it. An interface, so that tests of what is built on it need no network;
// the real one is CurlHttp. One call at a time, on the caller's thread.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "runtime/base/error.h"

namespace troupe::hub {

struct HttpRequest {
  std::string url;
  // Header Accept; empty for anything.
  std::string accept;
  // Header Authorization. Sent to the origin of `url` only: never to another one that a redirect leads to.
  std::string authorization;
  // Bytes to leave out (a Range request); 0 for none.
  int64_t offset = 0;
};

struct HttpResponse {
  int status = 0;
  // Where the answer came from, after redirects.
  std::string url;
  // Names in lower case. Those that begin with "x-" are from the server that was asked, also where it redirected.
  std::map<std::string, std::string> headers;

  // Empty where it is not there.
  std::string Header(const std::string& name) const;
  // Of a header that is a whole number from 0 to 2^62; -1 where it is not there or is none.
  int64_t NumberHeader(const std::string& name) const;
};

// Takes the body of an answer that went well (2xx). An error from it ends the call, which returns it.
class HttpSink {
 public:
  virtual ~HttpSink() = default;
  virtual Status Begin(const HttpResponse& response) = 0;
  virtual Status Take(std::string_view bytes) = 0;
};

class Http {
 public:
  virtual ~Http() = default;
  // Any status that a server answered is a response. Errors: UNAVAILABLE where the network failed or the answer broke
  // off (worth another try), FAILED_PRECONDITION for TLS that does not verify, CANCELLED, and those of the sink.
  virtual Result<HttpResponse> Get(const HttpRequest& request, HttpSink& sink) = 0;
};

// The body as text. Errors: as Get; RESOURCE_EXHAUSTED where it has more than `max_bytes`.
struct HttpText {
  HttpResponse response;
  std::string body;
};
Result<HttpText> GetText(Http& http, const HttpRequest& request, size_t max_bytes);

}  // namespace troupe::hub
