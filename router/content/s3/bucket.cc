#include "router/content/s3/bucket.h"

#include <time.h>

#include <utility>

#include "router/content/s3/xml.h"

namespace troupe::content::s3 {
namespace {

constexpr int kTries = 5;
constexpr std::chrono::milliseconds kFirstPause{200};
constexpr size_t kMaxObjectBytes = 256u << 20;
constexpr size_t kMaxAnswerBytes = 16u << 20;
// With a thousand files a page, a million files.
constexpr int kMaxPages = 1000;

bool IsGood(const Response& response) { return response.status >= 200 && response.status < 300; }

// What HTTP dates look like: "Sun, 06 Nov 1994 08:49:37 GMT".
std::optional<std::chrono::seconds> TimeOf(const std::string& date) {
  tm parts{};
  const char* end = strptime(date.c_str(), "%a, %d %b %Y %H:%M:%S GMT", &parts);
  if (end == nullptr || *end != '\0') return std::nullopt;
  return std::chrono::seconds(timegm(&parts));
}

std::optional<std::chrono::seconds> AgeOf(const Response& response) {
  const auto written = TimeOf(response.Header("last-modified"));
  const auto now = TimeOf(response.Header("date"));
  if (!written || !now) return std::nullopt;
  return *now - *written;
}

void Require(Request& request, const Condition& condition) {
  if (condition.kind == Condition::Kind::kAbsent) request.headers["if-none-match"] = "*";
  if (condition.kind == Condition::Kind::kTag) request.headers["if-match"] = condition.tag;
}

// The bucket is there, the file is not.
bool IsMissing(const Response& response) { return response.status == 404 && CodeOf(response) != "NoSuchBucket"; }

bool IsConditionBroken(const Response& response, const Condition& condition) {
  return response.status == 412 || (condition.kind == Condition::Kind::kTag && IsMissing(response));
}

}  // namespace

Bucket::Bucket(std::unique_ptr<Http> http, Settings settings, std::string name, const Clock& clock, Pause pause)
    : http_(std::move(http)),
      settings_(std::move(settings)),
      name_(std::move(name)),
      address_(AddressOf(settings_, name_)),
      clock_(clock),
      pause_(std::move(pause)) {}

Request Bucket::RequestFor(const std::string& method, const std::string& key) const {
  return {.method = method, .origin = address_.origin, .path = address_.path + key};
}

// Signed anew each time: a signature is good for some minutes only.
Result<Response> Bucket::Send(Request request, size_t max_bytes) {
  for (int attempt = 1;; ++attempt) {
    Sign(request, settings_.credentials, settings_.region, clock_.NowMs());
    Result<Response> response = http_->Send(request, max_bytes);
    request.headers.erase("authorization");
    const bool again = response ? IsTransient(*response) : response.error().code == Code::kUnavailable;
    if (!again || attempt == kTries) return response;
    pause_(kFirstPause * (1 << (attempt - 1)));
  }
}

Error Bucket::Refusal(const Response& response, const std::string& verb, const std::string& key) const {
  return RefusalOf(response, {verb, NameOf(key), name_}, settings_);
}

Result<std::optional<Object>> Bucket::Get(const std::string& key) {
  TRY_ASSIGN(Response response, Send(RequestFor("GET", key), kMaxObjectBytes));
  if (IsMissing(response)) return std::optional<Object>();
  if (!IsGood(response)) return Refusal(response, "read", key);
  return std::optional<Object>({std::move(response.body), response.Header("etag"), AgeOf(response)});
}

Result<std::string> Bucket::Put(const std::string& key, std::string_view bytes,
                                const std::map<std::string, std::string>& headers, const Condition& condition) {
  Request request = RequestFor("PUT", key);
  request.headers = headers;
  request.body = bytes;
  if (knows_conditions_) Require(request, condition);
  TRY_ASSIGN(const Response response, Send(std::move(request), kMaxAnswerBytes));
  if (IsGood(response)) return response.Header("etag");
  if (response.status == 501 && knows_conditions_ && condition.kind != Condition::Kind::kAlways) {
    knows_conditions_ = false;
    return Put(key, bytes, headers, condition);
  }
  if (!IsConditionBroken(response, condition)) return Refusal(response, "write", key);
  // a try before this one may have come through, and only its answer was lost
  TRY_ASSIGN(std::optional<Object> there, Get(key));
  if (there && there->bytes == bytes) return std::move(there->tag);
  return Error{Code::kAborted, NameOf(key) + " was written by somebody else meanwhile"};
}

Status Bucket::Remove(const std::string& key, const Condition& condition) {
  Request request = RequestFor("DELETE", key);
  if (knows_conditions_) Require(request, condition);
  TRY_ASSIGN(const Response response, Send(std::move(request), kMaxAnswerBytes));
  if (IsGood(response)) return {};
  if (IsConditionBroken(response, condition)) {
    return Error{Code::kAborted, NameOf(key) + " was written by somebody else meanwhile"};
  }
  if (IsMissing(response)) return {};
  return Refusal(response, "remove", key);
}

Status Bucket::ListPages(const std::string& prefix, const std::string& delimiter,
                         const std::function<void(std::string_view)>& take) {
  Request request = RequestFor("GET", "");
  request.query = {{"list-type", "2"}, {"prefix", prefix}};
  if (!delimiter.empty()) request.query["delimiter"] = delimiter;
  for (int page = 0; page < kMaxPages; ++page) {
    TRY_ASSIGN(const Response response, Send(request, kMaxAnswerBytes));
    if (!IsGood(response)) return Refusal(response, "list", prefix);
    take(response.body);
    const std::string next = ElementText(response.body, "NextContinuationToken");
    if (next.empty()) return {};
    request.query["continuation-token"] = next;
  }
  return Exhausted("there are more than a million files at " + NameOf(prefix) + "; publish to another prefix");
}

Result<std::map<std::string, std::string>> Bucket::List(const std::string& prefix) {
  std::map<std::string, std::string> tags;
  TRY(ListPages(prefix, "", [&](std::string_view page) {
    for (const std::string_view file : Elements(page, "Contents")) {
      tags.emplace(ElementText(file, "Key"), ElementText(file, "ETag"));
    }
  }));
  return tags;
}

Result<std::vector<std::string>> Bucket::Folders(const std::string& prefix) {
  std::vector<std::string> folders;
  TRY(ListPages(prefix, "/", [&](std::string_view page) {
    for (const std::string_view common : Elements(page, "CommonPrefixes")) {
      std::string folder = ElementText(common, "Prefix");
      if (!folder.starts_with(prefix) || !folder.ends_with('/')) continue;
      folder.pop_back();
      folders.push_back(folder.substr(prefix.size()));
    }
  }));
  return folders;
}

}  // namespace troupe::content::s3
