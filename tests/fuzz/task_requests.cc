// Every request to TaskService and GraphService, against a router that serves. The first byte of an input says which
// method; the rest is its request. A task_id "@" stands for a task that there is, "@@" for another one, and so on.
#include <filesystem>
#include <fstream>

#include "router/gateway/router.h"
#include "runtime/base/check.h"
#include "runtime/base/id.h"
#include "runtime/rpc/channel.h"
#include "tests/fuzz/any_call.h"
#include "tests/fuzz/echo_agent.h"
#include "tests/fuzz/files.h"
#include "tests/fuzz/target.h"
#include "troupe/v1/graph.pb.h"
#include "troupe/v1/task.pb.h"

namespace troupe::fuzz {
namespace {

constexpr char kGraph[] = R"(apiVersion: troupe.dev/v1
kind: AgentGraph
metadata: {name: shop}
spec:
  input:
    text: {type: string, maxLength: 1000}
    count: {type: integer, default: 1}
  agents:
    first: {kind: scripted, echo: true}
  steps:
    one: {agent: first, input: {text: "{{ input.text }}"}}
    sure: {approve: {ask: "sure of {{ steps.one.text }}?"}, when: "{{ input.count > 1 }}"}
    each: {each: {n: "{{ range(input.count % 5) | list }}", max: 5}, steps: {two: {agent: first, input: {n: "{{ n }}"}}}}
  output: {text: "{{ steps.one.text }}", list: "{{ steps.each }}"}
)";

// Large enough to reach everything, small enough that a journal does not fill the disk.
constexpr int kInputsPerRouter = 20'000;

const std::vector<Method>& Methods() {
  static const auto methods = MethodsOf({"troupe.v1.TaskService", "troupe.v1.GraphService"});
  return methods;
}

class World {
 public:
  World() : folder_(std::filesystem::temp_directory_path() / ("tf-" + NewUuid7().substr(24))) {
    std::filesystem::create_directories(folder_);
    const std::string agent = "unix:" + (folder_ / "first.sock").string();
    agent_ = std::make_unique<EchoAgent>(agent);
    std::ofstream(folder_ / "shop.yaml") << kGraph;
    std::ofstream(folder_ / "agents.json")
        << R"([{"graph":"shop","agent":"first","replica":"first-0","address":")" << agent << R"("}])";
    gateway::RouterOptions options;
    options.listen = {"unix:" + (folder_ / "router.sock").string()};
    options.data = folder_ / "data";
    options.agents = folder_ / "agents.json";
    options.graphs = {(folder_ / "shop.yaml").string()};
    auto router = gateway::Router::Start(std::move(options));
    CHECK(router.has_value());
    router_ = std::move(*router);
    channel_ = *rpc::OpenChannel(router_->addresses().front());
    for (const char* input : {R"({"text":"a"})", R"({"text":"b","count":2})", R"({"text":"c","count":3})"})
      Submit(input);
  }
  ~World() {
    router_.reset();
    agent_.reset();
    std::filesystem::remove_all(folder_);
  }

  std::string Feed(Method method, const std::string& bytes) {
    const auto message = ParseRequest(method, bytes);
    if (!message) return WhatIsWrong(method, CallAny(*channel_, method, bytes), false);
    NameTasks(*message);
    return WhatIsWrong(method, CallAny(*channel_, method, message->SerializePartialAsString()), true);
  }

 private:
  void Submit(const std::string& input) {
    v1::SubmitRequest request;
    request.set_graph("shop");
    request.set_input_json(input);
    std::string answer;
    CHECK(CallAny(*channel_, Methods().front(), request.SerializeAsString(), &answer).ok());
    v1::SubmitResponse response;
    CHECK(response.ParseFromString(answer));
    task_ids_.push_back(response.task_id());
  }
  void NameTasks(google::protobuf::Message& message) const {
    const auto* field = message.GetDescriptor()->FindFieldByName("task_id");
    if (field == nullptr || field->cpp_type() != field->CPPTYPE_STRING || field->is_repeated()) return;
    const std::string name = message.GetReflection()->GetString(message, field);
    if (!name.starts_with("@")) return;
    message.GetReflection()->SetString(&message, field, task_ids_[name.size() % task_ids_.size()]);
  }

