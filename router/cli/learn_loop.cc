#include "router/cli/learn_loop.h"

#include <algorithm>
#include <chrono>
#include <optional>
#include <thread>
#include <utility>

#include "router/cli/format.h"
#include "router/cli/table.h"
#include "router/lessons/lesson_file.h"
#include "runtime/base/digest.h"

namespace troupe::cli {
namespace {

constexpr std::chrono::milliseconds kTick{50};
constexpr int kTicksBetweenLooks = 20;

std::string Told(const learn::Event& event) {
  const auto round = [](int number) { return "round " + std::to_string(number) + ": "; };
  if (const auto* begun = std::get_if<learn::Begun>(&event)) {
    return round(begun->round) + Plural(begun->lessons, "new lesson") + ", learning";
  }
  if (const auto* refused = std::get_if<learn::Refused>(&event))
    return round(refused->round) + "refused: " + refused->why;
  if (const auto* learnt = std::get_if<learn::Learnt>(&event)) return round(learnt->round) + "learnt: " + learnt->model;
  if (const auto* offered = std::get_if<learn::Offered>(&event)) {
    return round(offered->round) + "tried out as version " + ShortDigest(offered->version);
  }
  if (const auto* reverted = std::get_if<learn::Reverted>(&event)) {
    return round(reverted->round) + "gone back from: " + reverted->why;
  }
  const auto& ended = std::get<learn::Ended>(event);
  using How = learn::Ended::How;
  if (ended.how == How::kPromoted) return round(ended.round) + "promoted";
  return round(ended.round) + (ended.how == How::kRolledBack ? "rolled back: " : "given up: ") + ended.why;
}

// A router that is away, busy or stopping comes back; a full disk may be made room on.
bool IsPassing(const Error& error) {
  return error.code == Code::kUnavailable || error.code == Code::kDeadlineExceeded || error.code == Code::kCancelled ||
         error.code == Code::kResourceExhausted;
}

class Loop {
 public:
  Loop(LoopOptions options, learn::RoundsFile rounds)
      : options_(std::move(options)), rounds_(std::move(rounds)), client_(options_.router) {
    const auto asked = std::move(options_.tools.stopped);
    options_.tools.stopped = [this, asked] {
      stopping_ = stopping_ || asked() || rounds_.TakeStopRequest();
      return stopping_;
    };
  }

  Status Run() {
    while (!options_.tools.stopped()) {
      const Result<bool> acted = Turn();
      // a router that stops says the same
      if (!acted && acted.error().code == Code::kCancelled && options_.tools.stopped()) return {};
      if (!acted && !IsPassing(acted.error())) return acted.error();
      if (!acted) SayOnce(acted.error().message);
      for (int i = 0; (!acted || !*acted) && i < kTicksBetweenLooks && !options_.tools.stopped(); ++i) {
        std::this_thread::sleep_for(kTick);
      }
    }
    return {};
  }

 private:
  // Looks, and does what is to be done; false where that is nothing.
  Result<bool> Turn() {
    learn::Seen seen;
    TRY(LookAtLessons(seen));
    TRY(LookAtRouter(seen));
    away_.clear();
    const learn::Action action = learn::Next(options_.tools.spec.rule, rounds_.state(), seen);
    if (std::holds_alternative<learn::Wait>(action)) return false;
    if (const auto* note = std::get_if<learn::Note>(&action)) {
      TRY(Append(note->event));
    } else if (const auto* train = std::get_if<learn::Train>(&action)) {
      TRY_ASSIGN(const learn::Event learnt, TrainRound(options_.tools, client_, train->round));
      TRY(Append(learnt));
    } else if (const auto* offer = std::get_if<learn::Offer>(&action)) {
      TRY(HandOver(offer->round));
    } else {
      return PromoteCanary(std::get<learn::Promote>(action).version);
    }
    return true;
  }

  // False where something came between, which is seen the next time.
  Result<bool> PromoteCanary(const std::string& version) {
    v1::PromoteRequest request;
    request.set_name(options_.tools.spec.graph);
    request.set_version(version);
    const auto promoted = client_.Promote(request);
    if (promoted) return true;
    if (promoted.error().code == Code::kFailedPrecondition) return false;
    return promoted.error();
  }

  Status Append(const learn::Event& event) {
    TRY(rounds_.Append(event));
    options_.say(Told(event));
    return {};
  }

