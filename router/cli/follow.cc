#include "router/cli/follow.h"

#include <memory>
#include <optional>

#include "router/cli/interrupt.h"
#include "router/cli/message_json.h"
#include "router/cli/plain_lines.h"
#include "router/cli/run_folder.h"
#include "router/cli/screen.h"
#include "router/cli/terminal.h"

namespace troupe::cli {
namespace {

constexpr std::chrono::milliseconds kTick{80};

class Follower {
 public:
  Follower(Client& client, const Clock& clock, const FollowOptions& options)
      : client_(client), clock_(clock), options_(options), router_(RouterFlagFor(client.address())), plain_(router_) {
    if (options.show == Show::kProgress && IsTerminal(options.stream)) painter_.emplace(options.stream);
  }

  Result<TaskView> Follow(client::TaskStreamSpec spec) {
    spec.patience = std::chrono::milliseconds(options_.patience_ms);
    // a router of one's own making may still be starting
    if (options_.tick) spec.at_first = client::AtFirst::kMayBeAway;
    seen_ = spec.after_sequence;
    const auto stream = client_.Follow(std::move(spec));
    const auto end = ReadAll(*stream);
    ShowEnd();
    if (!end) return client_.Explain(end.error());
    if (left_ && !view_.ended())
      return Cancelled("interrupted; the task goes on" +
                       (task_id_.empty() ? "" : ": 'troupe watch " + task_id_ + "' follows it"));
    if (!view_.ended()) {
      return FailedPrecondition("task " + task_id_ + " has ended, and has no record after number " +
                                std::to_string(seen_));
    }
    return std::move(view_);
  }

 private:
  // Until the task ends or ctrl-C leaves it.
  troupe::Status ReadAll(RecordStream& stream) {
    v1::Record record;
    while (!left_) {
      const StreamState state = stream.Poll(kTick, record);
      task_id_ = stream.task_id();
      if (state == StreamState::kEnded) return stream.End();
      if (state == StreamState::kRecord) Take(record);
      if (state == StreamState::kAway) note_ = "the router does not answer; trying again";
      if (view_.ended()) return {};
      TRY(Tick());
    }
    return {};
  }

  void Take(const v1::Record& record) {
    note_.clear();
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
      const ScreenStyle style = Style();
      auto lines = RenderScreen(view_, clock_.NowMs(), frame_++, style, Moment::kLive);
      if (seen_ == 0) lines = {Paint("waiting for the router", "2", style.colour)};
      if (!note_.empty()) lines.push_back(Paint(note_, "33", style.colour));
      painter_->Paint(lines);
    }
    return {};
  }

  void ShowEnd() {
    if (!painter_) return;
    if (seen_ == 0) return painter_->Clear();
    painter_->Print(RenderScreen(view_, clock_.NowMs(), frame_, Style(), Moment::kFinal));
  }

  // Anew each time: terminals change their size.
  ScreenStyle Style() const {
    ScreenStyle style = StyleOf(options_.stream);
    style.router = router_;
    return style;
  }

  Client& client_;
  const Clock& clock_;
  const FollowOptions& options_;
  const std::string router_;
  TaskView view_;
  PlainLines plain_;
  std::optional<LivePainter> painter_;
  std::string task_id_;
  int64_t seen_ = 0;
  std::string note_;
  int frame_ = 0;
  int64_t painted_ns_ = 0;
  int interrupts_ = Interrupts();
  bool left_ = false;
};

}  // namespace

Result<TaskView> RunAndFollow(Client& client, const Clock& clock, v1::RunRequest request,
                              const FollowOptions& options) {
  client::TaskStreamSpec spec;
  spec.detail = request.detail();
  spec.run = std::move(*request.mutable_submit());
  return Follower(client, clock, options).Follow(std::move(spec));
}

Result<TaskView> WatchAndFollow(Client& client, const Clock& clock, const std::string& task_id, int64_t after_sequence,
                                v1::Detail detail, const FollowOptions& options) {
  return Follower(client, clock, options).Follow({task_id, after_sequence, detail});
}

}  // namespace troupe::cli
