#include "router/content/s3/refusal.h"

#include <algorithm>
#include <initializer_list>

#include "router/content/s3/xml.h"

namespace troupe::content::s3 {
namespace {

bool IsOneOf(const std::string& code, std::initializer_list<std::string_view> codes) {
  return std::find(codes.begin(), codes.end(), code) != codes.end();
}

std::string ServerOf(const Settings& settings) { return settings.endpoint.empty() ? "AWS" : settings.endpoint; }

// One line of what a stranger wrote, of bounded length.
std::string Quoted(std::string text) {
  constexpr size_t kShown = 200;
  if (text.size() > kShown) text.resize(kShown);
  std::replace_if(text.begin(), text.end(), [](char c) { return c < ' ' || c > '~'; }, ' ');
  return text;
}

Error WrongRegion(const std::string& region, const Asked& asked, const Settings& settings) {
  const std::string is_in = region.empty() ? "is in another region" : "is in region " + Quoted(region);
  return FailedPrecondition("the bucket '" + asked.bucket + "' " + is_in + ", not in " + settings.region +
                            "; set AWS_REGION" + (region.empty() ? "" : "=" + Quoted(region)));
}

}  // namespace

std::string CodeOf(const Response& response) { return ElementText(response.body, "Code"); }

bool IsTransient(const Response& response) {
  const std::string code = CodeOf(response);
  return response.status == 429 || response.status == 500 || (response.status >= 502 && response.status <= 504) ||
         IsOneOf(code, {"RequestTimeout", "SlowDown", "ConditionalRequestConflict", "OperationAborted"});
}

Error RefusalOf(const Response& response, const Asked& asked, const Settings& settings) {
  const std::string code = CodeOf(response);
  const std::string server = ServerOf(settings);
  const std::string key = settings.credentials.key_id;
  std::string region = response.Header("x-amz-bucket-region");
  if (region.empty()) region = ElementText(response.body, "Region");
  if (code == "InvalidAccessKeyId") {
    return {Code::kUnauthenticated, server + " knows no key '" + key +
                                        "'; correct AWS_ACCESS_KEY_ID, or AWS_ENDPOINT_URL "
                                        "where the key is another server's"};
  }
  if (code == "SignatureDoesNotMatch") {
    return {Code::kUnauthenticated, "AWS_SECRET_ACCESS_KEY does not belong to the key '" + key + "'; correct it"};
  }
  if (IsOneOf(code, {"ExpiredToken", "InvalidToken", "TokenRefreshRequired"})) {
    return {Code::kUnauthenticated,
            "AWS_SESSION_TOKEN is not valid any more, or not of this key; get new temporary keys, or unset it"};
  }
  if (code == "RequestTimeTooSkewed") {
    return FailedPrecondition("this machine's clock is wrong: " + server + " says that it is " +
                              Quoted(response.Header("date")) + "; set the clock");
  }
  if (code == "NoSuchBucket") {
    return NotFound(server + " has no bucket '" + asked.bucket +
                    "'; make it first, or correct its name, AWS_REGION or AWS_ENDPOINT_URL");
  }
  if (IsOneOf(code, {"PermanentRedirect", "TemporaryRedirect", "AuthorizationHeaderMalformed",
                     "IllegalLocationConstraintException"}) ||
      (response.status >= 300 && response.status < 400)) {
    return WrongRegion(region, asked, settings);
  }
  if (response.status == 401 || response.status == 403) {
    return {Code::kPermissionDenied,
            "the key '" + key + "' may not " + asked.verb + " " + asked.what +
                "; it needs s3:GetObject, s3:PutObject, s3:DeleteObject and s3:ListBucket there"};
  }
  const std::string said = Quoted(ElementText(response.body, "Message"));
  const std::string message = "cannot " + asked.verb + " " + asked.what + ": " + server + " answered " +
                              std::to_string(response.status) + (code.empty() ? "" : " " + Quoted(code)) +
                              (said.empty() ? "" : ": " + said);
  if (IsTransient(response)) return Unavailable(message + "; try again in a moment");
  return Internal(message + (response.status == 404 ? "; is AWS_ENDPOINT_URL an S3 server?" : ""));
}

}  // namespace troupe::content::s3
