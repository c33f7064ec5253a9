// Who may send text next. An agent that writes many texts at once would send a piece of each at every step of its
// model, which costs the agent, the router and the client more than the model does; people read no faster for it. So
// pieces go out one after the other at a rate that is bounded by the machine's cores, however many streams there are,
// and a stream's text is joined while it waits for its turn: on two cores one stream alone sends 120 pieces a second,
// sixteen send some 8 each.
//
// Thread-safe; calls back on a thread of its own, which the destructor ends.
#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <thread>

namespace troupe::host {

class TextSender {
 public:
  virtual ~TextSender() = default;
  virtual void TurnCame() = 0;
};

class TextTurns {
 public:
  using Clock = std::chrono::steady_clock;

  // Pieces a second for each core: some 2 % of its time, in all processes that a piece goes through.
  static constexpr int kPiecesPerCore = 60;
  static Clock::duration GapFor(unsigned cores);

  // `gap`: between two turns.
  explicit TextTurns(Clock::duration gap = GapFor(std::thread::hardware_concurrency()));
  ~TextTurns();
  TextTurns(const TextTurns&) = delete;
  TextTurns& operator=(const TextTurns&) = delete;

  // True where it is the sender's turn at once. Else its TurnCame is called when it is, once, unless it is gone by
  // then.
  bool Take(std::weak_ptr<TextSender> sender);

 private:
  void Run();

  const Clock::duration gap_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::weak_ptr<TextSender>> waiting_;
  Clock::time_point next_{};  // turn
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace troupe::host
