// Http by libcurl: TLS verified, proxy from the environment (https_proxy, no_proxy, ...), redirects followed by hand so
// that a login stays with the server it is for. Owned by one command; one call at a time. A call ends when it is done,
// when nothing came for a while, or within half a second of stop() saying true.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "runtime/hub/http.h"

namespace troupe::hub {

struct CurlOptions {
  // Certificates to trust, a PEM file; empty for the system's.
  std::string ca_file;
  int connect_timeout_s = 15;
  // Gives up where less than a byte a second came for this long.
  int stall_timeout_s = 30;
  // Asked while a call goes on.
  std::function<bool()> stop = [] { return false; };
};

// Errors: INTERNAL where libcurl does not start.
Result<std::unique_ptr<Http>> MakeCurlHttp(CurlOptions options);

}  // namespace troupe::hub
