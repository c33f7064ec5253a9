// How soon an agent's place is free once a task is cancelled: with a scripted agent, and with a model where there is
// one.
#include <iostream>

#include "tests/bench/cancel/slot.h"
#include "tests/bench/common.h"
#include "tests/bench/company.h"
#include "tests/bench/report.h"

namespace troupe::bench {
namespace {

struct Flags {
  Places places;
  std::string model;
  int trials = 20;
};

// An agent, and what is asked of it.
struct Case {
  std::string name;
  Value spec;
  Inputs inputs;
};

Case Scripted() {
  std::string words;
  for (int i = 0; i < 500; ++i) words += "word ";
  const Value rule = {
      {"when", {{"contains", "long"}}}, {"say", words}, {"stream", {{"pieces", 500}, {"delayMs", 10}}}};
  const Value script = {{"rules", Value::array({rule})}, {"else", {{"say", "x"}}}};
  return {"scripted",
          {{"kind", "scripted"}, {"config", {{"script", script}}}},
          {R"({"prompt":"long"})", R"({"prompt":"x"})"}};
}

Case Generated(const std::string& model) {
  return {"generate",
          {{"kind", "generate"}, {"modelPath", model}, {"config", {{"maxTokens", 1000}}}, {"maxTokens", 1000}},
          {R"({"prompt":"Write a very long story about a ship, with every day of its journey."})",
           R"({"prompt":"Say y.","schema":{"enum":["y"]}})"}};
}

Status Measure(const Flags& flags, Case which, Value& figures, std::vector<Bar>& bars) {
  const Folder folder(flags.places.data, "cancel-" + which.name);
  which.spec["slots"] = 1;
  which.spec["queueLimit"] = 8;
  TRY_ASSIGN(const auto agents, StartAgents(flags.places.programs, folder.path(), "cancel", {{"writer", which.spec}}));
  TRY_ASSIGN(const auto router, StartRouter(flags.places.programs, folder.path(), flags.places.graph));
  TRY_ASSIGN(const SlotTimes times,
             MeasureSlot(router->ready_text(), agents.front()->ready_text(), which.inputs, flags.trials));
  figures[which.name] = {{"step_ms", Round(times.step_ms)},
                         {"short_step_alone_ms", Round(times.alone_ms)},
                         {"p50_free_ms", Round(Median(times.free_ms))},
                         {"p95_free_ms", Round(Quantile(times.free_ms, 0.95))}};
  bars.push_back({which.name + ": ms from Cancel to the place being free; bar: a decode step + 5",
                  Median(times.free_ms), times.step_ms + 5.0, Better::kLess});
  return {};
}

Result<bool> Run(const Flags& flags) {
  Value figures;
  std::vector<Bar> bars;
  TRY(Measure(flags, Scripted(), figures, bars));
  if (flags.model.empty()) {
    figures["generate"] = "not measured: there is no model; deploy/install fetches one";
  } else {
    TRY(Measure(flags, Generated(flags.model), figures, bars));
  }
  std::cout << Report("cancel", figures, bars) << "\n";
  return AllOk(bars);
}

}  // namespace
}  // namespace troupe::bench

int main(int argc, char** argv) {
  troupe::bench::Flags flags;
  CLI::App app("How soon an agent's place is free once a task is cancelled.");
  troupe::bench::AddPlaces(app, flags.places);
  app.add_option("--model", flags.model, "a .gguf file that generates; left out: only a scripted agent is measured");
  app.add_option("--trials", flags.trials, "tasks cancelled")->check(CLI::Range(1, 10'000))->capture_default_str();
  return troupe::bench::Main(app, argc, argv, "cancel", [&flags] { return troupe::bench::Run(flags); });
}
