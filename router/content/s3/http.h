// Sending requests, an interface so that tests of what is built on it need no network; the real one is CurlHttp.
#pragma once

#include <memory>
#include <string>

#include "router/content/s3/request.h"
#include "runtime/base/error.h"

namespace troupe::content::s3 {

class Http {
 public:
  virtual ~Http() = default;
  // Any status that a server answered is a response; its body has at most `max_bytes`. Errors: UNAVAILABLE where the
  // network failed or the answer broke off (worth another try), FAILED_PRECONDITION for TLS that does not verify,
  // RESOURCE_EXHAUSTED for an answer that is longer.
  virtual Result<Response> Send(const Request& request, size_t max_bytes) = 0;
};

// By libcurl: TLS verified, proxy from the environment, connections kept. One call at a time; one ends when it is done
// or when nothing came or went for 30 s. `ca_file` are certificates to trust, a PEM file; empty for the system's.
Result<std::unique_ptr<Http>> MakeCurlHttp(std::string ca_file);

}  // namespace troupe::content::s3