  const std::filesystem::path folder_;
  std::unique_ptr<EchoAgent> agent_;
  std::unique_ptr<gateway::Router> router_;
  std::shared_ptr<grpc::Channel> channel_;
  std::vector<std::string> task_ids_;
};

template <typename Request>
std::string Seed(const std::string& method, const Request& request) {
  for (size_t i = 0; i < Methods().size(); ++i) {
    if (Methods()[i]->name() == method) return static_cast<char>(i) + request.SerializeAsString();
  }
  CHECK(false);
}

std::vector<std::string> Seeds() {
  v1::SubmitRequest submit;
  submit.set_graph("shop");
  submit.set_input_json(R"({"text":"hello","count":2})");
  submit.set_request_id("request-1");
  submit.set_timeout_ms(1000);
  (*submit.mutable_labels())["team"] = "a";
  v1::RunRequest run;
  *run.mutable_submit() = submit;
  run.set_detail(v1::DETAIL_TEXT);
  v1::WatchRequest watch;
  watch.set_task_id("@");
  watch.set_after_sequence(1);
  v1::DecideRequest decide;
  decide.set_task_id("@@");
  decide.set_path("sure");
  decide.set_by("ann");
  v1::ForkRequest fork;
  fork.set_task_id("@");
  fork.set_step("one");
  v1::ListRequest list;
  list.set_graph("shop");
  list.set_page_size(2);
  v1::ApplyRequest apply;
  apply.mutable_source()->set_yaml(kGraph);
  apply.mutable_source()->set_file_name("shop.yaml");
  (*apply.mutable_source()->mutable_files())["a.j2"] = "{{ x }}";
  v1::GetGraphRequest get_graph;
  get_graph.set_name("shop");
  std::vector<std::string> seeds = {Seed("Submit", submit), Seed("Run", run),    Seed("Watch", watch),
                                    Seed("Decide", decide), Seed("Fork", fork),  Seed("List", list),
                                    Seed("Apply", apply),   Seed("Lint", apply), Seed("GetGraph", get_graph)};
  // Those that have no seed of their own begin empty.
  for (size_t i = 0; i < Methods().size(); ++i) seeds.emplace_back(1, static_cast<char>(i));
  return seeds;
}

std::vector<std::string> Words() {
  return {"@",
          "@@",
          "@@@",
          "shop",
          "one",
          "sure",
          "each",
          "each[0]",
          "each[0].two",
          "ann",
          "request-1",
          "team",
          "{}",
          "[]",
          "null",
          R"({"text":"x"})",
          R"({"text":"x","count":1e400})",
          R"({"text":1})",
          R"({"text":"\ud800"})",
          R"({"text":"x","text":"y"})",
          "{\"text\":\"\xff\"}",
          std::string(40, '['),
          kGraph,
          std::string(2000, 'x'),
          std::string(1, '\0'),
          "\xff\xfe",
          "../x",
          ""};
}

void Change(std::string& input, Random& random) {
  static const std::vector<std::string> words = Words();
  ChangeRequest(input, Methods(), words, random);
}

std::optional<std::string> Take(const std::string& input) {
  static std::unique_ptr<World> world;
  static int taken = 0;
  if (input.empty()) return std::nullopt;
  if (!world || ++taken % kInputsPerRouter == 0) {
    world.reset();
    world = std::make_unique<World>();
  }
  std::string wrong = world->Feed(MethodOf(input, Methods()), input.substr(1));
  if (wrong.empty()) return std::nullopt;
  return wrong;
}

}  // namespace

const Target kTaskRequestsTarget = {.name = "task-requests",
                                    .what = "requests to TaskService and GraphService of a router",
                                    .seeds = Seeds,
                                    .words = Words,
                                    .change = Change,
                                    .take = Take};

}  // namespace troupe::fuzz
