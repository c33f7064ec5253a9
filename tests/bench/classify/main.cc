// A classifier's accuracy with its encoder in each number format.
#include <ATen/ATen.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <fstream>
#include <future>
#include <iostream>
#include <map>
#include <sstream>

#include "runtime/base/csv.h"
#include "runtime/engine/embedder.h"
#include "tests/bench/classify/head.h"
#include "tests/bench/common.h"
#include "tests/bench/report.h"

namespace troupe::bench {
namespace {

struct Flags {
  std::string data;
  std::string model;
  int steps = 500;
  int threads = 1;
};

struct Texts {
  std::vector<std::string> texts;
  std::vector<int64_t> labels;
};

Result<Texts> ReadTexts(const std::string& file, std::map<std::string, int64_t>& numbers) {
  std::ifstream stream(file);
  if (!stream) return Error{Code::kNotFound, "no file " + file + ": give --data, or set TROUPE_BANKING77"};
  std::ostringstream text;
  text << stream.rdbuf();
  TRY_ASSIGN(const CsvTable table, ParseCsv(text.str()));
  TRY_ASSIGN(const size_t text_column, table.Column({"text"}));
  TRY_ASSIGN(const size_t label_column, table.Column({"label", "category"}));
  Texts read;
  for (const auto& row : table.rows) {
    read.texts.push_back(row[text_column]);
    const auto number = static_cast<int64_t>(numbers.size());
    read.labels.push_back(numbers.emplace(row[label_column], number).first->second);
  }
  return read;
}

class Encoder {
 public:
  static Result<Encoder> Load(const Flags& flags, engine::Compute compute) {
    engine::EmbedderOptions options{.max_queued = 1 << 16, .threads = flags.threads};
    options.compute = compute;
    TRY_ASSIGN(auto embedder, engine::Embedder::Load(flags.model, options));
    return Encoder(std::move(embedder));
  }

  // [texts, width]; adds up texts and time.
  Result<at::Tensor> Embed(const std::vector<std::string>& texts) {
    const auto begin = std::chrono::steady_clock::now();
    std::promise<Result<engine::Rows>> ready;
    TRY(embedder_->Embed(texts, [&](Result<engine::Rows> rows) { ready.set_value(std::move(rows)); }));
    TRY_ASSIGN(const engine::Rows rows, ready.get_future().get());
    seconds_ += std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    texts_ += static_cast<double>(texts.size());
    at::Tensor tensor = at::empty({rows.size(), rows.width}, at::kFloat);
    std::copy(rows.values.begin(), rows.values.end(), tensor.data_ptr<float>());
    return tensor;
  }
  double texts_per_second() const { return texts_ / seconds_; }

 private:
  explicit Encoder(std::unique_ptr<engine::Embedder> embedder) : embedder_(std::move(embedder)) {}
  std::unique_ptr<engine::Embedder> embedder_;
  double seconds_ = 0, texts_ = 0;
};

Result<bool> Run(const Flags& flags) {
  std::map<std::string, int64_t> numbers;
  TRY_ASSIGN(const Texts train, ReadTexts(flags.data + "/train.csv", numbers));
  const auto labels = static_cast<int64_t>(numbers.size());
  TRY_ASSIGN(const Texts test, ReadTexts(flags.data + "/test.csv", numbers));
  if (static_cast<int64_t>(numbers.size()) != labels) return Invalid("the test split has labels that train has not");

  Value figures = {{"labels", labels}, {"train", train.texts.size()}, {"test", test.texts.size()}};
  std::map<std::string, double> accuracy;
  Head head;
  for (const engine::Compute compute :
       {engine::Compute::kFp32, engine::Compute::kBf16, engine::Compute::kInt8, engine::Compute::kInt4}) {
    const std::string name(engine::ComputeName(compute));
    std::cerr << "classify: " << name << std::endl;
    TRY_ASSIGN(Encoder encoder, Encoder::Load(flags, compute));
    TRY_ASSIGN(const at::Tensor vectors, encoder.Embed(test.texts));
    if (compute == engine::Compute::kFp32 || compute == engine::Compute::kInt4) {
      TRY_ASSIGN(const at::Tensor own, encoder.Embed(train.texts));
      const Head trained = TrainHead(own, train.labels, labels, flags.steps);
      if (compute == engine::Compute::kFp32) head = trained;
      if (compute == engine::Compute::kInt4) accuracy["int4, own head"] = Accuracy(trained, vectors, test.labels);
    }
    accuracy[name] = Accuracy(head, vectors, test.labels);
    figures["texts_s"][name] = Round(encoder.texts_per_second());
  }
  for (const auto& [name, percent] : accuracy) figures["accuracy"][name] = Round(percent);
  const double full = accuracy["fp32"];
  const std::vector<Bar> bars{
      {"points that int8 loses", Round(full - accuracy["int8"]), 0.3, Better::kLess},
      {"points that the best int4 loses", Round(full - std::max(accuracy["int4"], accuracy["int4, own head"])), 1.0,
       Better::kLess}};
  std::cout << Report("classify", figures, bars) << std::endl;
  return AllOk(bars);
}

}  // namespace
}  // namespace troupe::bench

int main(int argc, char** argv) {
  troupe::bench::Flags flags;
  CLI::App app("A classifier's accuracy with its encoder in each number format.");
  app.add_option("--data", flags.data, "folder with train.csv and test.csv")->required();
  app.add_option("--model", flags.model, "folder of a model that embeds")->required();
  app.add_option("--steps", flags.steps, "of training the head")->capture_default_str();
  troupe::bench::AddThreads(app, flags.threads, "the model");
  return troupe::bench::Main(app, argc, argv, "classify", [&flags] { return troupe::bench::Run(flags); });
}
