// URLs, as far as fetching files needs them: joined, compared, and shown without what is secret in them. Pure.
#pragma once

#include <string>
#include <string_view>

#include "runtime/base/error.h"

namespace troupe::hub {

// `reference`, which may be relative, as seen from the page at `base`; without a fragment. Errors: INVALID_ARGUMENT for
// what is no http or https URL.
Result<std::string> JoinUrl(const std::string& base, const std::string& reference);

// "https://host:443": two URLs with the same origin are of one server. Empty for what is no URL.
std::string OriginOf(const std::string& url);

// "host" or "host:port", for messages. Empty for what is no URL.
std::string HostOf(const std::string& url);

// For messages: without user, password, query (signed links) and fragment.
std::string WithoutSecrets(const std::string& url);

// A URL's user and password as an Authorization header's value, and the URL without them. Empty where it has none.
struct UrlAndLogin {
  std::string url;
  std::string authorization;
};
Result<UrlAndLogin> SplitLogin(const std::string& url);

// True where what is sent cannot be read on the way: https, or this machine's own address.
bool IsPrivateWay(const std::string& url);

// Percent-encoded, slashes kept.
std::string EscapePath(std::string_view path);

}  // namespace troupe::hub
