// A web of canned answers: what a URL gives, and how it fails the first times. Nothing touches the network.
#pragma once

#include <deque>
#include <map>
#include <string>
#include <vector>

#include "runtime/base/digest.h"
#include "runtime/base/value.h"
#include "runtime/hub/http.h"

namespace troupe::hub {

class FakeHttp final : public Http {
 public:
  struct Page {
    std::string body;
    int status = 200;
    std::map<std::string, std::string> headers;
  };
  // What happens to the next call to a URL instead of a full answer.
  struct Fault {
    // Answered with; 0 for none.
    int status = 0;
    // The connection breaks after so many bytes of the body; -1 for never.
    int64_t break_after = -1;
    // Sent after the body.
    std::string more;
    // The server does not know Range: it sends everything.
    bool ignore_range = false;
    // The range that it says it sends, in place of the one asked for.
    std::string content_range;
  };
  struct Call {
    std::string url;
    int64_t offset;
    std::string authorization;
  };

  std::map<std::string, Page> pages;
  std::map<std::string, std::deque<Fault>> faults;
  std::vector<Call> calls;

  Result<HttpResponse> Get(const HttpRequest& request, HttpSink& sink) override {
    calls.push_back({request.url, request.offset, request.authorization});
    Fault fault;
    if (auto& queue = faults[request.url]; !queue.empty()) {
      fault = queue.front();
      queue.pop_front();
    }
    const auto page = pages.find(request.url);
    HttpResponse response{404, request.url, {}};
    if (page == pages.end()) return response;
    response.status = fault.status != 0 ? fault.status : page->second.status;
    response.headers = page->second.headers;
    if (response.status / 100 != 2) return response;
    std::string body = page->second.body;
    const auto size = static_cast<int64_t>(body.size());
    if (request.offset > 0 && !fault.ignore_range) {
      if (request.offset >= size) {
        response.status = 416;
        return response;
      }
      response.status = 206;
      body.erase(0, static_cast<size_t>(request.offset));
      response.headers["content-range"] =
          fault.content_range.empty()
              ? "bytes " + std::to_string(request.offset) + "-" + std::to_string(size - 1) + "/" + std::to_string(size)
              : fault.content_range;
    }
    if (fault.more.empty()) response.headers["content-length"] = std::to_string(body.size());
    TRY(sink.Begin(response));
    body += fault.more;
    const bool breaks = fault.break_after >= 0 && fault.break_after < static_cast<int64_t>(body.size());
    if (breaks) body.resize(static_cast<size_t>(fault.break_after));
    for (size_t at = 0; at < body.size(); at += 1000) TRY(sink.Take(std::string_view(body).substr(at, 1000)));
    if (breaks) return Unavailable("the connection broke off");
    return response;
  }

  int CallsTo(const std::string& url) const {
    int count = 0;
    for (const Call& call : calls) count += call.url == url ? 1 : 0;
    return count;
  }
};

// Bytes that repeat nowhere, so that a piece at the wrong place is seen.
inline std::string SomeBytes(size_t size, uint32_t seed = 1) {
  std::string bytes(size, '\0');
  uint32_t state = seed * 2654435761u + 1;
  for (char& byte : bytes) {
    state = state * 1664525u + 1013904223u;
    byte = static_cast<char>(state >> 24);
  }
  return bytes;
}

}  // namespace troupe::hub
