#include "runtime/hub/url.h"

#include <curl/curl.h>
#include <openssl/evp.h>

#include <algorithm>
#include <cctype>
#include <memory>

namespace troupe::hub {
namespace {

using Handle = std::unique_ptr<CURLU, decltype(&curl_url_cleanup)>;

Handle Parse(const std::string& url) {
  Handle handle(curl_url(), &curl_url_cleanup);
  if (handle && curl_url_set(handle.get(), CURLUPART_URL, url.c_str(), CURLU_NON_SUPPORT_SCHEME) != CURLUE_OK) {
    handle.reset();
  }
  return handle;
}

std::string Part(CURLU* handle, CURLUPart part, unsigned flags = 0) {
  char* text = nullptr;
  if (handle == nullptr || curl_url_get(handle, part, &text, flags) != CURLUE_OK) return "";
  std::string out(text);
  curl_free(text);
  return out;
}

std::string Base64(const std::string& bytes) {
  std::string out(4 * ((bytes.size() + 2) / 3) + 1, '\0');
  const int size =
      EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()),
                      reinterpret_cast<const unsigned char*>(bytes.data()), static_cast<int>(bytes.size()));
  out.resize(static_cast<size_t>(size));
  return out;
}

}  // namespace

Result<std::string> JoinUrl(const std::string& base, const std::string& reference) {
  const Handle handle = Parse(base);
  if (!handle || reference.size() > 16'384 ||
      curl_url_set(handle.get(), CURLUPART_URL, reference.c_str(), CURLU_NON_SUPPORT_SCHEME) != CURLUE_OK) {
    return Invalid("'" + WithoutSecrets(reference) + "' is no URL");
  }
  const std::string scheme = Part(handle.get(), CURLUPART_SCHEME);
  if (scheme != "http" && scheme != "https") {
    return Invalid("'" + WithoutSecrets(reference) + "' is no http or https URL");
  }
  curl_url_set(handle.get(), CURLUPART_FRAGMENT, nullptr, 0);
  return Part(handle.get(), CURLUPART_URL);
}

std::string OriginOf(const std::string& url) {
  const Handle handle = Parse(url);
  const std::string host = Part(handle.get(), CURLUPART_HOST);
  if (host.empty()) return "";
  std::string origin = Part(handle.get(), CURLUPART_SCHEME) + "://" + host;
  origin += ":" + Part(handle.get(), CURLUPART_PORT, CURLU_DEFAULT_PORT);
  for (char& c : origin) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return origin;
}

std::string HostOf(const std::string& url) {
  const Handle handle = Parse(url);
  const std::string port = Part(handle.get(), CURLUPART_PORT);
  return Part(handle.get(), CURLUPART_HOST) + (port.empty() ? "" : ":" + port);
}

std::string WithoutSecrets(const std::string& url) {
  const Handle handle = Parse(url);
  if (handle) {
    for (const CURLUPart part : {CURLUPART_USER, CURLUPART_PASSWORD, CURLUPART_QUERY, CURLUPART_FRAGMENT}) {
      curl_url_set(handle.get(), part, nullptr, 0);
    }
    return Part(handle.get(), CURLUPART_URL);
  }
  // no URL of its own: a relative one, or nonsense
  if (url.find('@') != url.npos) return "...";
  return url.substr(0, std::min(url.find_first_of("?#"), size_t{200}));
}

Result<UrlAndLogin> SplitLogin(const std::string& url) {
  const Handle handle = Parse(url);
  if (!handle) return Invalid("'" + WithoutSecrets(url) + "' is no URL");
  UrlAndLogin out;
  const std::string user = Part(handle.get(), CURLUPART_USER, CURLU_URLDECODE);
  const std::string password = Part(handle.get(), CURLUPART_PASSWORD, CURLU_URLDECODE);
  if (!user.empty() || !password.empty()) out.authorization = "Basic " + Base64(user + ":" + password);
  curl_url_set(handle.get(), CURLUPART_USER, nullptr, 0);
  curl_url_set(handle.get(), CURLUPART_PASSWORD, nullptr, 0);
  out.url = Part(handle.get(), CURLUPART_URL);
  return out;
}

bool IsPrivateWay(const std::string& url) {
  const Handle handle = Parse(url);
  if (Part(handle.get(), CURLUPART_SCHEME) == "https") return true;
  const std::string host = Part(handle.get(), CURLUPART_HOST);
  return host == "localhost" || host == "[::1]" || host == "127.0.0.1";
}

std::string EscapePath(std::string_view path) {
  constexpr char kHex[] = "0123456789ABCDEF";
  std::string out;
  for (const char c : path) {
    const auto byte = static_cast<unsigned char>(c);
    if (std::isalnum(byte) != 0 || c == '-' || c == '.' || c == '_' || c == '~' || c == '/') {
      out += c;
    } else {
      out += '%';
      out += kHex[byte >> 4];
      out += kHex[byte & 15];
    }
  }
  return out;
}

}  // namespace troupe::hub
