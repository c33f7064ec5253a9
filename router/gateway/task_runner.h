// One running task: the shell around the pure core. Events (steps' ends, text, cancelling, the deadline) come in from
// any thread and are taken one at a time; each is decided on, its record queued for the journal, and its decisions
// carried out at once, before the record is on disk. What leaves the router waits: watchers and answers hear of a
// record only when the journal says that it is durable.
//
// The thread that brings an event works it off in place, together with any that come in meanwhile, so a step's end
// leads to the next step's start without a change of thread. Owner: Tasks, until the last record is durable. Stops:
// Stop.
//
// task_runner.cc is the flow from an event to its record; task_runner_steps.cc starts and stops attempts,
// task_runner_asks.cc answers agents' questions, task_runner_waiting.cc is about people and the clock.
#pragma once

#include <atomic>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "router/answers/answers.h"
#include "router/core/core.h"
#include "router/core/fork.h"
#include "router/core/people.h"
#include "router/core/student_tally.h"
#include "router/dispatch/dispatcher.h"
#include "router/gateway/delivery_gate.h"
#include "router/gateway/followers.h"
#include "router/gateway/text_flow.h"
#include "router/journal/journal.h"
#include "router/lessons/lesson_store.h"

namespace troupe::gateway {

// What every runner works with; outlives them all.
struct RunnerWorld {
  journal::Journal& journal;
  dispatch::Dispatcher& dispatcher;
  answers::Answers& answers;
  dispatch::Timers& timers;
  const Clock& clock;
  // The task's last record is durable.
  std::function<void(const std::string& task_id)> on_ended;
  // Tasks that have nothing under way and wait for people.
  std::atomic<int64_t>& resting;
  std::function<void(const std::string&)> log;
  // Runs work on the thread that tells watchers where they are many.
  std::function<void(std::function<void()>)> tell;
  DeliveryGate& deliveries;
  // Where lessons are kept; null for nowhere.
  lessons::LessonStore* lessons = nullptr;
};

class TaskRunner final : public dispatch::StepListener,
                         public journal::Waiter,
                         public DeliveryGate::Delivery,
                         public std::enable_shared_from_this<TaskRunner> {
 public:
  TaskRunner(const RunnerWorld& world, journal::TaskKey key, std::string task_id,
             std::shared_ptr<const graph::Graph> graph);

  // Takes the task in. `row` goes to the journal with the first record.
  void Accept(core::Accepted accepted, journal::NewTask row);
  // Takes a copy of another task in. Errors: those of core::Fold; INTERNAL where the event leads nowhere. Nothing has
  // been written then.
  Status AcceptFork(core::Fork fork, journal::NewTask row);
  // Folds what the journal holds, then goes on with what was under way. Errors: those of core::Fold.
  Status Restore(const std::vector<core::Record>& records);
  // Asks it to stop; `done` is called once that is durable (or the task has ended), with the state then.
  void RequestCancel(std::string reason, std::function<void(core::TaskStatus)> done);
  // A person's decision. `done` is called once it is durable, with what was asked and decided, or what it is refused
  // for. Errors: those of core::Examine.
  void RequestDecision(core::PersonDecided decided, std::function<void(Result<core::Question>)> done);

  // Follows it from now on (see Followers).
  using Followed = Followers::Followed;
  Followed Follow(std::shared_ptr<RecordsSink> sink);
  void Unfollow(const RecordsSink* sink) { followers_.Unfollow(sink); }
  int64_t durable() const { return followers_.durable(); }
  // Calls `done` once the record of that number is durable: at once where it is. Errors: UNAVAILABLE where the router
  // stops before.
  void WhenDurable(int64_t sequence, std::function<void(Status)> done);
  // The same for the record that ends the task.
  void WhenEnded(std::function<void(Status)> done) { WhenDurable(Followers::kLast, std::move(done)); }

  // A copy, as of the last record decided.
  core::TaskState State() const;
  // The task at a glance, without its input.
  void FillAnswer(v1::Task& out) const;
  // What it waits for people to decide, by path, as far as that is durable.
  std::map<std::string, core::Question, std::less<>> OpenQuestions() const;
  core::TaskStatus status() const;
  // Of the state now.
  core::StudentTally CountStudents() const;
  const graph::Graph& graph() const { return *graph_; }
  const std::string& task_id() const { return task_id_; }
  journal::TaskKey key() const { return key_; }

  // No more events are taken, agents are told to stop, watchers are sent away. The journal has what is needed to go on.
  void Stop();

  void OnStepText(const std::string& path, int attempt, std::string text, int64_t generated_tokens) override;
  void OnStepEnd(const std::string& path, int attempt, dispatch::StepOutcome outcome) override;
  void OnStepAsk(const std::string& path, int attempt, dispatch::StepQuestion question) override;
  void OnDurable(int64_t sequence) override;
  // It delivers nothing: it stands in line behind its watchers, so that its turn says that they had theirs.
  Use OnPermit(DeliveryGate::Permit permit) override;

 private:
  // Something to be worked off: an event, or a pause that is over.
  struct Item {
    std::optional<core::Event> event;
    std::string due_path;
    int due_attempt = 0;
    std::function<void(core::TaskStatus)> cancel_done;
    std::function<void(Result<core::Question>)> decision_done;
  };
  struct Call {
    int attempt = 0;
    std::shared_ptr<dispatch::StepCall> call;
    dispatch::Timers::Handle pause;
    std::optional<core::StartStep> paused;
  };
  // What is left to do about an event once it has been decided on.
  struct Aftermath {
    // A peer's answer, by the question's path.
    std::string ended_ask;
    // A question, which may need no peer.
    std::optional<core::StepAsked> asked;
    // Where a person decided.
    std::string decided;
    bool is_text = false;
    bool is_alarm = false;
  };
  // What came of an event; no record where it was stale.
  struct Outcome {
    std::optional<core::Record> record;
    core::TaskStatus status = core::TaskStatus::kRunning;
    int64_t sequence = 0;
    bool waits_for_people = false;
    // What the person was asked and has decided.
    core::Question question;
  };

  // Starts what is under way in the state and has no call yet, with the text that is recorded.
  void StartPending();
  void Post(Item item);
  void Enqueue(Item item);
  void Drain();
  void Work(Item item);
  // An attempt's pause before it starts is over.
  void EndPause(const Item& item);
  // Reads from an event what Decide will take away, and forgets the call that has ended with it.
  Aftermath Notice(const core::Event& event, const Item& item);
  void ForgetCall(const std::string& path, int attempt);
  Outcome Decide(core::Event event, const std::string& decided_path);
  // Whoever asked for the event hears of it once it is durable.
  void TellCaller(Item& item, const Outcome& outcome);
  // Refuses a person's decision that meets nothing that waits for it.
  bool MayDecide(const Item& item);
  // What the record has of a teacher's answer is kept to learn from.
  void KeepLesson(const core::Record& record);
  // Gives the inputs of the steps that it starts, as recorded; empty ones where they are stored elsewhere.
  std::vector<std::string> Write(core::Record& record);
  void CarryOut(std::vector<core::Decision>& decisions, std::vector<std::string>& inputs);
  // Now, or after its pause. `input_json` is the canonical JSON of the step's input where it is at hand, else empty.
  void StartStep(core::StartStep& start, const std::string& committed_text, std::string input_json);
  void Send(core::StartStep& start, const std::string& committed_text, std::string input_json);
  // How long the attempt may take in all; 0 for no limit.
  int64_t TimeLimit(const core::StartStep& start) const;
  // Of work that has spilled.
  graph::Price PriceIn(const core::WorkSite& site) const;
  // Where earlier attempts at the step have failed.
  std::set<std::string> ReplicasTried(const std::string& path) const;
  void StopStep(const std::string& path, int attempt);
  // The answer to a question that needs no peer, or whose peer has ended just now; nothing while a peer is at work.
  void AnswerNow(const core::StepAsked& asked);
  void AnswerAfter(const std::string& ask_path);
  void Answer(std::string_view asker, const dispatch::StepQuestion& question, const Result<Value>& answer);
  void StopAll();
  // Sets the one timer for the next moment at which time alone changes the task.
  void PlanAlarm();
  // Whether it has nothing under way and waits for people.
  void NoteResting(bool resting);
  // More text may be recorded once it is this one's turn.
  void FollowWatchers();
  // Lets what was put into the inbox be worked off.
  void Wake() { Post({.due_path = ""}); }

  const RunnerWorld& world_;
  const journal::TaskKey key_;
  const std::string task_id_;
  const std::shared_ptr<const graph::Graph> graph_;

  // Waiting items; `busy_` while a thread works them off.
  std::mutex inbox_mutex_;
  std::deque<Item> inbox_;
  bool busy_ = false;
  bool stopped_ = false;

  // Only by the thread that works items off.
  std::map<std::string, Call> calls_;
  std::optional<journal::NewTask> row_;
  // Written with the first record of a copy.
  std::vector<journal::RecordRow> copied_;
  std::vector<journal::Blob> copied_blobs_;
  dispatch::Timers::Handle alarm_;
  // What alarm_ is set to; 0 for none.
  UnixMs alarm_ms_ = 0;
  bool resting_ = false;

  mutable std::mutex state_mutex_;
  core::TaskState state_;

  Followers followers_;
  TextFlow text_{followers_, [this](core::StepProgress progress) { Enqueue({.event = std::move(progress)}); }};
};

}  // namespace troupe::gateway
