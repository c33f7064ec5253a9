#include "runtime/hub/listing.h"

#include "runtime/hub/url.h"

namespace troupe::hub {

Error ErrorOf(const HttpResponse& response, const std::string& what, const std::string& advice) {
  const std::string where = HostOf(response.url);
  const std::string said = where + " answered " + std::to_string(response.status) + " for " + what;
  switch (response.status) {
    case 401:
    case 403:
      return {Code::kPermissionDenied, said + "; " + advice};
    case 404:
    case 410:
      return NotFound(where + " has no " + what + "; check the name and the revision, and that you may see it");
    case 408:
    case 425:
    case 429:
      return Unavailable(said + " (too busy); try again later");
    default:
      if (response.status >= 500) return Unavailable(said + "; try again later");
      return Error{Code::kUnknown, said};
  }
}

}  // namespace troupe::hub
