// The bare embedder behind lines of JSON, so that main.py can race it against others:
// {"texts": [...], "batch": 32, "seconds": 5} is answered with how many texts a second it embeds in calls of 32, and
// {"texts": [...]} with their vectors.
#include <CLI/CLI.hpp>
#include <chrono>
#include <future>

#include "runtime/engine/embedder.h"
#include "tests/bench/common.h"
#include "tests/bench/compute.h"
#include "tests/bench/lines.h"

namespace troupe::bench {
namespace {

struct Flags {
  std::string model;
  engine::EmbedderOptions options;
};

Result<engine::Rows> Embed(engine::Embedder& embedder, std::vector<std::string> texts) {
  std::promise<Result<engine::Rows>> ready;
  TRY(embedder.Embed(std::move(texts), [&](Result<engine::Rows> rows) { ready.set_value(std::move(rows)); }));
  return ready.get_future().get();
}

// Calls of `batch` texts, one after the other, round and round for `seconds`.
Result<Value> Measure(engine::Embedder& embedder, const std::vector<std::string>& texts, size_t batch, double seconds) {
  using Clock = std::chrono::steady_clock;
  const Clock::time_point begin = Clock::now();
  const std::chrono::duration<double> wanted(seconds);
  int64_t count = 0, tokens = 0;
  std::chrono::duration<double> took{};
  for (size_t at = 0; took < wanted;) {
    std::vector<std::string> call;
    for (size_t i = 0; i < batch; ++i, ++at) call.push_back(texts[at % texts.size()]);
    TRY_ASSIGN(const engine::Rows rows, Embed(embedder, std::move(call)));
    count += static_cast<int64_t>(batch);
    tokens += rows.tokens;
    took = Clock::now() - begin;
  }
  return Value{{"texts_s", static_cast<double>(count) / took.count()},
               {"tokens_s", static_cast<double>(tokens) / took.count()}};
}

Result<Value> Answer(engine::Embedder& embedder, const Value& line) {
  if (!line.is_object() || !line.contains("texts")) return Invalid("a line needs \"texts\"");
  const auto texts = line["texts"].get<std::vector<std::string>>();
  if (line.contains("batch")) {
    return Measure(embedder, texts, line["batch"].get<size_t>(), line.value("seconds", 5.0));
  }
  TRY_ASSIGN(const engine::Rows rows, Embed(embedder, texts));
  Value vectors = Value::array();
  for (int32_t i = 0; i < rows.size(); ++i) {
    vectors.push_back(std::vector<float>(rows.row(i).begin(), rows.row(i).end()));
  }
  return Value{{"vectors", std::move(vectors)}};
}

Result<bool> Serve(const Flags& flags) {
  TRY_ASSIGN(const auto embedder, engine::Embedder::Load(flags.model, flags.options));
  TRY(Embed(*embedder, {"memory and threads are there when the first line comes"}));
  AnswerLines({{"compute", embedder->info().compute}, {"digest", embedder->info().digest}},
              [&](const Value& line) { return Answer(*embedder, line); });
  return true;
}

}  // namespace
}  // namespace troupe::bench

int main(int argc, char** argv) {
  troupe::bench::Flags flags;
  CLI::App app("The bare embedder, one answer a line.");
  app.add_option("--model", flags.model, "a folder of a model that embeds")->required();
  troupe::bench::AddCompute(app, flags.options.compute);
  troupe::bench::AddThreads(app, flags.options.threads, "the model");
  return troupe::bench::Main(app, argc, argv, "embed", [&flags] { return troupe::bench::Serve(flags); });
}
