#include "runtime/hub/curl_transfer.h"

#include <cctype>
#include <mutex>
#include <utility>

#include "runtime/hub/url.h"

namespace troupe::hub {
namespace {

std::string_view Trimmed(std::string_view text) {
  const size_t begin = text.find_first_not_of(" \t\r\n");
  if (begin == text.npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t\r\n") - begin + 1);
}

}  // namespace

Result<CurlHandle> MakeCurlHandle() {
  static std::once_flag once;
  std::call_once(once, [] { curl_global_init(CURL_GLOBAL_DEFAULT); });
  CurlHandle handle(curl_easy_init(), &curl_easy_cleanup);
  if (handle == nullptr) return Internal("libcurl does not start");
  return handle;
}

void BeginTransfer(CURL* handle, const std::string& url, const TransferLimits& limits, char* detail) {
  curl_easy_reset(handle);
  curl_easy_setopt(handle, CURLOPT_URL, url.c_str());
  curl_easy_setopt(handle, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(handle, CURLOPT_USERAGENT, "troupe");
  curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(handle, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
  curl_easy_setopt(handle, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  if (!limits.ca_file.empty()) curl_easy_setopt(handle, CURLOPT_CAINFO, limits.ca_file.c_str());
  curl_easy_setopt(handle, CURLOPT_CONNECTTIMEOUT, static_cast<long>(limits.connect_timeout_s));
  curl_easy_setopt(handle, CURLOPT_LOW_SPEED_LIMIT, 1L);
  curl_easy_setopt(handle, CURLOPT_LOW_SPEED_TIME, static_cast<long>(limits.stall_timeout_s));
  curl_easy_setopt(handle, CURLOPT_ERRORBUFFER, detail);
}

void TakeHeaderLine(std::string_view line, std::map<std::string, std::string>& headers) {
  line = Trimmed(line);
  if (line.starts_with("HTTP/")) return headers.clear();
  const size_t colon = line.find(':');
  if (colon == line.npos) return;
  std::string name(line.substr(0, colon));
  for (char& c : name) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  headers.insert_or_assign(std::move(name), std::string(Trimmed(line.substr(colon + 1))));
}

Error CurlError(int code, const char* detail, const std::string& url) {
  const std::string where = HostOf(url);
  const std::string why = detail[0] != '\0' ? detail : curl_easy_strerror(static_cast<CURLcode>(code));
  switch (code) {
    case CURLE_ABORTED_BY_CALLBACK:
      return Cancelled("stopped while talking to " + where);
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_ISSUER_ERROR:
      return FailedPrecondition("the TLS certificate of " + where + " does not verify (" + why +
                                "); if this network has a certificate of its own, name its file in SSL_CERT_FILE");
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_URL_MALFORMAT:
      return Invalid("'" + WithoutSecrets(url) + "' cannot be asked: " + why);
    case CURLE_OPERATION_TIMEDOUT:
      return Unavailable("nothing came from " + where + " for too long; try again, or check the network and its proxy");
    case CURLE_PARTIAL_FILE:
    case CURLE_RECV_ERROR:
    case CURLE_GOT_NOTHING:
      return Unavailable("the connection to " + where + " broke off");
    default:
      return Unavailable("cannot reach " + where + ": " + why + "; check the network and its proxy");
  }
}

}  // namespace troupe::hub
