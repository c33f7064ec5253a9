#include "tests/unit/journal/golden/story.h"

#include <set>
#include <utility>

#include "router/graph/parse.h"
#include "runtime/base/check.h"
#include "runtime/base/digest.h"
#include "troupe/v1/graph.pb.h"

namespace troupe::journal {
namespace {

constexpr char kGraph[] = R"(apiVersion: troupe.dev/v1
kind: AgentGraph
metadata: {name: golden}
spec:
  input:
    items: {type: list, items: {type: string, maxLength: 20000}}
    mood: {type: string, maxLength: 20}
  limits: {time: 60s}
  agents:
    reader: {kind: scripted, echo: true, output: {type: object, properties: {text: {type: string}}, required: [text]}}
    judge: {kind: scripted, echo: true, output: {type: object, properties: {label: {type: string}}, required: [label]}}
  steps:
    greet: {agent: reader, when: "{{ input.mood == 'good' }}", input: {text: "good day"}}
    handle:
      each: {part: "{{ input.items }}", max: 4, parallel: 2, onError: keep}
      steps:
        read: {agent: reader, retry: {max: 2, backoff: 10ms}, input: {text: "{{ part }}"}}
      output: "{{ steps.read.text }}"
    polish:
      repeat: {until: "{{ steps.check.label == 'ok' }}", max: 3, onExhausted: keep}
      steps:
        draft: {agent: reader, input: {text: "{{ input.mood }}"}}
        check: {agent: judge, input: {text: "{{ steps.draft.text }}"}}
      output: "{{ steps.draft.text }}"
  output: {parts: "{{ steps.handle }}", polished: "{{ steps.polish }}"}
)";

constexpr UnixMs kStart = 1'790'000'000'000;

// Plays one task: answers whatever is under way until nothing is, or until `stop_after` records.
class Player {
 public:
  Player(std::shared_ptr<const graph::Graph> graph, int number) : graph_(std::move(graph)) {
    now_ms_ = kStart + number * 100'000;
    task_.row = {.uuid = "01999999-0000-7000-8000-00000000000" + std::to_string(number),
                 .request_id = number % 2 == 0 ? "request-" + std::to_string(number) : "",
                 .request_digest = number % 2 == 0 ? "digest-" + std::to_string(number) : "",
                 .graph = graph_->name,
                 .version = graph_->version.value,
                 .accepted_ms = now_ms_,
                 .labels = {{"team", number % 2 == 0 ? "even" : "odd"}}};
  }

  void Wait(int64_t ms) { now_ms_ += ms; }

  void Accept(Value items, const std::string& mood) {
    Take(core::Accepted{.graph = graph_->name,
                        .version = graph_->version,
                        .input = {{"items", std::move(items)}, {"mood", mood}},
                        .request_id = task_.row.request_id,
                        .deadline_ms = now_ms_ + 60'000,
                        .labels = task_.row.labels});
  }
  void Take(core::Event event) {
    auto record = core::Decide(*graph_, task_.state, std::move(event), now_ms_ += 7);
    if (record) task_.records.push_back(std::move(*record));
  }
  // Every attempt under way, first what streams, then the ends, until nothing is under way.
  void Play(size_t stop_after = 1000) {
    while (task_.records.size() < stop_after) {
      const std::vector<core::Pending> pending = core::PendingWork(task_.state);
      if (pending.empty()) return;
      Answer(pending.front().path, *pending.front().attempt);
    }
  }
  Story::Task End() { return std::move(task_); }

 private:
  void Answer(const std::string& path, const core::Attempt& attempt) {
    const core::Usage usage{11, 5, 1234};
    const core::WorkSite site{attempt.agent, "reader-0", "least busy of 2", attempt.decided_ms + 1, now_ms_ + 1, 42,
                              "feed"};
    const std::string text = attempt.input.value("text", "");
    const int number = attempt.attempt;
    if (text.starts_with("flaky") && number == 1) {
      return Take(core::StepFailed{path, number, Unavailable("not now"), usage, site});
    }
    if (text.starts_with("broken")) {
      return Take(core::StepFailed{path, number, Invalid("cannot read that"), usage, site});
    }
    if (path.ends_with("check")) {
      const std::string label = path.starts_with("polish[0]") ? "no" : "ok";
      return Take(core::StepDone{path, number, {{"label", label}}, usage, site});
    }
    if (text.starts_with("stream") && streamed_.insert(path).second) {
      return Take(core::StepProgress{path, number, "str", 1});
    }
    Take(core::StepDone{path, number, {{"text", text}}, usage, site});
  }

