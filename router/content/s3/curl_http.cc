#include <memory>
#include <string>
#include <utility>

#include "router/content/s3/http.h"
#include "runtime/hub/curl_transfer.h"

namespace troupe::content::s3 {
namespace {

constexpr size_t kMaxHeaderBytes = 64u << 10;

struct Exchange {
  const size_t max_bytes;
  Response response;
  size_t header_bytes = 0;
  bool too_long = false;
};

size_t OnHeader(char* data, size_t, size_t size, void* user) {
  auto& exchange = *static_cast<Exchange*>(user);
  exchange.header_bytes += size;
  if (exchange.header_bytes > kMaxHeaderBytes) return 0;
  hub::TakeHeaderLine({data, size}, exchange.response.headers);
  return size;
}

size_t OnBody(char* data, size_t, size_t size, void* user) {
  auto& exchange = *static_cast<Exchange*>(user);
  exchange.too_long = size > exchange.max_bytes - exchange.response.body.size();
  if (exchange.too_long) return 0;
  exchange.response.body.append(data, size);
  return size;
}

class CurlHttp final : public Http {
 public:
  CurlHttp(hub::CurlHandle handle, std::string ca_file) : handle_(std::move(handle)), ca_file_(std::move(ca_file)) {}

  Result<Response> Send(const Request& request, size_t max_bytes) override {
    CURL* handle = handle_.get();
    Exchange exchange{.max_bytes = max_bytes};
    char detail[CURL_ERROR_SIZE] = "";
    const std::string url = UrlOf(request);
    const Headers headers = HeadersOf(request);
    hub::BeginTransfer(handle, url, {.ca_file = ca_file_}, detail);
    curl_easy_setopt(handle, CURLOPT_PATH_AS_IS, 1L);
    curl_easy_setopt(handle, CURLOPT_CUSTOMREQUEST, request.method.c_str());
    if (request.method == "PUT") {
      curl_easy_setopt(handle, CURLOPT_POSTFIELDS, request.body.empty() ? "" : request.body.data());
      curl_easy_setopt(handle, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
    }
    curl_easy_setopt(handle, CURLOPT_HTTPHEADER, headers.get());
    curl_easy_setopt(handle, CURLOPT_HEADERFUNCTION, OnHeader);
    curl_easy_setopt(handle, CURLOPT_HEADERDATA, &exchange);
    curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, OnBody);
    curl_easy_setopt(handle, CURLOPT_WRITEDATA, &exchange);
    const CURLcode code = curl_easy_perform(handle);
    if (exchange.too_long) {
      return Exhausted(request.origin + " sends more than " + std::to_string(max_bytes) + " bytes for one file");
    }
    if (code != CURLE_OK) return hub::CurlError(code, detail, url);
    long status = 0;
    curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &status);
    exchange.response.status = static_cast<int>(status);
    return std::move(exchange.response);
  }

 private:
  using Headers = std::unique_ptr<curl_slist, decltype(&curl_slist_free_all)>;

  static Headers HeadersOf(const Request& request) {
    // no pause to ask whether the body is welcome
    curl_slist* list = curl_slist_append(nullptr, "Expect:");
    for (const auto& [name, value] : request.headers) {
      // curl writes the same host itself
      if (name != "host") list = curl_slist_append(list, (name + ": " + value).c_str());
    }
    return {list, &curl_slist_free_all};
  }

  const hub::CurlHandle handle_;
  const std::string ca_file_;
};

}  // namespace

Result<std::unique_ptr<Http>> MakeCurlHttp(std::string ca_file) {
  TRY_ASSIGN(hub::CurlHandle handle, hub::MakeCurlHandle());
  return std::unique_ptr<Http>(std::make_unique<CurlHttp>(std::move(handle), std::move(ca_file)));
}

}  // namespace troupe::content::s3
