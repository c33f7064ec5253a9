// Requests out of the bytes of one connection, one after the other (Beast's parser underneath). Says what is wrong with
// what comes in as the answer that it deserves. Used by one coroutine at a time.
#pragma once

#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <optional>
#include <string>

#include "router/content/http/message.h"
#include "router/content/http/options.h"

namespace troupe::content::http {

enum class Progress {
  kIdle,     // nothing of the next request is there
  kHeaders,  // more of its headers must come
  kBody,     // more of its body must come
  kDone,     // request() is whole
  kFailed,   // fault() is the last answer of this connection
};

class RequestReader {
 public:
  // The options outlive this.
  explicit RequestReader(const Options& options) : options_(options) {}

  // Where to read bytes to, and how many came.
  boost::asio::mutable_buffer Space();
  void Took(size_t bytes) { filled_ += bytes; }

  // Reads on as far as the bytes go.
  Progress Advance();

  // Of kDone; its views hold until Next.
  Request request() const;
  // HTTP/1.0 clients are served one request a connection.
  bool keeps_open() const { return parser_->get().keep_alive() && parser_->get().version() >= 11; }
  // True once for a request whose client waits for "100 Continue" before it sends the body.
  bool WantsContinue();
  // On to the next request, whose first bytes may be here already.
  void Next();

  bool failed() const { return fault_.has_value(); }
  // Of a reader that failed.
  const Answer& fault() const { return *fault_; }

 private:
  using Parser = boost::beast::http::request_parser<boost::beast::http::string_body>;

  Progress Fail(int status, std::string message);
  Progress FailBy(boost::beast::error_code error);
  // What the parser takes and we do not; nothing where all is well.
  std::optional<Progress> CheckHeaders();

  const Options& options_;
  std::string bytes_;
  size_t filled_ = 0;
  size_t used_ = 0;
  std::optional<Parser> parser_;
  bool has_start_line_ = false;
  bool headers_checked_ = false;
  bool continued_ = false;
  std::optional<Answer> fault_;
};

}  // namespace troupe::content::http
