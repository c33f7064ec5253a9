#include "router/cli/rehearse.h"

#include <algorithm>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <thread>
#include <utility>

#include "router/cli/interrupt.h"
#include "router/graph/lint.h"
#include "router/graph/resolve.h"
#include "router/rehearsal/stand_in_agents.h"
#include "router/rehearsal/stand_in_graph.h"
#include "runtime/base/clock.h"

namespace troupe::cli {
namespace {

using rehearsal::Case;
using rehearsal::CaseResult;
using rehearsal::SuiteResult;

constexpr std::chrono::milliseconds kTick{5};
constexpr int64_t kScriptedTimeoutMs = 30'000;
constexpr int64_t kRealTimeoutMs = 180'000;
constexpr int64_t kStartTimeoutMs = 300'000;
constexpr size_t kMaxNameBytes = 63;

// The graph with one set of stand-ins; cases that have the same set share it.
struct Variant {
  std::string name;
  rehearsal::StandInGraph made;
  std::set<std::string> real;
};

// Gone with its contents when it goes out of scope.
struct Folder {
  ~Folder() {
    std::error_code ignored;
    if (!path.empty()) std::filesystem::remove_all(path, ignored);
  }
  std::filesystem::path path;
};

// One case on its way.
struct Run {
  size_t index = 0;
  std::string task_id;
  std::unique_ptr<RecordStream> stream;
  bool has_real = false;
  // The step that asked and was not decided on.
  std::string undecided;
};

std::set<std::string> StoodIn(const Case& one) {
  std::set<std::string> agents;
  for (const auto& [agent, rules] : one.stand_ins) agents.insert(agent);
  return agents;
}

class Rehearsal {
 public:
  Rehearsal(const LoadedGraph& loaded, const rehearsal::Suite& suite, const RehearsalOptions& options)
      : loaded_(loaded), suite_(suite), options_(options) {
    result_.file = suite.file;
    result_.graph = loaded.graph->name;
    result_.cases.resize(suite.cases.size());
    done_.resize(suite.cases.size());
  }

  Result<SuiteResult> Go() {
    TRY(MakeVariants());
    if (!waiting_.empty()) {
      TRY(Start());
      TRY(RunAll());
      session_->Stop([] { return true; });
    }
    return std::move(result_);
  }

 private:
  Status MakeVariants() {
    for (size_t i = 0; i < suite_.cases.size(); ++i) {
      const Case& one = suite_.cases[i];
      const std::set<std::string> stood_in = StoodIn(one);
      std::set<std::string> real;
      for (const auto& [name, agent] : loaded_.graph->agents) {
        if (!stood_in.contains(name)) real.insert(name);
      }
      if (!real.empty() && options_.real_agents == RealAgents::kSkipTheirCases) {
        CaseResult skipped;
        skipped.outcome = CaseResult::Outcome::kSkipped;
        skipped.note = "needs real agents";
        Settle(i, std::move(skipped));
        continue;
      }
      waiting_.push_back(i);
      if (variants_.contains(stood_in)) continue;
      Variant variant{.real = std::move(real)};
      const std::string suffix = "-t" + std::to_string(variants_.size());
      variant.name = loaded_.graph->name.substr(0, kMaxNameBytes - suffix.size()) + suffix;
      TRY_ASSIGN(variant.made, rehearsal::MakeStandInGraph(loaded_.source, *loaded_.graph, stood_in, variant.name));
      for (const graph::Finding& finding : graph::Lint(*variant.made.graph, graph::FilesMust::kExist)) {
        // places in the copy mean nothing to its author
        if (finding.severity == graph::Severity::kError) return Invalid(loaded_.path + ": " + finding.message);
      }
      variants_.emplace(stood_in, std::move(variant));
    }
    return {};
  }

  // One process for each real agent, whatever the number of variants that use it.
  UpInputs PlanInputs() {
    UpInputs inputs;
    std::map<std::string, std::string> first_graph;
    const auto pins = options_.up.relax_pins ? graph::Pins::kRelaxed : graph::Pins::kStrict;
    for (const auto& [stood_in, variant] : variants_) {
      for (graph::AgentSpec& spec : graph::Resolve(*variant.made.graph, pins)) {
        if (!variant.real.contains(spec.agent)) continue;
        if (!first_graph.emplace(spec.agent, variant.name).second) continue;
        spec.min_replicas = spec.max_replicas = 1;
        inputs.specs.push_back(std::move(spec));
      }
    }
    return inputs;
  }

