// A server with one bucket, in memory, which answers as S3 does (tags, conditions, lists in pages) and fails as it is
// told. What it holds outlives the stores that tests open on it.
#pragma once

#include <chrono>
#include <ctime>
#include <deque>
#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "router/content/s3/store.h"
#include "runtime/base/clock.h"
#include "runtime/base/digest.h"

namespace troupe::content::s3 {

class FakeServer {
 public:
  struct File {
    std::string bytes;
    std::string tag;
    std::map<std::string, std::string> headers;
    UnixMs written_ms = 0;
  };
  using Fault = std::function<Result<Response>(const Request&)>;

  // By key.
  std::map<std::string, File> files;
  // In place of the next answers.
  std::deque<Fault> faults;
  std::vector<Request> requests;
  // So many requests reach it, none after them.
  int left = std::numeric_limits<int>::max();
  bool knows_conditions = true;
  ManualClock clock;
  std::vector<std::chrono::milliseconds> pauses;

  static Response Refused(int status, const std::string& code) {
    return {.status = status, .body = "<Error><Code>" + code + "</Code></Error>"};
  }

  std::unique_ptr<Bucket> OpenBucket() {
    class ThisServer final : public Http {
     public:
      explicit ThisServer(FakeServer& server) : server_(server) {}
      Result<Response> Send(const Request& request, size_t) override { return server_.Take(request); }

     private:
      FakeServer& server_;
    };
    Settings settings{.credentials = {"key", "secret", ""}, .region = "us-east-1", .endpoint = "http://s3.test"};
    return std::make_unique<Bucket>(std::make_unique<ThisServer>(*this), settings, "shop", clock,
                                    [this](std::chrono::milliseconds time) { pauses.push_back(time); });
  }
  std::unique_ptr<S3Store> OpenStore() { return std::make_unique<S3Store>(OpenBucket(), "live/", clock); }

  Response Answer(const Request& request) {
    const std::string key = request.path.substr(std::string("/shop/").size());
    Response response = key.empty()               ? List(request)
                        : request.method == "GET" ? Get(key)
                        : request.method == "PUT" ? Put(key, request)
                                                  : Remove(key, request);
    response.headers["date"] = Date(clock.NowMs());
    return response;
  }

 private:
  Result<Response> Take(const Request& request) {
    requests.push_back(request);
    if (left <= 0) return Unavailable("the network is gone");
    --left;
    if (faults.empty()) return Answer(request);
    const Fault fault = std::move(faults.front());
    faults.pop_front();
    return fault(request);
  }

  static std::string Date(UnixMs ms) {
    const auto seconds = static_cast<time_t>(ms / 1000);
    tm parts{};
    gmtime_r(&seconds, &parts);
    char text[64];
    return {text, std::strftime(text, sizeof text, "%a, %d %b %Y %H:%M:%S GMT", &parts)};
  }

  Response Get(const std::string& key) const {
    const auto found = files.find(key);
    if (found == files.end()) return Refused(404, "NoSuchKey");
    return {.status = 200,
            .headers = {{"etag", found->second.tag}, {"last-modified", Date(found->second.written_ms)}},
            .body = found->second.bytes};
  }

  // Nothing where the condition holds.
  std::optional<Response> Broken(const std::string& key, const Request& request) const {
    const auto wanted = request.headers.find("if-match");
    const bool absent = request.headers.contains("if-none-match");
    if (!absent && wanted == request.headers.end()) return std::nullopt;
    if (!knows_conditions) return Refused(501, "NotImplemented");
    const auto found = files.find(key);
    if (absent) return found == files.end() ? std::nullopt : std::optional(Refused(412, "PreconditionFailed"));
    if (found == files.end()) return Refused(404, "NoSuchKey");
    return found->second.tag == wanted->second ? std::nullopt : std::optional(Refused(412, "PreconditionFailed"));
  }

  Response Put(const std::string& key, const Request& request) {
    if (const auto broken = Broken(key, request)) return *broken;
    Digester digester(DigestAlgorithm::kMd5);
    digester.Add(request.body);
    files[key] = {std::string(request.body), "\"" + digester.Hex() + "\"", request.headers, clock.NowMs()};
    return {.status = 200, .headers = {{"etag", files[key].tag}}};
  }

  Response Remove(const std::string& key, const Request& request) {
    if (const auto broken = Broken(key, request)) return *broken;
    files.erase(key);
    return {.status = 204};
  }

  Response List(const Request& request) const {
    constexpr int kPage = 3;
    const std::string prefix = request.query.at("prefix");
    const bool folders = request.query.contains("delimiter");
    const auto token = request.query.find("continuation-token");
    std::string after = token == request.query.end() ? "" : token->second;
    std::string body;
    int listed = 0;
    for (auto at = files.upper_bound(after); at != files.end(); ++at) {
      const std::string& key = at->first;
      const size_t slash = key.starts_with(prefix) ? key.find('/', prefix.size()) : key.npos;
      const std::string folder = key.substr(0, slash == key.npos ? slash : slash + 1);
      if (!key.starts_with(prefix) || (folders && slash != key.npos && after.starts_with(folder))) continue;
      if (listed++ == kPage)
        return {.status = 200, .body = body + "<NextContinuationToken>" + after + "</NextContinuationToken>"};
      after = key;
      body += folders && slash != key.npos
                  ? "<CommonPrefixes><Prefix>" + folder + "</Prefix></CommonPrefixes>"
                  : "<Contents><Key>" + key + "</Key><ETag>" + at->second.tag + "</ETag></Contents>";
    }
    return {.status = 200, .body = body};
  }
};

}  // namespace troupe::content::s3
