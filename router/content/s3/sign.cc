#include "router/content/s3/sign.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>
#include <ctime>
#include <utility>
#include <vector>

#include "router/content/escape.h"
#include "runtime/base/check.h"
#include "runtime/base/digest.h"

namespace troupe::content::s3 {
namespace {

constexpr const char* kAlgorithm = "AWS4-HMAC-SHA256";

std::string Encoded(std::string_view text) {
  std::string encoded;
  AppendEscaped(text, Escape::kUrlPiece, encoded);
  return encoded;
}

std::string EncodedPath(std::string_view path) {
  std::string encoded;
  while (!path.empty()) {
    const size_t slash = path.find('/');
    encoded += Encoded(path.substr(0, slash));
    if (slash == path.npos) break;
    encoded += '/';
    path.remove_prefix(slash + 1);
  }
  return encoded;
}

// Names and values in the order of their encoded forms, which is the order that is signed.
std::string EncodedQuery(const std::map<std::string, std::string>& query) {
  std::map<std::string, std::string> encoded;
  for (const auto& [name, value] : query) encoded.emplace(Encoded(name), Encoded(value));
  std::string text;
  for (const auto& [name, value] : encoded) text += (text.empty() ? "" : "&") + name + "=" + value;
  return text;
}

std::string Hmac(std::string_view key, std::string_view text) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> code{};
  unsigned size = 0;
  CHECK(HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
             reinterpret_cast<const unsigned char*>(text.data()), text.size(), code.data(), &size) != nullptr);
  return {reinterpret_cast<const char*>(code.data()), size};
}

// "20130524T000000Z".
std::string AmzTime(UnixMs now_ms) {
  const auto seconds = static_cast<time_t>(now_ms / 1000);
  tm parts{};
  gmtime_r(&seconds, &parts);
  char text[32];
  return {text, std::strftime(text, sizeof text, "%Y%m%dT%H%M%SZ", &parts)};
}

}  // namespace

std::string UrlOf(const Request& request) {
  const std::string query = EncodedQuery(request.query);
  return request.origin + EncodedPath(request.path) + (query.empty() ? "" : "?" + query);
}

void Sign(Request& request, const Credentials& credentials, const std::string& region, UnixMs now_ms) {
  const std::string time = AmzTime(now_ms);
  const std::string date = time.substr(0, 8);
  const std::string digest = Sha256Hex(request.body);
  request.headers["host"] = request.origin.substr(request.origin.find("//") + 2);
  request.headers["x-amz-date"] = time;
  request.headers["x-amz-content-sha256"] = digest;
  if (!credentials.session_token.empty()) request.headers["x-amz-security-token"] = credentials.session_token;

  std::string headers;
  std::string names;
  for (const auto& [name, value] : request.headers) {
    headers += name + ":" + value + "\n";
    names += (names.empty() ? "" : ";") + name;
  }
  const std::string canonical = request.method + "\n" + EncodedPath(request.path) + "\n" + EncodedQuery(request.query) +
                                "\n" + headers + "\n" + names + "\n" + digest;
  const std::string scope = date + "/" + region + "/s3/aws4_request";
  const std::string to_sign = std::string(kAlgorithm) + "\n" + time + "\n" + scope + "\n" + Sha256Hex(canonical);
  const std::string key = Hmac(Hmac(Hmac(Hmac("AWS4" + credentials.secret, date), region), "s3"), "aws4_request");
  request.headers["authorization"] = std::string(kAlgorithm) + " Credential=" + credentials.key_id + "/" + scope +
                                     ",SignedHeaders=" + names + ",Signature=" + ToHex(Hmac(key, to_sign));
}

}  // namespace troupe::content::s3
