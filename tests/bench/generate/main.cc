// The bare engine behind lines of JSON (visit.h), so that main.py can race it against others.
#include <CLI/CLI.hpp>
#include <map>
#include <string>

#include "tests/bench/common.h"
#include "tests/bench/compute.h"
#include "tests/bench/generate/bare.h"
#include "tests/bench/lines.h"

namespace troupe::bench {
namespace {

struct Flags {
  std::string model;
  std::string text;
  engine::EngineOptions options;
};

Result<Value> Answer(Bare& bare, const Value& line) {
  TRY_ASSIGN(const Visit visit, ReadVisit(line));
  const std::string what = line.is_object() ? line.value("do", "run") : "run";
  if (what == "run") return bare.Run(visit);
  if (what == "prompts") return bare.PromptsOf(visit);
  if (what == "hold") return bare.Hold(visit, line.value("tokens", int64_t{1024}));
  if (what == "soak") return bare.Soak(visit, line.value("seconds", 300.0));
  return Invalid("do is '" + what + "', it may be run, prompts, hold or soak");
}

Result<bool> Serve(const Flags& flags) {
  TRY_ASSIGN(Bare bare, Bare::Load(flags.model, flags.text, flags.options));
  // memory and threads are there when the first visit begins
  TRY(bare.Run({.sequences = 2, .prompt_tokens = 32, .new_tokens = 4}));
  const engine::ModelInfo& info = bare.engine().info();
  AnswerLines({{"peer", "troupe-" + info.compute}, {"compute", info.compute}, {"digest", info.digest}},
              [&bare](const Value& line) { return Answer(bare, line); });
  return true;
}

}  // namespace
}  // namespace troupe::bench

int main(int argc, char** argv) {
  troupe::bench::Flags flags;
  flags.options.max_queued = 256;
  flags.options.speculation = troupe::engine::Speculation::kOff;
  CLI::App app("The bare engine, one answer a line: {\"sequences\": 4, \"prompt_tokens\": 128, \"new_tokens\": 64}.");
  app.add_option("--model", flags.model, "a .gguf file or folder of a model that generates")->required();
  app.add_option("--text", flags.text, "what prompts are made of")->required();
  troupe::bench::AddCompute(app, flags.options.compute);
  app.add_option("--speculation", flags.options.speculation, "guess tokens and check several in one step")
      ->transform(CLI::CheckedTransformer(
          std::map<std::string, troupe::engine::Speculation>{{"off", troupe::engine::Speculation::kOff},
                                                             {"auto", troupe::engine::Speculation::kAuto},
                                                             {"always", troupe::engine::Speculation::kAlways}}));
  troupe::bench::AddThreads(app, flags.options.threads, "a step");
  app.add_option("--batch", flags.options.max_sequences, "sequences at once; more wait")->capture_default_str();
  app.add_option("--prefill-chunk", flags.options.prefill_chunk, "tokens of prompts in a step, twice as many alone")
      ->capture_default_str();
  app.add_option("--context", flags.options.max_context, "tokens of a sequence at most; 0: what the model knows")
      ->capture_default_str();
  return troupe::bench::Main(app, argc, argv, "generate", [&flags] { return troupe::bench::Serve(flags); });
}
