// What all transfers by libcurl share: how they begin, what is always set, how headers are read, and what failures mean
// in words for the person who must act.
#pragma once

#include <curl/curl.h>

#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "runtime/base/error.h"

namespace troupe::hub {

using CurlHandle = std::unique_ptr<CURL, decltype(&curl_easy_cleanup)>;
// Connections stay from one transfer of a handle to the next. INTERNAL where libcurl does not start.
Result<CurlHandle> MakeCurlHandle();

struct TransferLimits {
  // Certificates to trust, a PEM file; empty for the system's.
  std::string ca_file;
  int connect_timeout_s = 15;
  // With nothing coming or going for so long it ends.
  int stall_timeout_s = 30;
};

// Forgets what the handle was told for the transfer before. http and https only, TLS from 1.2 on, verified. `url` and
// `detail`, CURL_ERROR_SIZE bytes for CurlError, must outlive the transfer.
void BeginTransfer(CURL* handle, const std::string& url, const TransferLimits& limits, char* detail);

// Adds a header's line, its name in lower case. At a status line forgets what came before, since an informational
// answer (1xx) may come before the real one; what is neither is left out.
void TakeHeaderLine(std::string_view line, std::map<std::string, std::string>& headers);

// `code` is a CURLcode other than CURLE_OK, `detail` what CURLOPT_ERRORBUFFER holds. Errors: CANCELLED,
// FAILED_PRECONDITION for TLS that does not verify, INVALID_ARGUMENT for a URL, else UNAVAILABLE.
Error CurlError(int code, const char* detail, const std::string& url);

}  // namespace troupe::hub
