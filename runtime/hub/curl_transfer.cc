#include "runtime/hub/curl_error.h"

#include <curl/curl.h>

#include "runtime/hub/url.h"

namespace troupe::hub {

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
