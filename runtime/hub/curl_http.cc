#include "runtime/hub/curl_http.h"

#include <cstdlib>
#include <memory>
#include <optional>
#include <utility>

#include "runtime/hub/curl_transfer.h"
#include "runtime/hub/url.h"

namespace troupe::hub {
namespace {

constexpr int kMaxRedirects = 8;
constexpr size_t kMaxHeaderBytes = 256 << 10;

bool IsRedirect(int status) {
  return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

// What one exchange with one server fills.
struct Exchange {
  HttpSink& sink;
  HttpResponse response;
  size_t header_bytes = 0;
  bool begun = false;
  std::optional<Error> refused;

  bool Good() const { return response.status >= 200 && response.status < 300; }

  Status Begin() {
    if (begun) return {};
    begun = true;
    return sink.Begin(response);
  }
};

size_t OnHeader(char* data, size_t, size_t size, void* user) {
  auto& exchange = *static_cast<Exchange*>(user);
  exchange.header_bytes += size;
  if (exchange.header_bytes > kMaxHeaderBytes) return 0;
  const std::string_view line(data, size);
  TakeHeaderLine(line, exchange.response.headers);
  if (line.starts_with("HTTP/")) {
    const size_t blank = line.find(' ');
    exchange.response.status = blank == line.npos ? 0 : std::atoi(std::string(line.substr(blank + 1, 3)).c_str());
  }
  return size;
}

size_t OnBody(char* data, size_t, size_t size, void* user) {
  auto& exchange = *static_cast<Exchange*>(user);
  // what a server says about an error or a redirect is not looked at
  if (!exchange.Good()) return size;
  Status taken = exchange.Begin();
  if (taken) taken = exchange.sink.Take({data, size});
  if (taken) return size;
  exchange.refused = taken.error();
  return 0;
}

int OnProgress(void* user, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  return (*static_cast<const std::function<bool()>*>(user))() ? 1 : 0;
}

class CurlHttp final : public Http {
 public:
  CurlHttp(CurlHandle handle, CurlOptions options) : handle_(std::move(handle)), options_(std::move(options)) {}

  Result<HttpResponse> Get(const HttpRequest& request, HttpSink& sink) override {
    const std::string origin = OriginOf(request.url);
    std::string url = request.url;
    std::map<std::string, std::string> from_first;
    for (int hop = 0; hop <= kMaxRedirects; ++hop) {
      const bool at_home = OriginOf(url) == origin;
      TRY_ASSIGN(HttpResponse response, Ask(request, url, at_home, sink));
      for (const auto& [name, value] : from_first) response.headers.insert_or_assign(name, value);
      if (!IsRedirect(response.status)) return response;
      if (at_home) {
        for (const auto& [name, value] : response.headers) {
          if (name.starts_with("x-")) from_first.emplace(name, value);
        }
      }
      TRY_ASSIGN(std::string next, JoinUrl(url, response.Header("location")));
      if (url.starts_with("https:") && !next.starts_with("https:")) {
        return FailedPrecondition(HostOf(url) + " redirects from https to " + WithoutSecrets(next) +
                                  ", which is refused");
      }
      url = std::move(next);
    }
    return Unavailable(HostOf(request.url) + " redirects more than " + std::to_string(kMaxRedirects) + " times");
  }

 private:
  Result<HttpResponse> Ask(const HttpRequest& request, const std::string& url, bool with_login, HttpSink& sink) {
    CURL* handle = handle_.get();
    Exchange exchange{sink};
    exchange.response.url = url;
    char detail[CURL_ERROR_SIZE] = "";
    BeginTransfer(handle, url, {options_.ca_file, options_.connect_timeout_s, options_.stall_timeout_s}, detail);
    curl_slist* headers = nullptr;
    if (!request.accept.empty()) headers = curl_slist_append(headers, ("Accept: " + request.accept).c_str());
    if (with_login && !request.authorization.empty()) {
      headers = curl_slist_append(headers, ("Authorization: " + request.authorization).c_str());
    }
    if (request.offset > 0) {
      headers = curl_slist_append(headers, ("Range: bytes=" + std::to_string(request.offset) + "-").c_str());
    }
    const std::unique_ptr<curl_slist, decltype(&curl_slist_free_all)> owner(headers, &curl_slist_free_all);
    curl_easy_setopt(handle, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(handle, CURLOPT_HEADERFUNCTION, OnHeader);
    curl_easy_setopt(handle, CURLOPT_HEADERDATA, &exchange);
    curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, OnBody);
    curl_easy_setopt(handle, CURLOPT_WRITEDATA, &exchange);
    curl_easy_setopt(handle, CURLOPT_NOPROGRESS, 0L);
    curl_easy_setopt(handle, CURLOPT_XFERINFOFUNCTION, OnProgress);
    curl_easy_setopt(handle, CURLOPT_XFERINFODATA, &options_.stop);
    const CURLcode code = curl_easy_perform(handle);
    if (exchange.refused) return *exchange.refused;
    if (code != CURLE_OK) return CurlError(code, detail, url);
    if (exchange.Good()) TRY(exchange.Begin());
    return std::move(exchange.response);
  }

  CurlHandle handle_;
  CurlOptions options_;
};

}  // namespace

Result<std::unique_ptr<Http>> MakeCurlHttp(CurlOptions options) {
  TRY_ASSIGN(CurlHandle handle, MakeCurlHandle());
  return std::unique_ptr<Http>(std::make_unique<CurlHttp>(std::move(handle), std::move(options)));
}

}  // namespace troupe::hub
