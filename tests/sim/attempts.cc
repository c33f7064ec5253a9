// What the simulated router does with an attempt at a step: finds it a replica, listens, and hands its end to the core.
#include <utility>

#include "tests/sim/router.h"

namespace troupe::sim {
namespace {

constexpr int kMaxResends = 5;

core::Event EndOf(const std::string& path, int attempt, dispatch::StepOutcome outcome) {
  if (outcome.output) {
    return core::StepDone{.path = path,
                          .attempt = attempt,
                          .output = std::move(*outcome.output),
                          .usage = outcome.usage,
                          .site = std::move(outcome.site)};
  }
  return core::StepFailed{.path = path,
                          .attempt = attempt,
                          .error = std::move(outcome.output).error(),
                          .usage = outcome.usage,
                          .site = std::move(outcome.site)};
}

}  // namespace

void Router::Begin(const std::string& name, const core::StartStep& start, int64_t delay_ms) {
  const auto attempt = std::make_shared<Attempt>(
      Attempt{.path = start.path, .attempt = start.attempt, .agent = start.agent, .input = start.input});
  tasks_[name].attempts[start.path] = attempt;
  const graph::Step* step = core::FindStep(*tasks_[name].graph, start.path);
  int hedge_percent = step != nullptr && step->agent ? step->agent->hedge_percent : 0;
  const bool asks = !tasks_[name].graph->agents.at(start.agent).asks.empty();
  if (!start.may_hedge && (asks || world_.options.bug != Bug::kSecondTryNotSetAside)) hedge_percent = 0;
  Later(delay_ms, [this, name, attempt, hedge_percent, timeout_ms = start.timeout_ms] {
    if (attempt->over) return;
    if (timeout_ms > 0) {
      Later(timeout_ms, [this, name, attempt] {
        End(name, attempt, {.output = Error{Code::kDeadlineExceeded, "too slow"}, .site = SiteOf(*attempt)});
      });
    }
    const auto record = tasks_[name].state.steps.find(attempt->path);
    const bool has_text = record != tasks_[name].state.steps.end() && !record->second.committed_text.empty();
    if (hedge_percent > 0 && !has_text) return StartHedged(name, attempt, hedge_percent);
    Place(name, attempt);
  });
}

void Router::Drop(const AttemptPtr& attempt) {
  attempt->over = true;
  attempt->ear = nullptr;
  if (const auto hedged = std::exchange(attempt->hedged, nullptr)) hedged->Cancel();
  if (attempt->stream == 0) return;
  calls_.Cancel(attempt->stream);
  Leave(attempt, dispatch::Verdict::kNeither);
}

void Router::Stop(Task& task, const std::string& path) {
  const auto found = task.attempts.find(path);
  if (found == task.attempts.end()) return;
  const AttemptPtr attempt = found->second;
  task.attempts.erase(found);
  Drop(attempt);
}

void Router::Place(const std::string& name, const AttemptPtr& attempt) {
  if (const auto choice = dispatch::Choose(Candidates(*attempt), ++turn_)) {
    SendTo(name, attempt, *choice);
  } else {
    waiting_[attempt->agent].push_back({name, attempt});
  }
}

void Router::SendTo(const std::string& name, const AttemptPtr& attempt, const dispatch::Choice& choice) {
  if (disk_.IsFinished(name, attempt->path, attempt->attempt)) {
    world_.Violation(name + ": step '" + attempt->path + "' is sent out again although its end is on disk");
  }
  if (BreakerOf(attempt->agent, choice.index).At(world_.clock.now_ms()) == dispatch::Circuit::kOpen) {
    world_.Violation(name + ": step '" + attempt->path + "' is sent to a replica whose circuit is open");
  }
  ++world_.outcome.steps_sent;
  world_.outcome.second_tries += attempt->is_second;
  world_.Trace(name + " sends " + attempt->path + " attempt " + std::to_string(attempt->attempt) + " to " +
               attempt->agent + "-" + std::to_string(choice.index) + ": " + choice.reason);
  attempt->tried.insert(choice.index);
  attempt->replica = choice.index;
  BreakerOf(attempt->agent, choice.index).OnSent(world_.clock.now_ms());
  attempt->unanswered.clear();
  const graph::Agent& agent = tasks_[name].graph->agents.at(attempt->agent);
  std::vector<std::string> peers;
  for (const auto& [peer, max] : agent.asks) peers.push_back(peer);
  // Text that was received and not recorded is this attempt's all the same: a new replica goes on after it.
  const auto record = tasks_[name].state.steps.find(attempt->path);
  const bool is_recorded = record != tasks_[name].state.steps.end() && !attempt->ear;
  const std::string committed = is_recorded ? record->second.committed_text : "";
  attempt->stream =
      calls_.Send(attempt->agent, choice.index,
                  {.key = name + "/" + attempt->path + "/" + std::to_string(attempt->attempt) +
                          (attempt->is_second ? "/hedge" : ""),
                   .input = attempt->input,
                   .committed_text = committed + attempt->unrecorded_text,
                   .agent_counts_tokens = agent.max_tokens > 0,
                   .peers = std::move(peers)},
                  {.on_text = [this, name, attempt](const std::string& text,
                                                    int64_t tokens) { OnText(name, attempt, text, tokens); },
                   .on_ask = [this, name, attempt](const Question& question) { OnAsk(name, attempt, question); },
                   .on_done =
                       [this, name, attempt](Value output, core::Usage usage) {
                         Leave(attempt, dispatch::Verdict::kWorks);
                         End(name, attempt, {.output = std::move(output), .usage = usage, .site = SiteOf(*attempt)});
                       },
                   .on_failed =
                       [this, name, attempt](Error error, core::Usage usage) {
                         Leave(attempt, dispatch::VerdictOf(error.code));
                         End(name, attempt, {.output = std::move(error), .usage = usage, .site = SiteOf(*attempt)});
                       },
                   .on_broken = [this, name, attempt] { OnBroken(name, attempt); }});
}

// One progress record now and then holds all the text since the one before.
void Router::OnText(const std::string& name, const AttemptPtr& attempt, const std::string& text, int64_t tokens) {
  if (attempt->over) return;
  attempt->unrecorded_text += text;
  attempt->generated_tokens = tokens;
  if (const auto ear = attempt->ear) return ear->OnStepText(attempt->path, attempt->attempt, text, tokens);
  if (world_.chance.OneIn(2)) return;
  Take(name, core::StepProgress{.path = attempt->path,
                                .attempt = attempt->attempt,
                                .text = std::exchange(attempt->unrecorded_text, {}),
                                .generated_tokens = tokens});
}

void Router::OnAsk(const std::string& name, const AttemptPtr& attempt, const Question& question) {
  if (attempt->over) return;
  attempt->unanswered[question.ordinal] = question;
  Take(name, core::StepAsked{.path = attempt->path,
                             .attempt = attempt->attempt,
                             .ordinal = question.ordinal,
                             .peer = question.peer,
                             .input = question.input});
}

void Router::Answer(const std::string& name, const std::string& path, int ordinal, const Question& question,
                    const Result<Value>& answer) {
  auto& attempts = tasks_[name].attempts;
  const auto found = attempts.find(path);
  if (found == attempts.end() || found->second->stream == 0) return;
  Attempt& attempt = *found->second;
  const auto asked = attempt.unanswered.find(ordinal);
  const bool is_open = asked != attempt.unanswered.end() && asked->second == question;
  if (!is_open && world_.options.bug != Bug::kAnswerByOrdinalOnly) return;
  attempt.unanswered.erase(ordinal);
  calls_.Answer(attempt.stream, ordinal, answer);
}

// The replica is lost, not the attempt: it goes to another one under the same key.
void Router::OnBroken(const std::string& name, const AttemptPtr& attempt) {
  if (attempt->over) return;
  Leave(attempt, dispatch::Verdict::kFails);
  if (attempt->is_second || ++attempt->resends > kMaxResends) {
    return End(name, attempt, {.output = Unavailable("replicas were lost too often"), .site = SiteOf(*attempt)});
  }
  Later(10 << attempt->resends, [this, name, attempt] {
    if (!attempt->over) Place(name, attempt);
  });
}

void Router::End(const std::string& name, const AttemptPtr& attempt, dispatch::StepOutcome outcome) {
  if (attempt->over) return;
  const auto ear = attempt->ear;
  Drop(attempt);
  if (ear) return ear->OnStepEnd(attempt->path, attempt->attempt, std::move(outcome));
  auto& attempts = tasks_[name].attempts;
  const auto found = attempts.find(attempt->path);
  if (found != attempts.end() && found->second == attempt) attempts.erase(found);
  core::Event event = EndOf(attempt->path, attempt->attempt, std::move(outcome));
  // What was taken already may come once more, out of its turn: the core takes no notice.
  if (world_.chance.OneIn(12)) {
    ++world_.outcome.messages_doubled;
    Later(world_.chance.Between(0, 60), [this, name, event] { Take(name, event); });
  }
  Take(name, std::move(event));
}

void Router::OnRoom(const std::string& agent) {
  if (!is_up_) return;
  if (world_.options.bug == Bug::kWakeUpDropped && world_.chance.OneIn(10)) return;
  // Each is tried once; who finds no room goes to the end of the line again.
  for (auto waiting = std::exchange(waiting_[agent], {}); !waiting.empty(); waiting.pop_front()) {
    const Waiting& first = waiting.front();
    if (!first.attempt->over) Place(first.task, first.attempt);
  }
}

core::WorkSite Router::SiteOf(const Attempt& attempt) const {
  return {.agent = attempt.agent, .ended_ms = world_.wall_ms()};
}

}  // namespace troupe::sim
