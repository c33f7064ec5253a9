// The tasks that run here: takes new ones in, finds running ones, brings unfinished ones back after a start, and lets
// go of those that have ended (the journal has them).
//
// Owner: Router. Thread-safe. Stops: Stop, then Join; running tasks stay unfinished in the journal and
// go on at the next start.
#pragma once

#include <atomic>
#include <boost/asio/thread_pool.hpp>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "router/gateway/delivery_gate.h"
#include "router/gateway/graphs.h"
#include "router/gateway/task_runner.h"
#include "router/gateway/uploads.h"
#include "troupe/v1/task.pb.h"

namespace troupe::gateway {

struct TasksOptions {
  // Running tasks; more are refused with RESOURCE_EXHAUSTED. Those that only wait for a person do not count here.
  size_t max_running = 4096;
  // Tasks that only wait for a person.
  size_t max_resting = 65'536;
  UploadsOptions uploads;
  DeliveryOptions deliveries;
  // Where lessons are kept; null for nowhere. Outlives the tasks.
  lessons::LessonStore* lessons = nullptr;
};

class Tasks {
 public:
  // An earlier task's answer, in place of a task.
  struct Kept {
    std::shared_ptr<const graph::Graph> graph;
    std::string input_json;
    answers::Answers::GraphAnswer answer;
  };
  // A task, running or not, or what stands in place of one: one of them is set.
  struct Found {
    std::shared_ptr<TaskRunner> runner;
    std::optional<journal::TaskRow> row;
    std::optional<Kept> kept;
    const std::string& task_id() const { return runner ? runner->task_id() : row->task.uuid; }
  };
  // Called with the runner before its task is taken in, so that nothing is missed.
  using BeforeAccept = std::function<void(const std::shared_ptr<TaskRunner>&)>;

  // `uploads` is the folder for large inputs on their way in.
  Tasks(TasksOptions options, std::filesystem::path uploads, journal::Journal& journal,
        dispatch::Dispatcher& dispatcher, answers::Answers& answers, dispatch::Timers& timers, const Clock& clock,
        Graphs& graphs, std::function<void(const std::string&)> log);
  ~Tasks();

  // Goes on with every task that the journal holds unfinished. Before the services are open. Errors: where the journal
  // cannot be read. A single task that cannot be brought back is logged and left as it is.
  Status Recover();

  // Whether an answer that is kept will do.
  enum class Wants { kTask, kAnswer };

  // Takes a task in; `done` is called at once, or from another thread where a request_id or an answer must be looked
  // up. Found is the task there was before where the request was made before. Nothing is durable yet. Errors: see
  // TaskService.Submit.
  void Submit(const v1::SubmitRequest& request, Wants wants, BeforeAccept before,
              std::function<void(Result<Found>)> done);

  // Copies a task up to where a step of it started and goes on from there. `done` is called from another thread;
  // `copied` is how many records were. Nothing is durable yet. Errors: see TaskService.Fork.
  struct Forked {
    Found task;
    int64_t copied = 0;
  };
  void Fork(const v1::ForkRequest& request, std::function<void(Result<Forked>)> done);

  // Waits for the disk where the task is not running. Errors: NOT_FOUND.
  Result<Found> Find(const std::string& task_id);
  std::shared_ptr<TaskRunner> FindRunning(const std::string& task_id);

  // Runs `work` on the thread for what waits for the disk.
  void Read(std::function<void()> work);
  // Records as clients see them, large payloads in place. Waits for the disk.
  Result<std::vector<v1::Record>> ReadRecords(journal::TaskKey key, int64_t after, int max_records, size_t max_bytes);
  Result<core::TaskState> ReadState(const journal::TaskRow& row);
  // Why records of an ended task are not there: it was removed meanwhile, or the journal is damaged.
  Error Missing(const std::string& task_id);
  // Running tasks that wait for a person, newest first, as List gives them.
  Result<std::vector<journal::TaskRow>> ListWaiting(journal::TaskFilter filter);
  Result<std::vector<journal::TaskRow>> List(const journal::TaskFilter& filter) { return journal_.ListTasks(filter); }

