#include "router/content/http/server.h"

#include <algorithm>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <charconv>
#include <utility>

#include "router/content/http/cancelled.h"
#include "runtime/base/check.h"

namespace troupe::content::http {
namespace asio = boost::asio;
using asio::ip::tcp;

namespace {

// Connections beyond the limit that are told so; more are closed without a word.
constexpr size_t kRefusedAtOnce = 64;
constexpr std::chrono::milliseconds kPauseWithoutFiles{100};

Result<tcp::endpoint> EndpointOf(const std::string& address) {
  const Error wrong = Invalid("'" + address +
                              "' is no address to listen at; write HOST:PORT with the host as an IP address, "
                              "for example 127.0.0.1:8080 or [::]:8080, port 0 for a free one");
  const size_t colon = address.rfind(':');
  if (colon == address.npos) return wrong;
  std::string host = address.substr(0, colon);
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);
  uint16_t port = 0;
  const char* end = address.data() + address.size();
  const auto [stop, fault] = std::from_chars(address.data() + colon + 1, end, port);
  boost::system::error_code error;
  const auto ip = asio::ip::make_address(host == "localhost" ? "127.0.0.1" : host, error);
  if (fault != std::errc() || stop != end || error) return wrong;
  return tcp::endpoint(ip, port);
}

}  // namespace

Server::Server(asio::any_io_executor executor, const Options& options, const Clock& clock)
    : options_(options),
      clock_(clock),
      answers_(options_, counts_),
      shared_{.options = options_, .answers = answers_, .clock = clock},
      acceptor_(executor),
      housekeeping_(executor),
      serving_(executor) {}

Server::~Server() { CHECK(stopped_); }

Result<std::unique_ptr<Server>> Server::Start(asio::any_io_executor executor, const Store& store,
                                              const std::string& address, const Options& options, const Clock& clock,
                                              Note note) {
  std::unique_ptr<Server> server(new Server(std::move(executor), options, clock));
  // until something runs there is nothing to stop
  server->stopped_ = true;
  TRY_ASSIGN(server->shelf_, Shelf::Open(store, server->counts_, std::move(note)));
  server->shared_.shelf = server->shelf_.get();
  server->shared_.date.store(std::make_shared<const std::string>(HttpDate(clock.NowMs())));
  TRY(server->Listen(address));
  server->stopped_ = false;
  CHECK(server->housekeeping_.Spawn(server->Accept()));
  CHECK(server->housekeeping_.Spawn(server->Tick()));
  return server;
}

Status Server::Listen(const std::string& address) {
  TRY_ASSIGN(const tcp::endpoint endpoint, EndpointOf(address));
  boost::system::error_code error;
  acceptor_.open(endpoint.protocol(), error);
  if (!error) acceptor_.set_option(tcp::acceptor::reuse_address(true), error);
  if (!error) acceptor_.bind(endpoint, error);
  if (!error) acceptor_.listen(asio::socket_base::max_listen_connections, error);
  if (error) return Unavailable("cannot listen at " + address + ": " + error.message() + "; choose another port");
  port_ = acceptor_.local_endpoint().port();
  return {};
}

asio::awaitable<void> Server::Accept() {
  co_await asio::this_coro::throw_if_cancelled(false);
  asio::steady_timer pause(co_await asio::this_coro::executor);
  while (!IsCancelled(co_await asio::this_coro::cancellation_state)) {
    boost::system::error_code error;
    tcp::socket socket = co_await acceptor_.async_accept(asio::redirect_error(asio::use_awaitable, error));
    if (error == asio::error::operation_aborted || shared_.draining.load()) co_return;
    if (!error) {
      Welcome(std::move(socket));
      continue;
    }
    if (IsCancelled(co_await asio::this_coro::cancellation_state)) co_return;
    // no more file descriptors: those that wait are taken once some are free
    pause.expires_after(kPauseWithoutFiles);
    co_await pause.async_wait(asio::redirect_error(asio::use_awaitable, error));
    if (error) co_return;
  }
}

void Server::Welcome(tcp::socket socket) {
  std::shared_ptr<Session> session;
  {
    std::lock_guard lock(mutex_);
    if (sessions_.size() >= options_.max_connections + kRefusedAtOnce) return;
    const auto welcome =
        sessions_.size() >= options_.max_connections ? http::Welcome::kRefused : http::Welcome::kServed;
    session = std::make_shared<Session>(std::move(socket), shared_, welcome);
    sessions_.insert(session);
  }
  // refused only while stopping, when nobody looks at the list any more
  (void)serving_.Spawn(Serve(std::move(session)));
}

asio::awaitable<void> Server::Serve(std::shared_ptr<Session> session) {
  co_await session->Run();
  std::lock_guard lock(mutex_);
  sessions_.erase(session);
}

asio::awaitable<void> Server::Tick() {
  co_await asio::this_coro::throw_if_cancelled(false);
  asio::steady_timer timer(co_await asio::this_coro::executor);
  int64_t next_reload_ns = clock_.MonotonicNs();
  std::string date;
  while (!IsCancelled(co_await asio::this_coro::cancellation_state)) {
    timer.expires_after(options_.tick);
    boost::system::error_code error;
    co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, error));
    if (error) co_return;
    if (std::string now = HttpDate(clock_.NowMs()); now != date) {
      date = now;
      shared_.date.store(std::make_shared<const std::string>(std::move(now)));
    }
    LookAtAll();
    if (clock_.MonotonicNs() < next_reload_ns) continue;
    // small files in the page's cache; what is served meanwhile is served by the other threads
    shelf_->LookAgain();
    next_reload_ns = clock_.MonotonicNs() + std::chrono::nanoseconds(options_.reload_time).count();
  }
}

void Server::LookAtAll() {
  std::lock_guard lock(mutex_);
  for (const auto& session : sessions_) session->Look();
}

size_t Server::connections() const {
  std::lock_guard lock(mutex_);
  return sessions_.size();
}

bool Server::Stop(std::chrono::milliseconds limit) {
  if (stopped_) return true;
  stopped_ = true;
  shared_.draining.store(true);
  housekeeping_.Close();
  boost::system::error_code ignored;
  acceptor_.close(ignored);
  LookAtAll();
  // in steps, as a connection may have become idle since it was looked at
  bool ended = false;
  for (auto waited = options_.tick; !ended && waited <= limit + options_.tick; waited += options_.tick) {
    ended = serving_.Join(std::min(options_.tick, limit));
    if (!ended) LookAtAll();
  }
  serving_.Close();
  std::lock_guard lock(mutex_);
  sessions_.clear();
  return ended;
}

}  // namespace troupe::content::http
