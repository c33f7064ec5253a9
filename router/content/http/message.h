// A request as far as answers depend on it, and an answer before it becomes bytes. Plain values.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "runtime/base/error.h"

namespace troupe::content::http {

enum class Method { kGet, kHead, kPost, kOptions, kOther };

// Views into what was read, for as long as it is answered; headers that are not there are empty.
struct Request {
  Method method = Method::kOther;
  std::string_view target;
  std::string_view accept_encoding;
  std::string_view if_none_match;
  std::string_view if_range;
  std::string_view range;
  std::string_view origin;
  std::string_view content_type;
  std::string_view body;
};

struct Answer {
  int status = 200;
  // Whole lines. Nothing that a client sent is ever among them.
  std::string headers;
  // What is sent, unless the request was a HEAD: a part of `owner`, or `own`.
  std::string own;
  std::string_view shared;
  std::shared_ptr<const void> owner;
  bool without_body = false;

  std::string_view body() const { return owner == nullptr ? std::string_view(own) : shared; }
};

// What no cache keeps and no browser takes for anything but JSON; `headers` are further lines.
Answer JsonAnswer(int status, std::string body, std::string headers = "");
// {"error": {"code", "message"}}.
Answer ErrorAnswer(int status, const Error& error, std::string headers = "");

// The status line, `answer`'s headers, Content-Length, Date and Connection, up to the empty line.
enum class Connection { kKeptOpen, kCloses };
void AppendHead(const Answer& answer, std::string_view date, Connection connection, std::string& out);

// "Sun, 06 Nov 1994 08:49:37 GMT".
std::string HttpDate(int64_t unix_ms);

}  // namespace troupe::content::http
