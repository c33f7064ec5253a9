// The HTTP side of content: serves and fills what is published in a store, on threads that are given. Lives as long as
// its owner wants it served; the store, the clock and the executor's threads outlive it.
// Stops: Stop (stops accepting, lets requests end, closes), which the destructor insists on.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <chrono>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_set>

#include "router/content/http/answers.h"
#include "router/content/http/options.h"
#include "router/content/http/session.h"
#include "router/content/shelf.h"
#include "router/content/store.h"
#include "router/content/use_counts.h"
#include "runtime/async/scope.h"
#include "runtime/base/clock.h"
#include "runtime/base/error.h"

namespace troupe::content::http {

class Server {
 public:
  using Note = Shelf::Note;

  // Listens at "host:port", port 0 for a free one, and serves at once. `note` is called on the executor. Errors:
  // INVALID_ARGUMENT for the address, UNAVAILABLE where it is taken, the store's where it cannot be read.
  static Result<std::unique_ptr<Server>> Start(boost::asio::any_io_executor executor, const Store& store,
                                               const std::string& address, const Options& options, const Clock& clock,
                                               Note note);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  int port() const { return port_; }
  size_t connections() const;

  // Accepts nothing more, closes what is idle, lets running requests end within the limit, then cuts the rest off. True
  // where all ended by themselves. Not from the executor's only thread.
  bool Stop(std::chrono::milliseconds limit);

 private:
  Server(boost::asio::any_io_executor executor, const Options& options, const Clock& clock);
  Status Listen(const std::string& address);
  boost::asio::awaitable<void> Accept();
  boost::asio::awaitable<void> Tick();
  boost::asio::awaitable<void> Serve(std::shared_ptr<Session> session);
  void Welcome(boost::asio::ip::tcp::socket socket);
  void LookAtAll();

  const Options options_;
  const Clock& clock_;
  UseCounts counts_;
  std::unique_ptr<Shelf> shelf_;
  Answers answers_;
  Shared shared_;
  boost::asio::ip::tcp::acceptor acceptor_;
  int port_ = 0;
  mutable std::mutex mutex_;
  std::unordered_set<std::shared_ptr<Session>> sessions_;
  bool stopped_ = false;
  async::Scope housekeeping_;
  async::Scope serving_;
};

}  // namespace troupe::content::http