  const std::shared_ptr<const graph::Graph> graph_;
  Story::Task task_;
  UnixMs now_ms_ = 0;
  std::set<std::string> streamed_;
};

// Long texts by their digest, so that the file can be read.
Value Short(const Value& value) {
  constexpr size_t kLong = 100;
  if (value.is_string() && value.get_ref<const std::string&>().size() > kLong) {
    return "sha256 " + Sha256Hex(value.get_ref<const std::string&>());
  }
  if (!value.is_structured()) return value;
  Value out = value;
  for (Value& inner : out) inner = Short(inner);
  return out;
}

}  // namespace

Story TellStory() {
  graph::Parsed parsed = graph::ParseGraph({.yaml = kGraph, .file_name = "golden.yaml"});
  if (!parsed.graph) std::fprintf(stderr, "%s\n", graph::ToString(parsed.findings).c_str());
  CHECK(parsed.graph != nullptr);
  v1::GraphSource source;
  source.set_yaml(kGraph);
  source.set_file_name("golden.yaml");
  Story story{.graph = {.name = "golden",
                        .version = parsed.graph->version.value,
                        .source = source.SerializeAsString(),
                        .applied_ms = kStart,
                        .current = true}};
  v1::GraphEvent event;
  event.set_name(story.graph.name);
  event.set_time_ms(kStart);
  event.mutable_applied()->set_version(story.graph.version);
  story.graph_event = event.SerializeAsString();
  const auto play = [&](Value items, const std::string& mood, auto&& rest) {
    Player player(parsed.graph, static_cast<int>(story.tasks.size()) + 1);
    player.Accept(std::move(items), mood);
    rest(player);
    story.tasks.push_back(player.End());
  };
  const auto to_the_end = [](Player& player) { player.Play(); };
  play({"one", "flaky two", "stream three"}, "good", to_the_end);
  // The same large text twice: one payload, several mentions.
  play({std::string(4200, 'x'), std::string(4200, 'x'), "héllo ☃"}, "bad", to_the_end);
  play({"broken", "one"}, "good", to_the_end);
  play({"one"}, "broken", to_the_end);
  play({"one", "two"}, "good", [](Player& player) {
    player.Play(4);
    player.Take(core::CancelRequested{"no longer needed"});
  });
  play({"one", "two"}, "good", [](Player& player) {
    player.Play(3);
    player.Wait(60'000);
    player.Take(core::DeadlinePassed{});
  });
  // Two that go on: one in the middle of a streamed text, one before a second attempt.
  play({"stream one", "two"}, "bad", [](Player& player) { player.Play(3); });
  play({"flaky one", std::string(4200, 'y')}, "bad", [](Player& player) { player.Play(2); });
  return story;
}

Value StateToJson(const core::TaskState& state) {
  const auto error = [](const Error& e) { return Value{{"code", CodeName(e.code)}, {"message", e.message}}; };
  Value out{{"status", static_cast<int>(state.status)},
            {"graph", state.graph},
            {"version", state.version.value},
            {"input", state.input},
            {"request_id", state.request_id},
            {"labels", state.labels},
            {"accepted_ms", state.accepted_ms},
            {"ended_ms", state.ended_ms},
            {"deadline_ms", state.deadline_ms},
            {"generated_tokens", state.usage.generated_tokens},
            {"device_us", state.usage.device_us},
            {"last_sequence", state.last_sequence},
            {"output", state.output},
            {"error", error(state.error)},
            {"error_path", state.error_path},
            {"steps", Value::object()}};
  for (const auto& [path, step] : state.steps) {
    Value& one = out["steps"][path];
    one = {{"status", static_cast<int>(step.status)}, {"output", step.output}, {"error", error(step.error)},
           {"committed_text", step.committed_text},   {"order", step.order},   {"attempts", Value::array()}};
    for (const core::Attempt& attempt : step.attempts) {
      one["attempts"].push_back({{"attempt", attempt.attempt},
                                 {"agent", attempt.agent},
                                 {"input", attempt.input},
                                 {"ended", attempt.ended},
                                 {"replica", attempt.site.replica},
                                 {"error", error(attempt.error)}});
    }
  }
  return Short(out);
}

}  // namespace troupe::journal
