// The whole product as the benchmark's target: client library, router with its journal, one agent with the model, text
// streamed. Asked with lines of JSON: {"texts": ["...", ...]}, all of them at once.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <thread>
#include <utility>

#include "router/client/client.h"
#include "runtime/base/clock.h"
#include "tests/bench/common.h"
#include "tests/bench/company.h"
#include "tests/bench/generate/visit.h"
#include "tests/bench/lines.h"

namespace troupe::bench {
namespace {

// As generate.yaml says it.
constexpr int kSlots = 16;
constexpr int kNewTokens = 64;

struct Flags {
  Places places;
  std::string model;
  int threads = 1;
};

// One task from handing in to its end.
Result<AnswerTimes> Follow(client::Client& client, const std::string& text) {
  v1::SubmitRequest request;
  request.set_graph("generate");
  request.set_input_json(Dump({{"prompt", text}}));
  AnswerTimes times{.asked_ns = SystemClock().MonotonicNs()};
  int64_t seen = 0;
  const auto take = [&](int64_t tokens) {
    if (tokens > seen) times.arrivals.push_back({SystemClock().MonotonicNs(), tokens - seen});
    seen = std::max(seen, tokens);
  };
  TRY_ASSIGN(const auto stream, client.RunStream(std::move(request)));
  while (const auto record = stream->Next()) {
    if (record->event().has_step_progress()) take(record->event().step_progress().generated_tokens());
  }
  TRY(stream->End());
  TRY(stream->outcome().status);
  TRY_ASSIGN(const Value output, ParseValue(stream->outcome().output_json));
  take(output.value("tokens", int64_t{0}));
  return times;
}

Result<Value> Run(client::Client& client, const Value& line) {
  if (!line.is_object() || !line.contains("texts") || !line["texts"].is_array()) {
    return Invalid("a visit is asked for with {\"texts\": [...]}");
  }
  const auto texts = line["texts"].get<std::vector<std::string>>();
  std::vector<Result<AnswerTimes>> answers(texts.size(), AnswerTimes());
  {
    std::vector<std::jthread> callers;
    for (size_t i = 0; i < texts.size(); ++i) {
      callers.emplace_back([&client, &answers, &texts, i] { answers[i] = Follow(client, texts[i]); });
    }
  }
  std::vector<AnswerTimes> times;
  for (auto& answer : answers) {
    TRY_ASSIGN(AnswerTimes one, std::move(answer));
    times.push_back(std::move(one));
  }
  return ToValue(SpeedOf(times));
}

Result<bool> Serve(const Flags& flags) {
  const Folder folder(flags.places.data, "generate");
  const Value spec = {{"kind", "generate"},      {"modelPath", flags.model},
                      {"slots", kSlots},         {"queueLimit", 64},
                      {"maxTokens", kNewTokens}, {"config", {{"format", "plain"}, {"maxTokens", kNewTokens}}}};
  TRY_ASSIGN(const auto agents, StartAgents(flags.places.programs, folder.path(), "generate",
                                            {{.name = "writer", .spec = spec, .threads = flags.threads}}));
  TRY_ASSIGN(const auto router, StartRouter(flags.places.programs, folder.path(), flags.places.graph));
  TRY_ASSIGN(auto client, client::Client::Connect({.address = router->ready_text()}));
  TRY(Run(client, {{"texts", {"One, two, three,", "Once upon a time"}}}));
  AnswerLines({{"peer", "troupe-product"}}, [&client](const Value& line) { return Run(client, line); });
  return true;
}

}  // namespace
}  // namespace troupe::bench

int main(int argc, char** argv) {
  troupe::bench::Flags flags;
  CLI::App app("Router, agent and client, one answer a line: {\"texts\": [\"...\", ...]}.");
  troupe::bench::AddPlaces(app, flags.places);
  app.add_option("--model", flags.model, "a .gguf file that generates")->required();
  app.add_option("--threads", flags.threads, "threads of a step")->capture_default_str();
  return troupe::bench::Main(app, argc, argv, "generate_product", [&flags] { return troupe::bench::Serve(flags); });
}
