#include "router/content/http/request_reader.h"

#include <boost/asio/buffer.hpp>

namespace troupe::content::http {
namespace {

namespace beast = boost::beast::http;

constexpr size_t kReadBytes = 4096;

std::string_view View(boost::beast::string_view text) { return {text.data(), text.size()}; }

Method MethodOf(beast::verb verb) {
  switch (verb) {
    case beast::verb::get:
      return Method::kGet;
    case beast::verb::head:
      return Method::kHead;
    case beast::verb::post:
      return Method::kPost;
    case beast::verb::options:
      return Method::kOptions;
    default:
      return Method::kOther;
  }
}

}  // namespace

boost::asio::mutable_buffer RequestReader::Space() {
  if (used_ > 0) {
    bytes_.erase(0, used_);
    filled_ -= used_;
    used_ = 0;
  }
  // only as large as what is under way: idle connections hold next to nothing
  bytes_.resize(filled_ + kReadBytes);
  return boost::asio::buffer(bytes_.data() + filled_, kReadBytes);
}

Progress RequestReader::Advance() {
  if (fault_) return Progress::kFailed;
  if (!parser_) {
    if (filled_ == used_) return Progress::kIdle;
    parser_.emplace();
    parser_->header_limit(static_cast<std::uint32_t>(options_.max_header_bytes));
    parser_->body_limit(options_.max_body_bytes);
    parser_->eager(true);
  }
  while (filled_ > used_ && !parser_->is_done()) {
    boost::beast::error_code error;
    const size_t taken = parser_->put(boost::asio::buffer(bytes_.data() + used_, filled_ - used_), error);
    used_ += taken;
    has_start_line_ = has_start_line_ || taken > 0;
    if (error == beast::error::need_more) break;
    if (error) return FailBy(error);
    if (taken == 0) break;
  }
  if (!parser_->is_header_done()) return Progress::kHeaders;
  if (const auto refused = CheckHeaders()) return *refused;
  return parser_->is_done() ? Progress::kDone : Progress::kBody;
}

std::optional<Progress> RequestReader::CheckHeaders() {
  if (headers_checked_) return std::nullopt;
  headers_checked_ = true;
  const auto& message = parser_->get();
  if (message.target().size() > options_.max_target_bytes) {
    return Fail(414, "the address has more than " + std::to_string(options_.max_target_bytes) + " bytes");
  }
  if (!message.target().starts_with('/')) return Fail(400, "the address must begin with a slash");
  if (message.count(beast::field::host) != 1 && message.version() >= 11) {
    return Fail(400, "a request has one Host header");
  }
  // two ways to say where the body ends let two readers see two requests (request smuggling); the parser refuses a
  // Content-Length beside a coding or another one, and what is left of codings is refused here
  const size_t codings = message.count(beast::field::transfer_encoding);
  const bool chunked = codings == 1 && boost::beast::iequals(message[beast::field::transfer_encoding], "chunked");
  if (codings > 0 && (!chunked || message.version() < 11)) {
    return Fail(400, "of transfer codings only chunked is taken, once, and from HTTP/1.1 on");
  }
  return std::nullopt;
}

bool RequestReader::WantsContinue() {
  if (continued_ || !parser_ || !parser_->is_header_done()) return false;
  continued_ = true;
  return boost::beast::iequals(parser_->get()[beast::field::expect], "100-continue");
}

Request RequestReader::request() const {
  const auto& message = parser_->get();
  return {.method = MethodOf(message.method()),
          .target = View(message.target()),
          .accept_encoding = View(message[beast::field::accept_encoding]),
          .if_none_match = View(message[beast::field::if_none_match]),
          .if_range = View(message[beast::field::if_range]),
          .range = View(message[beast::field::range]),
          .origin = View(message[beast::field::origin]),
          .content_type = View(message[beast::field::content_type]),
          .body = message.body()};
}

void RequestReader::Next() {
  parser_.reset();
  has_start_line_ = headers_checked_ = continued_ = false;
  if (used_ < filled_) return;
  bytes_ = std::string();
  filled_ = used_ = 0;
}

Progress RequestReader::Fail(int status, std::string message) {
  fault_ = ErrorAnswer(status, Invalid(std::move(message)));
  return Progress::kFailed;
}

Progress RequestReader::FailBy(boost::beast::error_code error) {
  if (error == beast::error::header_limit) {
    // before the first line has an end, it is the address that has none
    return !has_start_line_
               ? Fail(414, "the address has more than " + std::to_string(options_.max_target_bytes) + " bytes")
               : Fail(431, "the headers have more than " + std::to_string(options_.max_header_bytes) + " bytes");
  }
  if (error == beast::error::body_limit) {
    return Fail(413, "the body has more than " + std::to_string(options_.max_body_bytes) + " bytes");
  }
  return Fail(400, "not a request in HTTP: " + error.message());
}

}  // namespace troupe::content::http
