// What the benchmark's script needs of the product's libraries: a classifier's answers to texts with its calibrated
// confidence and its speed, as it is served, and curves as SVG.
#include <ATen/core/TensorBody.h>
#include <ATen/ops/cat.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <iostream>

#include "runtime/evaluate/line_chart.h"
#include "runtime/model/load_encoder.h"
#include "runtime/model/model_files.h"
#include "runtime/train/calibration.h"
#include "runtime/train/encoded_texts.h"
#include "runtime/train/labelled_texts.h"
#include "tests/bench/common.h"

namespace troupe::bench {
namespace {

struct Flags {
  std::string model, texts, curves;
  int threads = 1;
};

// A line for each text, then how long one takes alone, the median of some.
Status Answer(const Flags& flags) {
  TRY_ASSIGN(const model::ModelFiles files, model::LoadFolderOrGguf(flags.model));
  TRY_ASSIGN(auto read, train::ReadLabelledTexts(flags.texts, train::Labels::kIgnored));
  TRY_ASSIGN(const auto texts, train::Number(std::move(read), files.config.labels, "the model"));
  TRY_ASSIGN(const train::EncodedTexts encoded, train::Encode(files, texts));
  TRY_ASSIGN(const auto encoder,
             model::LoadEncoder(files.config, *files.weights,
                                {.weights = model::BestEncoderFormat(c10::kCPU), .threads = flags.threads}));
  constexpr size_t kTogether = 64, kAlone = 200;
  std::vector<at::Tensor> scores;
  for (size_t begin = 0; begin < encoded.size(); begin += kTogether) {
    const auto part = std::span(encoded.ids).subspan(begin, std::min(kTogether, encoded.size() - begin));
    TRY_ASSIGN(scores.emplace_back(), encoder->Classify(part));
  }
  for (const train::SureAnswer& answer :
       train::AnswersOf(at::cat(scores), encoded.numbers, files.config.score_temperature)) {
    std::cout << Dump({{"label", files.config.labels[static_cast<size_t>(answer.number)]},
                       {"confidence", answer.confidence}})
              << "\n";
  }
  std::vector<double> times_ms;
  for (size_t i = 0; i < std::min(kAlone, encoded.size()); ++i) {
    const auto start = std::chrono::steady_clock::now();
    TRY(encoder->Classify(std::span(encoded.ids).subspan(i, 1)));
    times_ms.push_back(std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count());
  }
  std::cout << Dump({{"ms", Median(times_ms)}}) << std::endl;
  return {};
}

// {"x": what it says, "y": what it says, "lines": [{"name", "points": [[x, y], ...]}]} to SVG.
Status Draw(const std::string& file) {
  std::ifstream input(file);
  const Value curves = Value::parse(input);
  std::vector<evaluate::ChartLine> lines;
  for (const Value& line : curves.at("lines")) {
    lines.push_back({line.at("name"), line.at("points").get<std::vector<std::pair<double, double>>>()});
  }
  std::cout << evaluate::LineChart(lines, curves.at("x"), curves.at("y"));
  return {};
}

Result<bool> Run(const Flags& flags) {
  TRY(flags.curves.empty() ? Answer(flags) : Draw(flags.curves));
  return true;
}

}  // namespace
}  // namespace troupe::bench

int main(int argc, char** argv) {
  troupe::bench::Flags flags;
  CLI::App app("A classifier's answers to texts, or curves as SVG.");
  auto* texts = app.add_option("--texts", flags.texts, "what it is asked: a .csv with the column text");
  app.add_option("--model", flags.model, "its folder")->needs(texts);
  app.add_option("--threads", flags.threads, "threads of the model")->capture_default_str();
  app.add_option("--curves", flags.curves, "a file of curves to draw");
  return troupe::bench::Main(app, argc, argv, "learn", [&flags] { return troupe::bench::Run(flags); });
}
