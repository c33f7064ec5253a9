#include "router/content/http/session.h"

#include <boost/asio/buffer.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "router/content/http/cancelled.h"

namespace troupe::content::http {
namespace asio = boost::asio;

namespace {

constexpr std::chrono::milliseconds kLingerTime{2000};
// More than what a client may send at once, so that it reads why it was refused.
constexpr size_t kLingerBytes = 4u << 20;
// Answers up to here are sent in one piece with their head.
constexpr size_t kCopiedBytes = 16u << 10;

}  // namespace

asio::awaitable<void> Session::Run() {
  const auto self = shared_from_this();
  // a session that is cancelled sees it as an error of what it waits for
  co_await asio::this_coro::throw_if_cancelled(false);
  strand_ = co_await asio::this_coro::executor;
  started_.store(true, std::memory_order_release);
  boost::system::error_code ignored;
  socket_.non_blocking(true, ignored);
  socket_.set_option(asio::ip::tcp::no_delay(true), ignored);
  co_await Serve();
  socket_.close(ignored);
}

asio::awaitable<void> Session::Serve() {
  if (welcome_ == Welcome::kRefused) {
    const Answer full =
        ErrorAnswer(503, Unavailable("too many connections; try again in a moment"), "Retry-After: 1\r\n");
    if (co_await Write(full, Connection::kCloses)) co_await Linger();
    co_return;
  }
  for (;;) {
    if (!co_await ReadRequest()) co_return;
    if (reader_.failed()) {
      if (co_await Write(reader_.fault(), Connection::kCloses)) co_await Linger();
      co_return;
    }
    const bool keeps = reader_.keeps_open() && !shared_.draining.load(std::memory_order_relaxed);
    const Answer answer = shared_.answers.To(reader_.request(), shared_.shelf->library());
    if (!co_await Write(answer, keeps ? Connection::kKeptOpen : Connection::kCloses)) co_return;
    if (!keeps) co_return;
    reader_.Next();
  }
}

// True with a whole request, or with a fault that is worth an answer.
asio::awaitable<bool> Session::ReadRequest() {
  Enter(State::kIdle);
  for (;;) {
    const Progress progress = reader_.Advance();
    if (progress == Progress::kDone || progress == Progress::kFailed) co_return true;
    if (progress == Progress::kHeaders && state_ == State::kIdle) Enter(State::kHeaders);
    if (progress == Progress::kBody && state_ != State::kBody) Enter(State::kBody);
    if (progress == Progress::kBody && reader_.WantsContinue()) {
      if (!co_await Send("HTTP/1.1 100 Continue\r\n\r\n")) co_return false;
    }
    if (IsCancelled(co_await asio::this_coro::cancellation_state)) co_return false;
    // waits without a buffer, so that an idle connection costs next to nothing
    boost::system::error_code error;
    co_await socket_.async_wait(asio::ip::tcp::socket::wait_read, asio::redirect_error(asio::use_awaitable, error));
    if (error || timed_out_) co_return false;
    const size_t bytes = socket_.read_some(reader_.Space(), error);
    if (error && error != asio::error::would_block) co_return false;
    reader_.Took(bytes);
  }
}

asio::awaitable<bool> Session::Write(const Answer& answer, Connection connection) {
  out_.clear();
  const auto date = shared_.date.load();
  AppendHead(answer, *date, connection, out_);
  const std::string_view body = answer.without_body ? std::string_view() : answer.body();
  if (body.size() <= kCopiedBytes) {
    out_ += body;
    co_return co_await Send(out_);
  }
  if (!co_await Send(out_)) co_return false;
  co_return co_await Send(body);
}

asio::awaitable<bool> Session::Send(std::string_view bytes) {
  Enter(State::kWriting);
  while (!bytes.empty()) {
    boost::system::error_code error;
    // most answers fit into the socket: no need to ask whether they may be written
    size_t sent = socket_.write_some(asio::buffer(bytes), error);
    if (error == asio::error::would_block) {
      if (IsCancelled(co_await asio::this_coro::cancellation_state)) co_return false;
      error.clear();
      sent = co_await socket_.async_write_some(asio::buffer(bytes), asio::redirect_error(asio::use_awaitable, error));
      Enter(State::kWriting);
    }
    if (error) co_return false;
    bytes.remove_prefix(sent);
  }
  co_return true;
}

// A socket that is closed while bytes of the client's are unread takes the answer away from it. So it is told that
// nothing more comes, and what it still sends is thrown away for a while.
asio::awaitable<void> Session::Linger() {
  Enter(State::kLingering);
  boost::system::error_code error;
  socket_.shutdown(asio::ip::tcp::socket::shutdown_send, error);
  char ignored[4096];
  size_t seen = 0;
  while (!error && seen < kLingerBytes) {
    if (IsCancelled(co_await asio::this_coro::cancellation_state)) co_return;
    seen += co_await socket_.async_read_some(asio::buffer(ignored), asio::redirect_error(asio::use_awaitable, error));
  }
}

void Session::Enter(State state) {
  const Options& options = shared_.options;
  const auto time = state == State::kIdle      ? options.idle_time
                    : state == State::kHeaders ? options.header_time
                    : state == State::kBody    ? options.body_time
                    : state == State::kWriting ? options.write_time
                                               : kLingerTime;
  deadline_ns_.store(shared_.clock.MonotonicNs() + std::chrono::nanoseconds(time).count(), std::memory_order_relaxed);
  state_.store(state, std::memory_order_relaxed);
}

void Session::Look() {
  if (!started_.load(std::memory_order_acquire)) return;
  const bool ends =
      shared_.draining.load(std::memory_order_relaxed) && state_.load(std::memory_order_relaxed) == State::kIdle;
  if (!ends && !Overdue()) return;
  asio::post(strand_, [self = shared_from_this()] { self->CloseIfDue(); });
}

void Session::CloseIfDue() {
  const State state = state_.load(std::memory_order_relaxed);
  const bool ends = shared_.draining.load(std::memory_order_relaxed) && state == State::kIdle;
  if (!ends && !Overdue()) return;
  boost::system::error_code ignored;
  if (state == State::kHeaders || state == State::kBody) {
    // said once and not waited for: who is this slow may not read either
    timed_out_ = true;
    std::string out;
    const auto date = shared_.date.load();
    const Answer late = ErrorAnswer(408, {Code::kDeadlineExceeded, "the request did not come in time"});
    AppendHead(late, *date, Connection::kCloses, out);
    out += late.own;
    socket_.write_some(asio::buffer(out), ignored);
    socket_.shutdown(asio::ip::tcp::socket::shutdown_send, ignored);
  }
  socket_.close(ignored);
}

}  // namespace troupe::content::http