  // Whose address is known only once the folder is.
  void AddOthers(UpInputs& inputs) {
    std::map<std::string, std::string> started;
    for (const graph::AgentSpec& spec : inputs.specs) started[spec.agent] = spec.graph;
    for (const auto& [stood_in, variant] : variants_) {
      for (const std::string& agent : stood_in) {
        inputs.others.push_back({variant.name, agent, agent + "-0", stand_ins_->AddressOf(agent)});
      }
      for (const std::string& agent : variant.real) {
        const std::string& graph = started.at(agent);
        if (graph == variant.name) continue;
        const auto socket = inputs.run_folder / (graph + "." + agent + "-0.sock");
        inputs.others.push_back({variant.name, agent, agent + "-0", "unix:" + socket.string()});
      }
    }
  }

  Status Start() {
    std::set<std::string> agents;
    for (const auto& [stood_in, variant] : variants_) agents.insert(stood_in.begin(), stood_in.end());
    UpInputs inputs = PlanInputs();
    TRY_ASSIGN(folder_.path, UpSession::MakeTemporaryFolder());
    inputs.run_folder = folder_.path;
    TRY_ASSIGN(stand_ins_, rehearsal::StandInAgents::Open(agents, folder_.path));
    AddOthers(inputs);
    for (const graph::AgentSpec& spec : inputs.specs) options_.say("starting " + spec.agent + " (" + spec.kind + ")");
    UpOptions up = options_.up;
    up.temporary = true;
    // no case is answered by what another one was told
    up.cache_memory = "0";
    TRY_ASSIGN(session_, UpSession::PrepareWith(std::move(inputs), up, clock_, options_.say));
    client_ = std::make_unique<Client>(session_->address());
    const int64_t until_ns = clock_.MonotonicNs() + kStartTimeoutMs * 1'000'000;
    bool applied = false;
    while (!session_->ready()) {
      TRY(Tend());
      if (!applied && client_->WaitForConnection(kTick)) {
        for (const auto& [stood_in, variant] : variants_) TRY(client_->Apply(ToMessage(variant.made.source)));
        applied = true;
      }
      if (clock_.MonotonicNs() > until_ns) return Internal("the agents were not ready after 5 minutes");
      std::this_thread::sleep_for(kTick);
    }
    return {};
  }

  Status Tend() {
    if (Interrupts() > 0) return Cancelled("interrupted");
    return session_->Tend();
  }

  Status RunAll() {
    while (!waiting_.empty() || !running_.empty()) {
      TRY(Tend());
      TRY(Fill());
      bool any = false;
      for (size_t i = 0; i < running_.size();) {
        v1::Record record;
        const StreamState state = running_[i].stream->Poll(std::chrono::milliseconds(0), record);
        any = any || state != StreamState::kQuiet;
        if (state == StreamState::kRecord) TRY(DecideOn(running_[i], record));
        if (state != StreamState::kEnded) {
          ++i;
          continue;
        }
        TRY(Finish(running_[i]));
        running_.erase(running_.begin() + static_cast<std::ptrdiff_t>(i));
      }
      if (!any) std::this_thread::sleep_for(kTick);
    }
    return {};
  }

  // Hands in what may run now.
  Status Fill() {
    for (size_t i = 0; i < waiting_.size() && running_.size() < static_cast<size_t>(options_.parallel);) {
      const bool has_real = !variants_.at(StoodIn(suite_.cases[waiting_[i]])).real.empty();
      const bool taken = std::any_of(running_.begin(), running_.end(), [](const Run& run) { return run.has_real; });
      if (has_real && taken) {
        ++i;
        continue;
      }
      TRY(Submit(waiting_[i], has_real));
      waiting_.erase(waiting_.begin() + static_cast<std::ptrdiff_t>(i));
    }
    return {};
  }