  UnixMs NowMs() const { return clock_.NowMs(); }
  Uploads& uploads() { return uploads_; }
  DeliveryGate& deliveries() { return deliveries_; }

  // How many tasks run on each version of a graph.
  std::map<std::string, int64_t> RunningOn(const std::string& graph) const;

  // Lets go of running tasks and takes none in. Reads go on, so that calls under way can end.
  void Stop();
  // Waits for reads under way. After the last call has ended.
  void Join();

 private:
  struct Checked {
    std::string task_id;
    std::shared_ptr<const graph::Graph> graph;
    core::Accepted accepted;
    // Of what the client asked for; empty without a request_id.
    std::string digest;
    // Of an input that came by Upload; else 0.
    int64_t large_bytes = 0;
    // What its answer is called in the cache; empty where it is not kept.
    std::string answer_name;
  };
  struct Request {
    std::string task_id;
    std::string digest;
  };

  Result<Checked> Check(const v1::SubmitRequest& request, size_t max_input_bytes) const;
  // The request with its uploaded input in place. Waits for the disk.
  Result<v1::SubmitRequest> TakeUpload(v1::SubmitRequest request);
  void SubmitWhole(const v1::SubmitRequest& request, size_t max_input_bytes, Wants wants, BeforeAccept before,
                   std::function<void(Result<Found>)> done);
  // The task that the same request made before; none where it is new. Waits for the disk.
  Result<std::optional<Found>> FindRequest(const std::string& request_id, const std::string& digest);
  // Gives the task a place among the running ones. Errors: UNAVAILABLE, RESOURCE_EXHAUSTED.
  Result<std::shared_ptr<TaskRunner>> Register(const journal::NewTask& row, std::shared_ptr<const graph::Graph> graph,
                                               int64_t large_bytes = 0);
  Result<Forked> ForkNow(const v1::ForkRequest& request);
  // A task's row, also of one that runs.
  Result<journal::TaskRow> RowOf(const std::string& task_id);
  // What the task's answer is called in the cache; empty where its graph's answers are not kept.
  std::string NameOfAnswer(const Checked& checked) const;
  // Runs it, whatever is kept.
  void TakeIn(Checked checked, const BeforeAccept& before, std::function<void(Result<Found>)> done);
  // An answer in place of the task; where it is no longer fresh a new one is made by a task of the router's own. `done`
  // may be called at once, or from another thread.
  void FindAnswer(std::shared_ptr<const Checked> checked, std::function<void(std::optional<Kept>)> done);
  void MakeAnew(const Checked& checked);
  void KeepAnswer(const TaskRunner& ended);
  Result<Found> Accept(Checked checked, const BeforeAccept& before);
  Result<Found> AcceptOnce(Checked checked, const BeforeAccept& before);
  Status RecoverOne(const journal::TaskRow& row);
  Result<std::vector<core::Record>> ReadCoreRecords(const journal::TaskRow& row);
  void OnEnded(const std::string& task_id);

  const TasksOptions options_;
  std::atomic<int64_t> resting_{0};
  journal::Journal& journal_;
  const Clock& clock_;
  Graphs& graphs_;
  DeliveryGate deliveries_;
  RunnerWorld world_;
  Uploads uploads_;

  mutable std::mutex mutex_;
  bool stopped_ = false;
  journal::TaskKey last_key_ = 0;
  std::unordered_map<std::string, std::shared_ptr<TaskRunner>> running_;
  // By request_id, for running tasks; and the other way round.
  std::unordered_map<std::string, Request> requests_;
  std::unordered_map<std::string, std::string> request_of_;
  // What running tasks' answers are called in the cache, by task.
  std::unordered_map<std::string, std::string> answer_names_;
  // Large inputs that running tasks hold in memory, in all and by task.
  int64_t large_bytes_ = 0;
  std::unordered_map<std::string, int64_t> large_of_;

  // One thread: look-ups of request_ids must not overtake each other.
  boost::asio::thread_pool reads_{1};
  boost::asio::thread_pool watchers_{1};
};

}  // namespace troupe::gateway
