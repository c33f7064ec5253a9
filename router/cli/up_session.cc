#include "router/cli/up_session.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <thread>
#include <utility>

#include "router/cli/cores.h"
#include "router/cli/format.h"
#include "router/cli/graph_source.h"
#include "router/cli/pull_models.h"
#include "router/cli/run_folder.h"
#include "router/cli/screen.h"
#include "router/cli/text_width.h"
#include "runtime/base/digest.h"
#include "runtime/base/time_units.h"

namespace troupe::cli {
namespace {

constexpr int64_t kAskEveryMs = 100;
constexpr int64_t kAskEveryMsWhenReady = 1'000;
constexpr std::chrono::milliseconds kConnectTime{50};
constexpr std::chrono::milliseconds kAskTime{500};
constexpr int64_t kDrainMs = 30'000;
constexpr std::chrono::milliseconds kStopTick{10};

Result<std::filesystem::path> BinaryFolder() {
  std::error_code error;
  const auto self = std::filesystem::read_symlink("/proc/self/exe", error);
  if (error) return Internal("cannot find out where troupe itself is: " + error.message());
  return self.parent_path();
}

// The graphs' models from registries; asks nothing of the network where all of them are here.
Status PullMissing(const UpOptions& options, const Clock& clock) {
  std::vector<WantedModel> models;
  for (const std::string& path : options.graph_files) {
    TRY_ASSIGN(const LoadedGraph loaded, LoadGoodGraph(path, graph::FilesMust::kBeNamed));
    for (WantedModel& model : ModelsOf(*loaded.graph)) models.push_back(std::move(model));
  }
  const std::vector<WantedModel> missing = Missing(models);
  if (options.no_pull && !missing.empty()) {
    std::string names;
    for (const WantedModel& model : missing) names += " " + hub::ToString(model.source);
    return FailedPrecondition("not on this machine yet:" + names + "; fetch with 'troupe models pull" + names +
                              "', or start without --no-pull");
  }
  PullScreen screen(clock, options.quiet ? PullScreen::Mode::kQuiet : PullScreen::Mode::kProgress);
  return PullModels(models, hub::IfHere::kKeep, clock, screen);
}

}  // namespace

Result<std::filesystem::path> UpSession::MakeTemporaryFolder() {
  const std::filesystem::path base = DefaultRunFolder();
  TRY(SecureFolder(base));
  std::string pattern = (base / "run-XXXXXX").string();
  if (mkdtemp(pattern.data()) == nullptr) {
    return FailedPrecondition("cannot make a folder in " + base.string() + ": " + std::strerror(errno));
  }
  return std::filesystem::path(pattern);
}

Result<std::unique_ptr<UpSession>> UpSession::Prepare(const UpOptions& options, const Clock& clock, Say say) {
  UpInputs inputs;
  std::map<std::string, StartFile> files;
  TRY(PullMissing(options, clock));
  for (const std::string& path : options.graph_files) {
    TRY_ASSIGN(const LoadedGraph loaded, LoadGoodGraph(path, graph::FilesMust::kExist));
    for (const graph::Finding& finding : loaded.findings) say(kind::ToString(finding));
    const auto pins = options.relax_pins ? graph::Pins::kRelaxed : graph::Pins::kStrict;
    for (graph::AgentSpec& spec : graph::Resolve(*loaded.graph, pins)) inputs.specs.push_back(std::move(spec));
    inputs.graph_paths.push_back(std::filesystem::absolute(path).lexically_normal().string());
    files[loaded.graph->name] = {path, loaded.graph->version.value};
  }
  TRY_ASSIGN(auto session, PrepareWith(std::move(inputs), options, clock, std::move(say)));
  // what a task of its own is for is applied before it is run
  if (!options.temporary) {
    for (const auto& [name, file] : files) {
      session->folders_[name] = std::filesystem::absolute(file.path).lexically_normal().parent_path().string();
    }
    session->pins_ = options.relax_pins ? graph::Pins::kRelaxed : graph::Pins::kStrict;
    session->later_.emplace(session->inputs_.specs);
    session->start_files_ = std::move(files);
  }
  return session;
}

Result<std::unique_ptr<UpSession>> UpSession::PrepareWith(UpInputs inputs, const UpOptions& options, const Clock& clock,
                                                          Say say) {
  TRY_ASSIGN(inputs.cards, LocalCards(inputs.specs));
  for (const std::string& line : LeaveOutSpills(inputs.specs, inputs.cards)) say(line);
  TRY(CheckPins(inputs.specs, inputs.cards));
  std::unique_ptr<UpSession> session(new UpSession(clock, std::move(say)));
  session->temporary_ = options.temporary;
  if (options.temporary) {
    if (inputs.run_folder.empty()) {
      TRY_ASSIGN(inputs.run_folder, MakeTemporaryFolder());
    }
    session->plan_.folder = inputs.run_folder;
  } else {
    inputs.run_folder = DefaultRunFolder();
    TRY(SecureFolder(inputs.run_folder));
  }
  inputs.data_folder = options.data;
  if (options.data.empty()) inputs.data_folder = options.temporary ? inputs.run_folder / "data" : DefaultDataFolder();
  std::error_code error;
  inputs.data_folder = std::filesystem::absolute(inputs.data_folder);
  std::filesystem::create_directories(inputs.data_folder, error);
  if (error)
    return FailedPrecondition("cannot make the data folder " + inputs.data_folder.string() + ": " + error.message());
  inputs.listen = options.listen;
  if (!options.retain.empty()) inputs.router_flags.insert(inputs.router_flags.end(), {"--retain", options.retain});
  if (!options.retain_tasks.empty()) {
    inputs.router_flags.insert(inputs.router_flags.end(), {"--retain-tasks", options.retain_tasks});
  }
  if (!options.retain_lessons.empty()) {
    inputs.router_flags.insert(inputs.router_flags.end(), {"--retain-lessons", options.retain_lessons});
  }
  if (!options.cache_memory.empty()) {
    inputs.router_flags.insert(inputs.router_flags.end(), {"--cache-memory", options.cache_memory});
  }
  if (!options.content.empty()) {
    inputs.router_flags.insert(inputs.router_flags.end(),
                               {"--content", std::filesystem::absolute(options.content).string()});
  }
  if (!options.cache_store.empty()) {
    inputs.router_flags.insert(inputs.router_flags.end(), {"--cache-store", options.cache_store});
  }
  if (!options.cache_store_size.empty()) {
    inputs.router_flags.insert(inputs.router_flags.end(), {"--cache-store-size", options.cache_store_size});
  }
  inputs.cores = GrantedCores();
  if (options.cores > 0 && static_cast<size_t>(options.cores) < inputs.cores.size()) {
    inputs.cores.resize(static_cast<size_t>(options.cores));
  }
  TRY_ASSIGN(inputs.binaries, BinaryFolder());
  TRY_ASSIGN(session->plan_, PlanUp(inputs));
  for (const std::string& line : session->plan_.card_lines) session->say_(line);
  TRY(session->LockFolder());
  TRY(WritePlan(session->plan_));
  session->SetUpProcesses();
  session->inputs_ = std::move(inputs);
  return session;
}

UpSession::~UpSession() {
  Stop([] { return true; });
  std::error_code error;
  if (temporary_ && !plan_.folder.empty()) {
    std::filesystem::remove_all(plan_.folder, error);
  } else if (lock_ >= 0) {
    for (const char* name : {"processes.json", "replicas.json"}) {
      std::filesystem::remove(plan_.folder / name, error);
    }
  }
  if (lock_ >= 0) close(lock_);
}

Status UpSession::LockFolder() {
  const std::string path = (plan_.folder / "up.lock").string();
  const int file = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (file < 0) return FailedPrecondition("cannot open " + path + ": " + std::strerror(errno));
  if (flock(file, LOCK_EX | LOCK_NB) != 0) {
    close(file);
    return FailedPrecondition("another 'troupe up' is running in " + plan_.folder.string() +
                              "; stop it with ctrl-C first, or hand this graph to it with 'troupe apply'");
  }
  lock_ = file;
  return {};
}

void UpSession::SetUpProcesses() {
  std::error_code error;
  const auto prepare = [&](const ProcessSpec& process) {
    std::filesystem::remove(process.log_path, error);
    supervisor_.Add(process);
  };
  prepare(plan_.router);
  for (const PlannedReplica& replica : plan_.replicas) prepare(replica.process);
  client_ = std::make_unique<Client>(plan_.address);
  started_ns_ = clock_.MonotonicNs();
}

Status UpSession::Tend() {
  TRY(TakeEvents());
  const int64_t now_ns = clock_.MonotonicNs();
  const int64_t every_ms = ready_ ? kAskEveryMsWhenReady : kAskEveryMs;
  if (client_ && now_ns - asked_ns_ >= every_ms * kNsPerMs) AskRouter();
  return {};
}

Status UpSession::TakeEvents() {
  using Kind = ProcessEvent::Kind;
  bool changed = false;
  for (const ProcessEvent& event : supervisor_.Poll()) {
    changed = true;
    // A process that ends by itself before it was ever ready refuses: trying again would refuse again. One that a later
    // version brought is nothing that was asked for here.
    if (!was_ready_ && (event.kind == Kind::kDied || event.kind == Kind::kCrashLoop) &&
        (event.exited || event.kind == Kind::kCrashLoop) && !ready_after_ms_.contains(event.name) &&
        !IsLater(event.name)) {
      return Internal(event.name + " does not start: " + event.detail);
    }
    if (event.kind == Kind::kCrashLoop) {
      say_(event.name + " keeps dying: " + event.detail);
    } else if (event.kind == Kind::kDied) {
      ready_ = false;
      say_(event.name + " " + event.detail.substr(0, event.detail.find(';')) + "; starting it again");
    } else if (event.kind == Kind::kStarted && supervisor_.DeathsOf(event.name) > 0) {
      ready_ = false;
      say_(event.name + " started again");
    }
  }
  if (changed) WriteProcessList();
  return {};
}

bool UpSession::IsLater(const std::string& process) const {
  return later_ && std::any_of(plan_.replicas.begin(), plan_.replicas.end(), [&](const PlannedReplica& replica) {
           return replica.process.name == process && later_->IsLater({replica.graph, replica.agent});
         });
}

std::string UpSession::ListenAddress() const {
  if (plan_.listen.empty()) return plan_.address;
  // the router says in its log which port it got
  for (const std::string& line : TailOf(plan_.router.log_path, 50)) {
    const size_t at = line.find("listening on ");
    if (at == std::string::npos) continue;
    std::string address = line.substr(at + 13);
    if (address != plan_.address) return address;
  }
  return plan_.listen;
}

void UpSession::AskRouter() {
  asked_ns_ = clock_.MonotonicNs();
  ready_ = false;
  if (!client_->WaitForConnection(kConnectTime)) return;
  auto graphs = client_->ListGraphs(kAskTime);
  if (!graphs) return;
  const int64_t now_ns = clock_.MonotonicNs();
  graphs_ = std::move(*graphs);
  for (const std::string& line : OtherThanTheirFiles(graphs_, std::exchange(start_files_, {}))) say_(line);
  const int64_t after_ms = (now_ns - started_ns_) / kNsPerMs;
  ready_after_ms_.try_emplace("router", after_ms);
  supervisor_.MarkReady("router");
  bool all = true;
  for (const PlannedReplica& replica : plan_.replicas) {
    const v1::ReplicaStatus* status = StatusOf(replica.graph, replica.replica);
    if (status == nullptr || !status->ready()) {
      all = false;
      continue;
    }
    supervisor_.MarkReady(replica.process.name);
    const bool first = ready_after_ms_.try_emplace(replica.process.name, after_ms).second;
    if (first) say_(replica.process.name + " ready after " + FormatDuration(after_ms));
  }
  for (const OtherReplica& other : plan_.others) {
    const v1::ReplicaStatus* status = StatusOf(other.graph, other.replica);
    all = all && status != nullptr && status->ready();
  }
  ready_ = all;
  was_ready_ = was_ready_ || all;
  if (later_) FollowVersions();
}

std::set<LaterAgents::Version> UpSession::UnknownVersions() {
  const auto for_new_tasks = later_->Unknown(graphs_);
  std::set<LaterAgents::Version> unknown(for_new_tasks.begin(), for_new_tasks.end());
  for (const v1::GraphSummary& graph : graphs_.graphs()) {
    if (knows_old_tasks_.contains(graph.name())) continue;
    const auto versions = client_->ListVersions(graph.name());
    if (!versions) continue;
    const auto more =
        later_->UnknownWithTasks(graph.name(), {versions->versions().begin(), versions->versions().end()});
    if (more.empty()) knows_old_tasks_.insert(graph.name());
    unknown.insert(more.begin(), more.end());
  }
  return unknown;
}

void UpSession::FollowVersions() {
  for (const LaterAgents::Version& version : UnknownVersions()) {
    if (const Status started = StartAgentsOf(version); !started) {
      say_(version.graph + ": agents of version " + ShortDigest(version.version) +
           " are not started: " + started.error().message);
    }
  }
  for (const v1::GraphSummary& graph : graphs_.graphs()) {
    if (!later_->MayBeUnneeded(graph)) continue;
    const auto versions = client_->ListVersions(graph.name());
    if (!versions) continue;
    const auto unneeded = later_->Unneeded(graph, {versions->versions().begin(), versions->versions().end()});
    if (const Status stopped = StopAgents(unneeded); !stopped) say_(stopped.error().message);
  }
}

Status UpSession::StartAgentsOf(const LaterAgents::Version& version) {
  const auto source = client_->GetGraph(version.graph, version.version);
  // asked again the next time
  if (!source && source.error().code == Code::kUnavailable) return {};
  if (!source) {
    (void)later_->Know(version, {});
    return source.error();
  }
  const graph::Parsed parsed =
      graph::ParseGraph({.yaml = source->source().yaml(),
                         .file_name = source->source().file_name(),
                         .files = {source->source().files().begin(), source->source().files().end()},
                         .base_path = folders_[version.graph]});
  if (!parsed.graph) {
    (void)later_->Know(version, {});
    return Invalid(graph::ToString(parsed.findings));
  }
  const std::vector<graph::AgentSpec> specs = later_->Know(version, graph::Resolve(*parsed.graph, pins_));
  TRY_ASSIGN(const std::vector<PlannedReplica> more, PlanMore(inputs_, plan_, specs));
  if (more.empty()) return {};
  plan_.specs.insert(plan_.specs.end(), specs.begin(), specs.end());
  for (const PlannedReplica& replica : more) {
    std::error_code error;
    std::filesystem::remove(replica.process.log_path, error);
    say_(replica.process.name + " is started for version " + ShortDigest(version.version));
    supervisor_.Add(replica.process);
    plan_.replicas.push_back(replica);
  }
  ready_ = false;
  return WritePlan(plan_);
}

Status UpSession::StopAgents(const std::vector<LaterAgents::Agent>& agents) {
  const auto is_one = [&agents](const auto& of) {
    return std::find(agents.begin(), agents.end(), LaterAgents::Agent{of.graph, of.agent}) != agents.end();
  };
  for (const PlannedReplica& replica : plan_.replicas) {
    if (!is_one(replica)) continue;
    say_(replica.process.name + " is stopped: no version needs it any more");
    supervisor_.Stop(replica.process.name, SIGTERM);
    ready_after_ms_.erase(replica.process.name);
  }
  std::erase_if(plan_.replicas, is_one);
  std::erase_if(plan_.specs, is_one);
  return agents.empty() ? Status() : WritePlan(plan_);
}

const v1::ReplicaStatus* UpSession::StatusOf(const std::string& graph, const std::string& replica) const {
  for (const v1::GraphSummary& summary : graphs_.graphs()) {
    if (summary.name() != graph) continue;
    for (const v1::ReplicaStatus& status : summary.replicas()) {
      if (status.replica() == replica) return &status;
    }
  }
  return nullptr;
}

std::vector<ProcessView> UpSession::Processes() const {
  const int64_t now_ms = (clock_.MonotonicNs() - started_ns_) / kNsPerMs;
  std::vector<ProcessView> views;
  const auto add = [&](const std::string& name, std::string about, bool ready, std::string note) {
    ProcessView view;
    view.name = name;
    view.about = std::move(about);
    const auto known = ready_after_ms_.find(name);
    view.state = ready                          ? ProcessView::State::kReady
                 : supervisor_.PidOf(name) == 0 ? ProcessView::State::kAway
                                                : ProcessView::State::kStarting;
    view.time_ms = known != ready_after_ms_.end() ? known->second : now_ms;
    view.deaths = supervisor_.DeathsOf(name);
    view.note = std::move(note);
    views.push_back(std::move(view));
  };
  add("router", plan_.listen.empty() ? plan_.address : plan_.listen, ready_after_ms_.contains("router"), "");
  for (const PlannedReplica& replica : plan_.replicas) {
    const v1::ReplicaStatus* status = StatusOf(replica.graph, replica.replica);
    std::string about = replica.kind + (replica.model.empty() ? "" : ", " + replica.model);
    if (!replica.card_text.empty()) about += ", " + replica.card_text;
    std::string note;
    if (status != nullptr && !status->relaxed_from().empty()) note = "pin relaxed from " + status->relaxed_from();
    add(replica.process.name, about, status != nullptr && status->ready(), note);
  }
  return views;
}

void UpSession::WriteProcessList() {
  Value list = Value::array();
  list.push_back({{"name", "router"}, {"pid", supervisor_.PidOf("router")}, {"log", plan_.router.log_path}});
  for (const PlannedReplica& replica : plan_.replicas) {
    Value entry = {{"name", replica.process.name},
                   {"graph", replica.graph},
                   {"agent", replica.agent},
                   {"replica", replica.replica},
                   {"pid", supervisor_.PidOf(replica.process.name)},
                   {"address", replica.address},
                   {"log", replica.process.log_path}};
    if (replica.card != kNoCard) entry["gpu"] = replica.card;
    list.push_back(std::move(entry));
  }
  // for people and tests; nothing depends on it
  (void)WriteFileWhole(plan_.folder / "processes.json", list.dump(1) + "\n");
}

void UpSession::Stop(const std::function<bool()>& hurry) {
  // a connection that nobody reads from would keep the router waiting for its end
  client_.reset();
  StopThese({"router"}, hurry);
  std::vector<std::string> names;
  for (const PlannedReplica& replica : plan_.replicas) names.push_back(replica.process.name);
  StopThese(names, hurry);
}

void UpSession::StopThese(const std::vector<std::string>& names, const std::function<bool()>& hurry) {
  const auto left = [&] {
    return std::any_of(names.begin(), names.end(),
                       [&](const std::string& name) { return supervisor_.PidOf(name) != 0; });
  };
  for (const std::string& name : names) supervisor_.Stop(name, SIGTERM);
  const int64_t until_ns = clock_.MonotonicNs() + kDrainMs * kNsPerMs;
  bool killed = false;
  while (left()) {
    if (!killed && (hurry() || clock_.MonotonicNs() > until_ns)) {
      for (const std::string& name : names) supervisor_.Stop(name, SIGKILL);
      killed = true;
    }
    supervisor_.Poll();
    if (left()) std::this_thread::sleep_for(kStopTick);
  }
}

std::vector<std::string> OtherThanTheirFiles(const v1::ListGraphsResponse& graphs,
                                             const std::map<std::string, StartFile>& files) {
  std::vector<std::string> lines;
  for (const v1::GraphSummary& graph : graphs.graphs()) {
    const auto file = files.find(graph.name());
    if (file == files.end() || file->second.version == graph.version()) continue;
    lines.push_back(graph.name() + " runs on version " + ShortDigest(graph.version()) + " and not on " +
                    ShortDigest(file->second.version) + " of " + file->second.path +
                    ", as was decided before this start ('troupe graphs " + graph.name() + "'): 'troupe apply " +
                    file->second.path + "' makes that current");
  }
  return lines;
}

std::vector<std::string> RenderProcesses(const std::vector<ProcessView>& processes, int frame,
                                         const ScreenStyle& style) {
  static const char* const kSpinner[] = {"⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"};
  int name_columns = 0;
  for (const ProcessView& process : processes) name_columns = std::max(name_columns, DisplayWidth(process.name));
  std::vector<std::string> lines;
  for (const ProcessView& process : processes) {
    const bool is_ready = process.state == ProcessView::State::kReady;
    const std::string glyph = !style.unicode ? (is_ready ? "+" : "*") : is_ready ? "✓" : kSpinner[frame % 10];
    std::string text = PadRight(Neutralise(process.name, Newlines::kFlatten), name_columns) + "  ";
    text += is_ready ? "ready  " : process.state == ProcessView::State::kAway ? "away   " : "loading";
    text += "  " + PadLeft(FormatDuration(process.time_ms), 9) + "  " + Neutralise(process.about, Newlines::kFlatten);
    if (process.deaths > 0) text += "  died " + std::to_string(process.deaths) + " times";
    if (!process.note.empty()) text += "  " + Neutralise(process.note, Newlines::kFlatten);
    lines.push_back(Paint(glyph, is_ready ? "32" : "36", style.colour) + " " + Clip(text, style.width - 2));
  }
  return lines;
}

}  // namespace troupe::cli
