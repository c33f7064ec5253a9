#include "router/rehearsal/stand_in_agents.h"

#include <charconv>
#include <utility>

#include "router/rehearsal/step_path.h"
#include "runtime/rpc/server.h"
#include "runtime/rpc/server_call.h"
#include "troupe/v1/agent.grpc.pb.h"

namespace troupe::rehearsal {
namespace {

constexpr int kSlots = 1'000;
constexpr size_t kShownBytes = 200;

// The beginning of a text, whole characters only.
std::string Beginning(const std::string& text) {
  if (text.size() <= kShownBytes) return text;
  size_t end = kShownBytes;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  return text.substr(0, end) + "...";
}

}  // namespace

// One step at a stand-in.
struct StandInAgents::Work {
  void Fail(const Error& error) {
    response->mutable_failed()->set_code(static_cast<int32_t>(error.code));
    response->mutable_failed()->set_message(error.message);
    response->mutable_failed()->set_retry_after_ms(error.retry_after_ms);
    reply.End(grpc::Status::OK);
  }
  void Done(const Rule& rule) {
    response->mutable_done()->set_output_json(Dump(rule.output));
    response->mutable_done()->mutable_usage()->set_generated_tokens(rule.tokens);
    reply.End(grpc::Status::OK);
  }

  rpc::Reply reply;
  // Valid until the reply has ended.
  v1::DoResponse* response = nullptr;
  std::string agent;
  // From the step's key, "task/path/attempt".
  std::string task_id;
  std::string path;
  int attempt = 0;
  // What its input says.
  std::string text;
};

class StandInAgents::Agent final : public v1::AgentService::CallbackService {
 public:
  Agent(StandInAgents& all, std::string name) : all_(all), name_(std::move(name)) {}
  ~Agent() override {
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
      for (const auto& report : reports_) report->End(Status(Unavailable("the rehearsal is over")));
    }
    if (server_) server_->Shutdown(std::chrono::milliseconds(0));
  }

  Status Serve(const std::string& address) {
    TRY_ASSIGN(server_, rpc::Server::Start(
                            {.addresses = {address}, .services = {{this, v1::AgentService::service_full_name()}}}));
    address_ = address;
    server_->SetReady(true);
    return {};
  }
  const std::string& address() const { return address_; }

  grpc::ServerUnaryReactor* Describe(grpc::CallbackServerContext* context, const v1::DescribeRequest*,
                                     v1::DescribeResponse* response) override {
    response->set_agent(name_);
    response->set_replica(name_ + "-0");
    response->set_kind("scripted");
    response->set_slots(kSlots);
    response->set_queue_limit(0);
    response->set_answers_once(true);
    return rpc::AnswerNow(context, grpc::Status::OK);
  }
  // A stand-in says that it answers once, so every step comes this way.
  grpc::ServerUnaryReactor* Do(grpc::CallbackServerContext*, const v1::DoRequest* request,
                               v1::DoResponse* response) override {
    auto [reply, reactor] = rpc::Reply::Open();
    auto work = std::make_shared<StandInAgents::Work>(
        StandInAgents::Work{.reply = std::move(reply), .response = response, .agent = name_});
    const std::string& key = request->start().idempotency_key();
    const size_t first = key.find('/'), last = key.rfind('/');
    const auto input = ParseValue(request->start().input_json());
    if (first == std::string::npos || first == last || !input) {
      work->reply.End(Status(Invalid("the router sent a step that a stand-in cannot read; do their releases match?")));
      return reactor;
    }
    work->task_id = key.substr(0, first);
    work->path = key.substr(first + 1, last - first - 1);
    std::from_chars(key.data() + last + 1, key.data() + key.size(), work->attempt);
    work->text = TextOf(*input);
    all_.Take(std::move(work));
    return reactor;
  }
  // One report, and no more: a stand-in is always as free as it was.
  grpc::ServerWriteReactor<v1::ReportResponse>* Report(grpc::CallbackServerContext*,
                                                       const v1::ReportRequest*) override {
    auto call = std::make_shared<ReportCall>();
    auto* reactor = call->Open();
    call->Send(v1::ReportResponse());
    const std::lock_guard lock(mutex_);
    if (stopping_) call->End(Status(Unavailable("the rehearsal is over")));
    reports_.push_back(std::move(call));
    return reactor;
  }

