#include "runtime/async/scope.h"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <condition_variable>
#include <exception>
#include <functional>
#include <list>
#include <mutex>
#include <utility>
#include <vector>

#include "runtime/base/check.h"

namespace troupe::async {
namespace asio = boost::asio;

namespace {
struct Piece {
  explicit Piece(const asio::any_io_executor& executor) : strand(asio::make_strand(executor)) {}
  asio::strand<asio::any_io_executor> strand;
  // Touched on the strand only.
  asio::cancellation_signal signal;
};

void EmitOnStrand(std::shared_ptr<Piece> piece) {
  auto& strand = piece->strand;
  asio::post(strand, [piece = std::move(piece)] { piece->signal.emit(asio::cancellation_type::terminal); });
}
}  // namespace

struct Scope::State {
  std::mutex mutex;
  std::condition_variable ended;
  std::list<std::shared_ptr<Piece>> pieces;
  std::vector<std::function<void()>> on_empty;
  bool closing = false;

  void End(std::list<std::shared_ptr<Piece>>::iterator piece) {
    std::vector<std::function<void()>> wake;
    {
      std::lock_guard lock(mutex);
      pieces.erase(piece);
      if (pieces.empty()) wake.swap(on_empty);
      ended.notify_all();
    }
    for (const auto& notify : wake) notify();
  }
};

Scope::Scope(asio::any_io_executor executor) : executor_(std::move(executor)), state_(std::make_shared<State>()) {}

Scope::~Scope() { CHECK(running() == 0); }

Status Scope::Spawn(asio::awaitable<void> work) {
  TRY(SpawnCancellable(std::move(work)));
  return {};
}

Result<std::function<void()>> Scope::SpawnCancellable(asio::awaitable<void> work) {
  auto piece = std::make_shared<Piece>(executor_);
  std::list<std::shared_ptr<Piece>>::iterator place;
  {
    std::lock_guard lock(state_->mutex);
    if (state_->closing) return Unavailable("shutting down; try again elsewhere");
    place = state_->pieces.insert(state_->pieces.end(), piece);
  }
  auto finish = [state = state_, place, piece](std::exception_ptr thrown) {
    if (thrown) std::rethrow_exception(thrown);
    state->End(place);
  };
  // co_spawn would start the work inside this call where the caller is on the executor already
  asio::post(piece->strand, [piece, work = std::move(work), finish = std::move(finish)]() mutable {
    asio::co_spawn(piece->strand, std::move(work),
                   asio::bind_cancellation_slot(piece->signal.slot(), std::move(finish)));
  });
  return [weak = std::weak_ptr<Piece>(piece)] {
    if (auto alive = weak.lock()) EmitOnStrand(std::move(alive));
  };
}

void Scope::Cancel() {
  std::vector<std::shared_ptr<Piece>> pieces;
  {
    std::lock_guard lock(state_->mutex);
    state_->closing = true;
    pieces.assign(state_->pieces.begin(), state_->pieces.end());
  }
  for (auto& piece : pieces) EmitOnStrand(std::move(piece));
}

bool Scope::Join(std::chrono::milliseconds limit) {
  std::unique_lock lock(state_->mutex);
  state_->closing = true;
  return state_->ended.wait_for(lock, limit, [this] { return state_->pieces.empty(); });
}

void Scope::Close() {
  Cancel();
  std::unique_lock lock(state_->mutex);
  state_->ended.wait(lock, [this] { return state_->pieces.empty(); });
}

asio::awaitable<void> Scope::CloseAsync() {
  Cancel();
  auto executor = co_await asio::this_coro::executor;
  auto timer = std::make_shared<asio::steady_timer>(executor, asio::steady_timer::time_point::max());
  {
    std::lock_guard lock(state_->mutex);
    if (state_->pieces.empty()) co_return;
    state_->on_empty.push_back([timer, executor] { asio::post(executor, [timer] { timer->cancel(); }); });
  }
  boost::system::error_code ignored;
  co_await timer->async_wait(asio::redirect_error(asio::use_awaitable, ignored));
}

size_t Scope::running() const {
  std::lock_guard lock(state_->mutex);
  return state_->pieces.size();
}

}  // namespace troupe::async
