// One decision in the making: what follows from an event that is in the state already. Lives for one call of Decide.
// Every decision is put into the state at once (apply.h), so that each next one is taken on the state that all before
// have made.
//
// A list of things to look at (begin a step, go on after a step has ended) is worked off in order, not by recursion: a
// long chain of steps left out must not grow the stack.
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "router/core/place.h"
#include "router/core/task.h"
#include "router/graph/graph.h"

namespace troupe::core {

class Decider {
 public:
  // All three must outlive it; decisions are appended to `record`.
  Decider(const graph::Graph& graph, TaskState& state, Record& record)
      : graph_(graph), state_(state), record_(record), now_ms_(record.time_ms) {}

  void Run();

 private:
  enum class What {
    kBegin,  // a step whose neighbours have ended
    kEnded,  // a step that has ended: whoever waits for it may begin
    kOpen,   // a round just opened
  };
  struct Item {
    What what;
    Place place;
  };

  // decider.cc: the flow between steps
  void TakeEvent();
  void WorkOff();
  bool IsAlive(const Place& place) const;
  void OpenBody(const Place& round);
  void AfterStep(const Place& place);
  void CloseScope(const Place& round);
  void FinishRoot();
  void Fail(Place place, const Error& error);
  void FailRound(const Place& round, const Error& error, std::string_view origin);
  void Propagate(Place place, Error error, std::string origin);
  void EndTask(Error error, std::string origin);
  void StopBelow(std::string_view path);
  void Emit(Decision decision);
  // The step's last attempt has ended or is to be stopped: others may get what it had set aside.
  void NoteFreed(const StepRecord& step);
  StepRecord* Find(std::string_view path);

  // begin.cc: one step
  void Begin(const Place& place);
  Result<bool> ShouldRun(const Place& place);
  void StartFirst(const Place& place);
  void AfterFailure(const Place& place, int64_t retry_after_ms);
  // Starts the attempt, or waits for others to settle, or fails the step where there will never be enough left.
  void StartAttempt(const Place& place, const std::string& agent, Value input, UnixMs not_before_ms);
  // Its number and price are filled in.
  void EmitStart(StartStep start);
  void ServeWaiters();
  void ServeWaitersIn(const Place& round);

  // teach.cc: agents that are unsure
  // The step's agent has answered; where it is unsure its teacher goes on, and true is given.
  bool TurnToTeacher(const Place& place);
  // The teacher has failed: what the student had said is the step's answer. False where there is no such.
  bool FallBackOnStudent(const Place& place);

  // asks.cc: questions to peers
  void StartAsk(const StepAsked& asked);
  void EndAsk(const std::string& path);
  void StopAsks(std::string_view path);

  // rounds.cc: steps that hold steps
  void BeginEach(const Place& place);
  Result<std::shared_ptr<const Value>> ItemsOf(const Place& place);
  void ContinueEach(const Place& place);
  void CompleteEach(const Place& place);
  void OpenRound(const Place& place, int round, Value item, int count);
  void EndTurn(const Place& round, Value output);
  void EnterGraph(const Place& place);

  // people.cc: steps that wait for a person
  void Ask(const Place& place);
  void TakeVerdict(const Place& place, const PersonDecided& decided);
  void TakeSilence(const Place& place);
  // The task's clock goes on where nobody is waited for any more.
  void RestartClock();

  const graph::Graph& graph_;
  TaskState& state_;
  Record& record_;
  const UnixMs now_ms_;
  std::deque<Item> work_;
  bool budget_was_freed_ = false;
};

}  // namespace troupe::core
