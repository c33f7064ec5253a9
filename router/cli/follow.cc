#include "router/cli/follow.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <thread>

#include "router/cli/interrupt.h"
#include "router/cli/message_json.h"
#include "router/cli/plain_lines.h"
#include "router/cli/screen.h"
#include "router/cli/terminal.h"

namespace troupe::cli {
namespace {

constexpr std::chrono::milliseconds kTick{80};
constexpr int64_t kFirstPauseMs = 100;
constexpr int64_t kMaxPauseMs = 1'000;
constexpr int64_t kNsPerMs = 1'000'000;

class Follower {
 public:
  Follower(Client& client, const Clock& clock, v1::Detail detail, const FollowOptions& options)
      : client_(client), clock_(clock), detail_(detail), options_(options) {
    if (options.show == Show::kProgress && IsTerminal(options.stream)) painter_.emplace(options.stream);
  }

  // `open` makes the first stream, and again one until the task's id is known.
  Result<TaskView> Follow(const std::function<std::unique_ptr<RecordStream>()>& open, std::string task_id,
                          int64_t after) {
    task_id_ = std::move(task_id);
    seen_ = after;
    int64_t away_since_ns = 0;
    for (int64_t pause_ms = kFirstPauseMs;; pause_ms = std::min(2 * pause_ms, kMaxPauseMs)) {
      const int64_t seen_before = seen_;
      auto stream = task_id_.empty() ? open() : OpenWatch();
      auto end = ReadAll(*stream);
      if (view_.ended() || left_) break;
      if (end) end = Unavailable("the router ended the stream before the task's end");
      if (!IsRetryable(end.error().code)) return Fail(end.error());
      // never reached: not a router that went away for a moment, but none
      if (!reached_ && !options_.tick) return Fail(end.error());
      const int64_t now_ns = clock_.MonotonicNs();
      if (away_since_ns == 0 || seen_ > seen_before) {
        away_since_ns = now_ns;
        pause_ms = kFirstPauseMs;
      }
      if (now_ns - away_since_ns > options_.patience_ms * kNsPerMs) return Fail(end.error());
      note_ = "the router does not answer; trying again";
      auto paused = Pause(pause_ms);
      if (!paused) return Fail(paused.error());
      if (left_) break;
    }
    ShowEnd();
    if (left_ && !view_.ended())
      return Cancelled("interrupted; the task goes on" +
                       (task_id_.empty() ? "" : ": 'troupe watch " + task_id_ + "' follows it"));
    return std::move(view_);
  }

 private:
  std::unique_ptr<RecordStream> OpenWatch() {
    v1::WatchRequest request;
    request.set_task_id(task_id_);
    request.set_after_sequence(seen_);
    request.set_detail(detail_);
    return client_.Watch(request);
  }

  // Until the stream ends or ctrl-C leaves it; how it ended.
  troupe::Status ReadAll(RecordStream& stream) {
    v1::Record record;
    while (true) {
      const StreamState state = stream.Poll(kTick, record);
      if (task_id_.empty() && !stream.task_id().empty()) {
        task_id_ = stream.task_id();
        reached_ = true;
      }
      if (state == StreamState::kEnded) return stream.End();
      if (state == StreamState::kRecord) Take(record);
      if (view_.ended()) return {};
      TRY(Tick());
      if (left_) return {};
    }
  }

  void Take(const v1::Record& record) {
    note_.clear();
    reached_ = true;
    if (view_.Fold(record) == Folded::kSeen) return;
    seen_ = record.sequence();
    if (options_.show == Show::kRecords) PrintJson(options_.stream, ToJson(record));
    if (options_.show != Show::kProgress || painter_) return;
    for (const std::string& line : plain_.Next(view_, record)) PrintText(options_.stream, line);
  }

  // What happens several times a second: ctrl-C, the screen, the caller's own work.
  troupe::Status Tick() {
    if (options_.tick) TRY(options_.tick());
    if (Interrupts() > interrupts_) {
      ++interrupts_;
      const bool cancel = options_.on_interrupt == OnInterrupt::kCancel && interrupts_ == 1 && !task_id_.empty();
      if (cancel) {
        note_ = "stopping; ctrl-C again leaves at once";
        // an error here shows itself as the task going on; the second ctrl-C leaves
        (void)client_.Cancel(task_id_, "ctrl-C in troupe run");
      } else {
        left_ = true;
      }
    }
    const int64_t now_ns = clock_.MonotonicNs();
    if (painter_ && now_ns - painted_ns_ >= std::chrono::nanoseconds(kTick).count()) {
      painted_ns_ = now_ns;
      const ScreenStyle style = StyleOf(options_.stream);
      auto lines = RenderScreen(view_, clock_.NowMs(), frame_++, style, Moment::kLive);
      if (seen_ == 0) lines = {Paint("waiting for the router", "2", style.colour)};
      if (!note_.empty()) lines.push_back(Paint(note_, "33", style.colour));
      painter_->Paint(lines);
    }
    return {};
  }

  // Until the pause is over or the router is back.
  troupe::Status Pause(int64_t pause_ms) {
    const int64_t until_ns = clock_.MonotonicNs() + pause_ms * kNsPerMs;
    bool back = false;
    while (clock_.MonotonicNs() < until_ns && !left_ && !back) {
      const auto tick = std::min(kTick, std::chrono::milliseconds(pause_ms));
      back = client_.WaitForConnection(tick);
      // one that is there and refuses must not be asked without a pause
      if (back) std::this_thread::sleep_for(tick);
      TRY(Tick());
    }
    return {};
  }

  void ShowEnd() {
    if (!painter_) return;
    if (seen_ == 0) return painter_->Clear();
    painter_->Print(RenderScreen(view_, clock_.NowMs(), frame_, StyleOf(options_.stream), Moment::kFinal));
  }

  Error Fail(Error error) {
    ShowEnd();
    return error;
  }

  Client& client_;
  const Clock& clock_;
  const v1::Detail detail_;
  const FollowOptions& options_;
  TaskView view_;
  PlainLines plain_;
  std::optional<LivePainter> painter_;
  std::string task_id_;
  int64_t seen_ = 0;
  // A router has answered at least once.
  bool reached_ = false;
  std::string note_;
  int frame_ = 0;
  int64_t painted_ns_ = 0;
  int interrupts_ = Interrupts();
  bool left_ = false;
};

}  // namespace

Result<TaskView> RunAndFollow(Client& client, const Clock& clock, v1::RunRequest request,
                              const FollowOptions& options) {
  return Follower(client, clock, request.detail(), options).Follow([&] { return client.Run(request); }, "", 0);
}

Result<TaskView> WatchAndFollow(Client& client, const Clock& clock, const std::string& task_id, int64_t after_sequence,
                                v1::Detail detail, const FollowOptions& options) {
  return Follower(client, clock, detail, options).Follow(nullptr, task_id, after_sequence);
}

}  // namespace troupe::cli
