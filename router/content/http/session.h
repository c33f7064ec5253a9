// One connection: reads a request, answers it, and again, until the client goes, a deadline passes or the server
// drains. Runs as one coroutine of the server's scope, on a strand of its own; what others ask of it (Look) is posted
// to that strand. Owned by its coroutine and, while that runs, by the server's list.
#pragma once

#include <atomic>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <memory>
#include <string>

#include "router/content/http/answers.h"
#include "router/content/http/request_reader.h"
#include "router/content/shelf.h"
#include "runtime/base/clock.h"

namespace troupe::content::http {

// What all sessions of a server use; outlives them.
struct Shared {
  const Options& options;
  const Answers& answers;
  const Clock& clock;
  const Shelf* shelf = nullptr;
  // HttpDate, brought up to date by the server's tick.
  std::atomic<std::shared_ptr<const std::string>> date;
  std::atomic<bool> draining{false};
};

// kRefused: answered with 503 and closed.
enum class Welcome { kServed, kRefused };

class Session : public std::enable_shared_from_this<Session> {
 public:
  Session(boost::asio::ip::tcp::socket socket, Shared& shared, Welcome welcome)
      : socket_(std::move(socket)), shared_(shared), reader_(shared.options), welcome_(welcome) {}

  boost::asio::awaitable<void> Run();
  // Closes where its deadline has passed, or where it waits for nothing and the server drains. From any thread.
  void Look();

 private:
  enum class State { kIdle, kHeaders, kBody, kWriting, kLingering };

  boost::asio::awaitable<void> Serve();
  boost::asio::awaitable<bool> ReadRequest();
  boost::asio::awaitable<bool> Write(const Answer& answer, Connection connection);
  boost::asio::awaitable<bool> Send(std::string_view bytes);
  boost::asio::awaitable<void> Linger();
  void Enter(State state);
  bool Overdue() const { return shared_.clock.MonotonicNs() >= deadline_ns_.load(std::memory_order_relaxed); }
  void CloseIfDue();

  boost::asio::ip::tcp::socket socket_;
  Shared& shared_;
  RequestReader reader_;
  const Welcome welcome_;
  std::string out_;
  // Its coroutine's strand; there once `started_`.
  boost::asio::any_io_executor strand_;
  std::atomic<bool> started_{false};
  // Read by Look without the strand, so that a server with many connections posts only to those that are due.
  std::atomic<State> state_{State::kIdle};
  std::atomic<int64_t> deadline_ns_{INT64_MAX};
  bool timed_out_ = false;
};

}  // namespace troupe::content::http
