// The simulated router: what the real one does around the core, on virtual time. Takes events in, queues their records
// for the disk, carries decisions out, and tells the outside world only what is on disk. A crash loses all but the
// disk; after a restart it folds what is there and goes on.
#pragma once

#include <functional>
#include <list>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "router/core/core.h"
#include "router/core/people.h"
#include "router/dispatch/breaker.h"
#include "router/dispatch/hedged_run.h"
#include "tests/sim/calls.h"
#include "tests/sim/disk.h"
#include "tests/sim/world.h"

namespace troupe::sim {

struct Submission {
  const graph::Graph* graph = nullptr;
  Value input;
  std::string request_id;
  int64_t timeout_ms = 0;
  core::Amounts limits;
};

class Router {
 public:
  // Graphs by name.
  Router(World& world, Disk& disk, Calls& calls, const std::map<std::string, graph::Graph>& graphs);

  // What still runs is dropped: hedged attempts and their tries hold each other.
  ~Router();

  bool is_up() const { return is_up_; }
  // Answers with the task's id once that is on disk; never, where a crash comes between. False while it is down.
  bool Submit(const Submission& submission, std::function<void(std::string task)> on_answer);
  // Calls `on_record` for each record after that sequence number, then for new ones, until a crash. False while it is
  // down.
  bool Watch(const std::string& task, int64_t after_sequence, std::function<void(const core::Record&)> on_record);
  // Answers once it is on disk that the task has ended.
  bool Cancel(const std::string& task, std::function<void()> on_answer);
  // A person's decision: answers with its code once that is on disk, or what it was refused for.
  bool Decide(const std::string& task, const core::PersonDecided& decided, std::function<void(Code)> on_answer);
  void Crash();

  // The state in memory, and how much of it has reached the disk.
  const core::TaskState* StateOf(const std::string& task) const;

 private:
  struct Attempt {
    std::string path;
    int attempt = 1;
    std::string agent;
    Value input;
    int64_t stream = 0;  // 0: waiting
    std::set<size_t> tried;
    std::string unrecorded_text;
    int64_t generated_tokens = 0;
    int resends = 0;
    // Questions on the stream that is open.
    std::map<int, Question> unanswered;
    bool over = false;
    // Where the stream is.
    size_t replica = 0;
    // One of a hedged attempt's two tries speaks to this and not to the task.
    std::shared_ptr<dispatch::StepListener> ear;
    bool is_second = false;
    // A hedged attempt: what holds its tries.
    std::shared_ptr<dispatch::HedgedRun> hedged;
  };
  using AttemptPtr = std::shared_ptr<Attempt>;
  struct Task {
    const graph::Graph* graph = nullptr;
    core::TaskState state;
    int64_t written = 0;
    UnixMs alarm_ms = 0;
    std::map<std::string, AttemptPtr> attempts;
    std::vector<core::Record> records;
    std::vector<std::function<void(const core::Record&)>> watchers;
    // Answers that wait for a record to be on disk.
    std::multimap<int64_t, std::function<void()>> answers;
  };
  struct Waiting {
    std::string task;
    AttemptPtr attempt;
  };

  // Runs later unless the router has crashed meanwhile.
  void Later(int64_t delay_ms, std::function<void()> action);
  void Start();
  void Recover(const std::string& name, const std::vector<core::Record>& records);
  int64_t PauseLeft(const std::string& name, const core::Pending& pending);
  void Take(const std::string& name, core::Event event);
  void OnWritten(const std::string& name, const core::Record& record);
  void Release(Task& task, const core::Record& record);
  void ArmAlarm(const std::string& name);
  // Answers once all is on disk that the task is by now.
  void AnswerOnDisk(Task& task, std::function<void()> answer);
  // attempts.cc: carries out.
  void Begin(const std::string& name, const core::StartStep& start, int64_t delay_ms);
  void Stop(Task& task, const std::string& path);
  void Place(const std::string& name, const AttemptPtr& attempt);
  void SendTo(const std::string& name, const AttemptPtr& attempt, const dispatch::Choice& choice);
  void OnText(const std::string& name, const AttemptPtr& attempt, const std::string& text, int64_t tokens);
  void OnAsk(const std::string& name, const AttemptPtr& attempt, const Question& question);
  // Tells an attempt what is known of its question by now.
  void Answer(const std::string& name, const std::string& path, int ordinal, const Question& question,
              const Result<Value>& answer);
  void OnBroken(const std::string& name, const AttemptPtr& attempt);
  void End(const std::string& name, const AttemptPtr& attempt, dispatch::StepOutcome outcome);
  // It is over, whatever its agent may say.
  void Drop(const AttemptPtr& attempt);
  void OnRoom(const std::string& agent);
  core::WorkSite SiteOf(const Attempt& attempt) const;
  // tries.cc: attempts with a second try, and replicas that are not trusted.
  class TaskEar;
  class Try;
  void StartHedged(const std::string& name, const AttemptPtr& attempt, int percent);
  bool SendElsewhere(const std::string& name, const AttemptPtr& attempt, size_t not_there);
  dispatch::Breaker& BreakerOf(const std::string& agent, size_t replica);
  std::vector<dispatch::Candidate> Candidates(const Attempt& attempt);
  // The attempt's stream has come to an end.
  void Leave(const AttemptPtr& attempt, dispatch::Verdict verdict);

  World& world_;
  Disk& disk_;
  Calls& calls_;
  const std::map<std::string, graph::Graph>& graphs_;
  bool is_up_ = false;
  int64_t life_ = 0;
  UnixMs crashed_ms_ = 0;
  int64_t last_task_ = 0;
  uint64_t turn_ = 0;
  std::map<std::string, Task> tasks_;
  std::map<std::string, std::string> by_request_;
  std::map<std::string, std::list<Waiting>> waiting_;
  // Of a replica and of an agent; forgotten in a crash.
  std::map<std::pair<std::string, size_t>, dispatch::Breaker> breakers_;
  std::map<std::string, std::shared_ptr<dispatch::HedgePolicy>> hedging_;
  const WorldClock clock_;
  dispatch::Census census_;
};

}  // namespace troupe::sim