 private:
  class ReportCall final : public rpc::ServerWriteCall<v1::ReportResponse> {
    void OnCancelled() override { End(Status(Cancelled("the router went away"))); }
  };

  StandInAgents& all_;
  const std::string name_;
  std::string address_;
  std::mutex mutex_;
  bool stopping_ = false;
  std::vector<std::shared_ptr<ReportCall>> reports_;
  std::unique_ptr<rpc::Server> server_;
};

StandInAgents::StandInAgents() = default;

StandInAgents::~StandInAgents() {
  timers_.Stop();
  std::map<std::string, Task> tasks;
  {
    const std::lock_guard lock(mutex_);
    tasks.swap(tasks_);
  }
  for (auto& [id, task] : tasks) {
    for (const auto& work : task.waiting) work->reply.End(Status(Unavailable("the rehearsal is over")));
  }
  agents_.clear();
}

Result<std::unique_ptr<StandInAgents>> StandInAgents::Open(const std::set<std::string>& agents,
                                                           const std::filesystem::path& folder) {
  std::unique_ptr<StandInAgents> all(new StandInAgents());
  for (const std::string& name : agents) {
    auto agent = std::make_unique<Agent>(*all, name);
    TRY(agent->Serve("unix:" + (folder / ("stand-in." + name + ".sock")).string()));
    all->agents_.emplace(name, std::move(agent));
  }
  return all;
}

std::string StandInAgents::AddressOf(const std::string& agent) const { return agents_.at(agent)->address(); }

void StandInAgents::Take(const std::shared_ptr<Work>& work) {
  const Rule* rule = nullptr;
  {
    const std::lock_guard lock(mutex_);
    Task& task = tasks_[work->task_id];
    if (task.of == nullptr) {
      task.waiting.push_back(work);
      return;
    }
    rule = Choose(task, *work);
  }
  Answer(work, rule);
}

void StandInAgents::Announce(const std::string& task_id, const Case& of) {
  std::vector<std::pair<std::shared_ptr<Work>, const Rule*>> ready;
  {
    const std::lock_guard lock(mutex_);
    Task& task = tasks_[task_id];
    task.of = &of;
    for (auto& work : task.waiting) {
      const Rule* rule = Choose(task, *work);
      ready.emplace_back(std::move(work), rule);
    }
    task.waiting.clear();
  }
  for (const auto& [work, rule] : ready) Answer(work, rule);
}

const Rule* StandInAgents::Choose(Task& task, const Work& work) {
  const auto rules = task.of->stand_ins.find(work.agent);
  if (rules != task.of->stand_ins.end()) {
    const std::string plain = WithoutRounds(work.path);
    const std::string name = plain.substr(plain.rfind('.') + 1);
    for (const Rule& rule : rules->second) {
      if (!rule.step.empty() && rule.step != plain && rule.step != name) continue;
      if (rule.attempt != 0 && rule.attempt != work.attempt) continue;
      if (work.text.find(rule.contains) == std::string::npos) continue;
      if (rule.matches && !std::regex_search(work.text, rule.matches->regex)) continue;
      int64_t& spoken = task.spoken[&rule];
      if (rule.times > 0 && spoken >= rule.times) continue;
      ++spoken;
      return &rule;
    }
  }
  task.unmatched.push_back("no rule of agent '" + work.agent + "' fits step " + work.path + ", attempt " +
                           std::to_string(work.attempt) + ", which says: " + Beginning(work.text));
  return nullptr;
}

void StandInAgents::Answer(const std::shared_ptr<Work>& work, const Rule* rule) {
  if (rule == nullptr) {
    return work->Fail(Error{Code::kFailedPrecondition, "no rule of the stand-in for agent '" + work->agent +
                                                           "' fits this input: " + Beginning(work->text)});
  }
  const auto speak = [work, rule] { rule->error ? work->Fail(*rule->error) : work->Done(*rule); };
  if (rule->delay_ms == 0) return speak();
  timers_.After(rule->delay_ms, speak);
}

std::vector<std::string> StandInAgents::Unmatched(const std::string& task_id) const {
  const std::lock_guard lock(mutex_);
  const auto task = tasks_.find(task_id);
  return task == tasks_.end() ? std::vector<std::string>() : task->second.unmatched;
}

}  // namespace troupe::rehearsal
