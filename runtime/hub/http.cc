#include "runtime/hub/http.h"

#include <charconv>

#include "runtime/hub/url.h"

namespace troupe::hub {
namespace {

class TextSink final : public HttpSink {
 public:
  explicit TextSink(size_t max_bytes) : max_bytes_(max_bytes) {}
  Status Begin(const HttpResponse& response) override {
    from_ = WithoutSecrets(response.url);
    text.clear();
    return {};
  }
  Status Take(std::string_view bytes) override {
    if (bytes.size() > max_bytes_ - text.size()) {
      return Exhausted(from_ + " sends more than " + std::to_string(max_bytes_) + " bytes where a list was asked for");
    }
    text += bytes;
    return {};
  }
  std::string text;

 private:
  const size_t max_bytes_;
  std::string from_;
};

}  // namespace

std::string HttpResponse::Header(const std::string& name) const {
  const auto found = headers.find(name);
  return found == headers.end() ? "" : found->second;
}

int64_t HttpResponse::NumberHeader(const std::string& name) const {
  const std::string text = Header(name);
  int64_t number = -1;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool whole = error == std::errc() && end == text.data() + text.size();
  return whole && number >= 0 && number <= (int64_t{1} << 62) ? number : -1;
}

Result<HttpText> GetText(Http& http, const HttpRequest& request, size_t max_bytes) {
  TextSink sink(max_bytes);
  TRY_ASSIGN(HttpResponse response, http.Get(request, sink));
  return HttpText{std::move(response), std::move(sink.text)};
}

}  // namespace troupe::hub
