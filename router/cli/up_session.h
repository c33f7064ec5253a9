// A router and its agents as child processes: started, watched over, started again, stopped in order. `up` owns one for
// as long as it runs, `run --up` for one task. No thread of its own: the owner calls Tend several times a second from
// the main thread. The destructor kills what still runs and gives the run folder back.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "router/cli/client.h"
#include "router/cli/later_agents.h"
#include "router/cli/screen.h"
#include "router/cli/supervisor.h"
#include "router/cli/up_plan.h"

namespace troupe::cli {

struct UpOptions {
  std::vector<std::string> graph_files;
  // Empty: DefaultDataFolder(), or a folder inside the run folder when `temporary`.
  std::string data;
  std::string listen;
  // How long finished tasks are kept ("30d"), and how many: the router's --retain and --retain-tasks. Empty for as
  // usual.
  std::string retain;
  std::string retain_tasks;
  // How long lessons are kept: the router's --retain-lessons. Empty for ever.
  std::string retain_lessons;
  // What kept answers may take ("256MiB"): the router's --cache-memory. Empty for as usual.
  std::string cache_memory;
  // A folder of published content: the router's --content. Empty for none.
  std::string content;
  // The store behind that, and what it may take: the router's --cache-store and --cache-store-size. Empty for none, and
  // for as usual.
  std::string cache_store;
  std::string cache_store_size;
  // Any device will do.
  bool relax_pins = false;
  // Cores to use; 0 means all that are granted.
  int cores = 0;
  // Models that are not here are an error instead of being fetched.
  bool no_pull = false;
  // Nothing is shown while they are fetched.
  bool quiet = false;
  // A run folder of its own, taken away at the end.
  bool temporary = false;
};

// How far one process is.
struct ProcessView {
  std::string name;
  // "generate, smollm2-135m-instruct.gguf, NVIDIA-L4 number 1, 40%"
  std::string about;
  enum class State { kStarting, kReady, kAway } state = State::kStarting;
  // Since it was started, or how long it took to be ready, milliseconds.
  int64_t time_ms = 0;
  int deaths = 0;
  // What the router or its log says about it.
  std::string note;
};

// A graph file that the router is started with.
struct StartFile {
  std::string path;
  // Lower-case hex, of its content.
  std::string version;
};

class UpSession {
 public:
  // `say` gets a line for everything worth telling: ready, died, started again.
  using Say = std::function<void(const std::string&)>;

  // Lints the graphs, pulls models that are not here, checks the pins, plans and writes the files; starts nothing.
  // Errors: INVALID_ARGUMENT with findings, FAILED_PRECONDITION for pins, for agents that do not fit on the cards, for
  // folders and where another `up` has the run folder; those of pulling.
  static Result<std::unique_ptr<UpSession>> Prepare(const UpOptions& options, const Clock& clock, Say say);
  // The same with graphs that the caller has read: `inputs` says which agents to start, which replicas others start,
  // and the run folder where the session is temporary.
  static Result<std::unique_ptr<UpSession>> PrepareWith(UpInputs inputs, const UpOptions& options, const Clock& clock,
                                                        Say say);
  // A new folder for a temporary session. Errors: FAILED_PRECONDITION.
  static Result<std::filesystem::path> MakeTemporaryFolder();
  ~UpSession();
  UpSession(const UpSession&) = delete;
  UpSession& operator=(const UpSession&) = delete;

  // Collects what ended, starts what is due, asks the router who is ready. Errors, before everything was ready once:
  // INTERNAL where a process refuses to start, with its last log lines; not for agents of versions applied later.
  Status Tend();
  // Every replica is ready at the router.
  bool ready() const { return ready_; }
  // The router's socket.
  const std::string& address() const { return plan_.address; }
  // Where it listens for others: the port it got, or the socket. Once it is ready.
  std::string ListenAddress() const;
  // The router first, then the replicas.
  std::vector<ProcessView> Processes() const;
  const v1::ListGraphsResponse& graphs() const { return graphs_; }
  const std::filesystem::path& folder() const { return plan_.folder; }

  // Stops the router, then the agents, letting each end its work; `hurry` is asked between waits and kills what is left
  // once it says true.
  void Stop(const std::function<bool()>& hurry);

 private:
  UpSession(const Clock& clock, Say say) : clock_(clock), say_(std::move(say)), supervisor_(clock) {}
  Status LockFolder();
  void SetUpProcesses();
  Status TakeEvents();
  void AskRouter();
  void WriteProcessList();
  void StopThese(const std::vector<std::string>& names, const std::function<bool()>& hurry);
  // Versions whose agents are to be started, if they are not there.
  std::set<LaterAgents::Version> UnknownVersions();
  // Starts agents of versions that were applied later, and stops those that nobody needs any more.
  void FollowVersions();
  Status StartAgentsOf(const LaterAgents::Version& version);
  // Whether that process is an agent of a version that was applied later.
  bool IsLater(const std::string& process) const;
  Status StopAgents(const std::vector<LaterAgents::Agent>& agents);
  const v1::ReplicaStatus* StatusOf(const std::string& graph, const std::string& replica) const;

  const Clock& clock_;
  const Say say_;
  UpInputs inputs_;
  UpPlan plan_;
  graph::Pins pins_ = graph::Pins::kStrict;
  // By graph: where its file lies, for what is relative in later versions.
  std::map<std::string, std::string> folders_;
  std::optional<LaterAgents> later_;
  // Graphs whose versions with tasks from before this session are all known.
  std::set<std::string> knows_old_tasks_;
  bool temporary_ = false;
  int lock_ = -1;
  Supervisor supervisor_;
  std::unique_ptr<Client> client_;
  v1::ListGraphsResponse graphs_;
  // By graph; until the router was asked for the first time.
  std::map<std::string, StartFile> start_files_;
  int64_t started_ns_ = 0;
  int64_t asked_ns_ = 0;
  bool ready_ = false;
  bool was_ready_ = false;
  // By process name: when it was ready first, milliseconds after the start.
  std::map<std::string, int64_t> ready_after_ms_;
};

// Graphs whose new tasks run on another version than that of the file, because that was decided since a router was
// started with it last: a line about each, and how to get the file's. Pure.
std::vector<std::string> OtherThanTheirFiles(const v1::ListGraphsResponse& graphs,
                                             const std::map<std::string, StartFile>& files);

// Progress as lines. Pure.
std::vector<std::string> RenderProcesses(const std::vector<ProcessView>& processes, int frame,
                                         const ScreenStyle& style);

}  // namespace troupe::cli