  Status Submit(size_t index, bool has_real) {
    const Case& one = suite_.cases[index];
    v1::SubmitRequest request;
    request.set_graph(variants_.at(StoodIn(one)).name);
    request.set_input_json(Dump(one.input));
    const int64_t usual_ms = has_real ? kRealTimeoutMs : kScriptedTimeoutMs;
    request.set_timeout_ms(one.timeout_ms > 0 ? one.timeout_ms : usual_ms);
    TRY_ASSIGN(const v1::SubmitResponse response, client_->Submit(request));
    stand_ins_->Announce(response.task_id(), one);
    v1::WatchRequest watch;
    watch.set_task_id(response.task_id());
    watch.set_detail(v1::DETAIL_STEPS);
    running_.push_back({index, response.task_id(), client_->Watch(watch), has_real, ""});
    return {};
  }

  Status Finish(const Run& run) {
    TRY(run.stream->End());
    TRY_ASSIGN(const v1::GetResponse task, client_->Get(run.task_id));
    const Case& one = suite_.cases[run.index];
    CaseResult result;
    result.task_id = run.task_id;
    result.time_ms = task.task().ended_ms() - task.task().accepted_ms();
    result.calls = rehearsal::CallsOf(task);
    result.tokens = task.task().usage().generated_tokens();
    result.differences = rehearsal::Compare(one.expected, task);
    for (const std::string& line : stand_ins_->Unmatched(run.task_id)) {
      result.differences.insert(result.differences.begin(), {"stand-ins", "a rule for every step", line, one.position});
    }
    if (!run.undecided.empty()) {
      result.differences.insert(result.differences.begin(),
                                {"approval at " + run.undecided, "a decision",
                                 "none: write decide: {" + run.undecided + ": {approve: true}}", one.position});
    }
    result.outcome = result.differences.empty() ? CaseResult::Outcome::kPassed : CaseResult::Outcome::kFailed;
    Settle(run.index, std::move(result));
    return {};
  }

  // In people's place. A question that the case does not decide would be waited for without end.
  Status DecideOn(Run& run, const v1::Record& record) {
    for (const v1::Decision& decision : record.decisions()) {
      if (!decision.has_ask_person()) continue;
      const std::string& path = decision.ask_person().path();
      const rehearsal::CaseDecision* says = rehearsal::FindDecision(suite_.cases[run.index], path);
      if (says == nullptr) {
        run.undecided = path;
        TRY(client_->Cancel(run.task_id, "the case does not decide on " + path));
        continue;
      }
      v1::DecideRequest request;
      request.set_task_id(run.task_id);
      request.set_path(path);
      request.set_verdict(says->approve ? v1::VERDICT_APPROVE : v1::VERDICT_REJECT);
      request.set_by(says->by);
      request.set_note(says->note);
      TRY(client_->Decide(request));
    }
    return {};
  }

  // Tells of it once all before it in the file are told.
  void Settle(size_t index, CaseResult result) {
    result.name = suite_.cases[index].name;
    result.position = suite_.cases[index].position;
    result_.cases[index] = std::move(result);
    done_[index] = true;
    while (told_ < done_.size() && done_[told_]) options_.on_result(result_.cases[told_++]);
  }

  const LoadedGraph& loaded_;
  const rehearsal::Suite& suite_;
  const RehearsalOptions& options_;
  const Clock& clock_ = SystemClock();
  SuiteResult result_;
  std::vector<bool> done_;
  size_t told_ = 0;
  std::vector<size_t> waiting_;
  std::map<std::set<std::string>, Variant> variants_;
  // Destroyed last to first: streams, the connection, the router, those whom it calls, their folder.
  Folder folder_;
  std::unique_ptr<rehearsal::StandInAgents> stand_ins_;
  std::unique_ptr<UpSession> session_;
  std::unique_ptr<Client> client_;
  std::vector<Run> running_;
};

}  // namespace

Result<SuiteResult> Rehearse(const LoadedGraph& loaded, const rehearsal::Suite& suite,
                             const RehearsalOptions& options) {
  return Rehearsal(loaded, suite, options).Go();
}

}  // namespace troupe::cli