  Status LookAtLessons(learn::Seen& seen) {
    const learn::LoopSpec& spec = options_.tools.spec;
    seen.newest_lesson = rounds_.state().last_lesson();
    auto file = lessons::LessonFile::OpenToRead(options_.tools.data_folder / lessons::kFileName);
    // made with the first lesson
    if (!file && file.error().code == Code::kNotFound) return {};
    if (!file) return file.error();
    TRY_ASSIGN(const auto count, file->CountAfter(spec.graph, spec.step, seen.newest_lesson));
    seen.new_lessons = count.lessons;
    seen.newest_lesson = count.last;
    return {};
  }

  Status LookAtRouter(learn::Seen& seen) {
    TRY_ASSIGN(const v1::ListVersionsResponse versions, client_.ListVersions(options_.tools.spec.graph));
    for (const v1::GraphVersion& version : versions.versions()) {
      if (version.role() == v1::VERSION_ROLE_CURRENT) seen.current = version.version();
    }
    if (versions.has_canary()) {
      seen.canary = versions.canary().version();
      const v1::TaskTally& tally = versions.canary().on_canary();
      seen.ended_on_canary = tally.ended();
      seen.answers_on_canary = tally.answers();
      seen.checked_on_canary = tally.checked();
    }
    const auto& rounds = rounds_.state().rounds;
    const std::string ours = rounds.empty() ? "" : rounds.back().version;
    if (ours.empty()) return {};
    for (const v1::GraphEvent& event : versions.events()) {
      const bool is_back = event.has_rolled_back() && event.rolled_back().from_version() == ours;
      const bool is_there = (event.has_applied() && event.applied().version() == ours) ||
                            (event.has_canary_started() && event.canary_started().version() == ours) ||
                            (event.has_canary_promoted() && event.canary_promoted().version() == ours);
      if (is_there) seen.rolled_back.reset();
      if (is_back)
        seen.rolled_back = event.rolled_back().reason().empty() ? "by a person" : event.rolled_back().reason();
      seen.was_handed_over = seen.was_handed_over || is_there || is_back;
    }
    return {};
  }

  Status HandOver(const learn::Round& round) {
    TRY_ASSIGN(const StudentVersion version, MakeVersion(options_.tools, client_, round));
    const bool was_written = round.phase == learn::Round::Phase::kOffered;
    if (was_written && version.version != round.version) {
      return Append(learn::Ended{round.number, learn::Ended::How::kReplaced, "the graph was changed meanwhile"});
    }
    if (!was_written) TRY(Append(learn::Offered{round.number, version.version}));
    const rollout::CanaryRule& rule = options_.tools.spec.canary;
    v1::ApplyRequest request;
    *request.mutable_source() = version.source;
    v1::CanaryRule& canary = *request.mutable_canary();
    canary.set_percent(rule.percent);
    canary.set_min_tasks(static_cast<int32_t>(rule.min_tasks));
    canary.set_margin_percent(rule.margin_percent);
    canary.set_unsure_margin_percent(rule.unsure_margin_percent);
    canary.set_differing_margin_percent(rule.differing_margin_percent);
    canary.set_min_checks(static_cast<int32_t>(rule.min_checks));
    TRY(client_.Apply(request));
    return {};
  }

  void SayOnce(const std::string& line) {
    if (std::exchange(away_, line) != line) options_.say(line);
  }

  LoopOptions options_;
  learn::RoundsFile rounds_;
  Client client_;
  bool stopping_ = false;
  // What was said of a router that is away.
  std::string away_;
};

}  // namespace

Status RunLoop(LoopOptions options) {
  TRY_ASSIGN(learn::RoundsFile rounds, learn::RoundsFile::Open(options.tools.spec.folder));
  return Loop(std::move(options), std::move(rounds)).Run();
}

std::vector<std::string> RenderRounds(const learn::LoopState& state, int width) {
  if (state.rounds.empty()) return {"no round yet: it waits for lessons"};
  Table table({"ROUND", "LESSONS", "GATE", "CANARY", "OUTCOME"});
  for (const learn::Round& round : state.rounds) {
    using Phase = learn::Round::Phase;
    const bool is_refused = round.phase == Phase::kRefused;
    const std::string gate = round.phase == Phase::kLearning ? "-" : is_refused ? "refused" : "passed";
    std::string outcome = learn::PhaseName(round.phase);
    if (!round.why.empty()) outcome += ": " + round.why;
    table.Add({std::to_string(round.number), FormatCount(round.lessons), gate,
               round.version.empty() ? "-" : ShortDigest(round.version), outcome});
  }
  return table.Render(width);
}

}  // namespace troupe::cli
