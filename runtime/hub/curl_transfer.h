// What libcurl's failures mean, in words for the person who must act. Pure.
#pragma once

#include <string>

#include "runtime/base/error.h"

namespace troupe::hub {

// `code` is a CURLcode other than CURLE_OK, `detail` what CURLOPT_ERRORBUFFER holds. Errors: CANCELLED,
// FAILED_PRECONDITION for TLS that does not verify, INVALID_ARGUMENT for a URL, else UNAVAILABLE.
Error CurlError(int code, const char* detail, const std::string& url);

}  // namespace troupe::hub
