// Teacher and student side by side: how often each is right, how fast each is, how large.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <iostream>
#include <map>
#include <utility>

#include "runtime/evaluate/classifier.h"
#include "runtime/model/load_encoder.h"
#include "runtime/model/model_files.h"
#include "runtime/model/size.h"
#include "tests/bench/common.h"
#include "tests/bench/report.h"

namespace troupe::bench {
namespace {

struct Flags {
  std::string teacher, student, texts;
  int threads = 1;
  int rounds = 9;
};

Result<double> LayerParameters(const std::string& folder) {
  TRY_ASSIGN(const model::ModelFiles files, model::LoadFolderOrGguf(folder));
  model::ModelConfig config = files.config;
  const int64_t whole = model::ParametersOf(config), layers = std::exchange(config.layers, 1);
  return static_cast<double>(layers) * static_cast<double>(whole - model::ParametersOf(config)) /
         static_cast<double>(std::max<int64_t>(1, layers - 1));
}

Result<bool> Run(const Flags& flags) {
  TRY_ASSIGN(const auto texts, train::ReadLabelledTexts(flags.texts, train::Labels::kRequired));
  const auto compare = [&](const std::string& format, int rounds) {
    return evaluate::CompareClassifiers({flags.teacher + format, flags.student + format}, texts,
                                        {.threads = flags.threads, .rounds = rounds}, [](double) {});
  };
  Value figures;
  std::map<std::string, std::vector<evaluate::ClassifierRow>> rows;
  // as it is served
  const std::string served = ":" + std::string(model::WeightFormatName(model::BestEncoderFormat(c10::kCPU)));
  for (const std::string& format : {std::string(":fp32"), std::string(":int8"), served}) {
    TRY_ASSIGN(rows[format], compare(format, format == served ? flags.rounds : 0));
    for (const size_t i : {0u, 1u}) {
      const evaluate::ClassifierRow& row = rows[format][i];
      figures["accuracy"][(i == 0 ? "teacher" : "student") + format] = Round(100 * row.accuracy);
    }
  }
  const evaluate::ClassifierRow &teacher = rows[":fp32"][0], &student = rows[":fp32"][1];
  TRY_ASSIGN(const double teacher_layers, LayerParameters(flags.teacher));
  TRY_ASSIGN(const double student_layers, LayerParameters(flags.student));
  figures["layer_parameters"] = {{"teacher", teacher_layers}, {"student", student_layers}};
  for (const size_t i : {0u, 1u}) {
    const std::string name = i == 0 ? "teacher" : "student";
    const evaluate::ClassifierRow& timed = rows[served][i];
    figures["format"] = timed.scheme;
    figures["parameters"][name] = timed.parameters;
    figures["file_mb"][name] = Round(static_cast<double>(timed.file_bytes) / 1e6);
    figures["int8_mb"][name] = Round(static_cast<double>(rows[":int8"][i].weight_bytes) / 1e6);
    figures["text_ms"][name] = Round(timed.text_ms);
    figures["texts_s"][name] = Round(timed.texts_s);
  }
  const std::vector<Bar> bars{
      {"teacher's accuracy, %", Round(100 * teacher.accuracy), 93, Better::kMore},
      {"student's share of it, %", Round(100 * student.accuracy / teacher.accuracy), 97, Better::kMore},
      {"student's speed in calls of 1, times the teacher's", Round(rows[served][0].text_ms / rows[served][1].text_ms),
       3, Better::kMore},
      {"student's speed in calls of 32, times the teacher's", Round(rows[served][1].texts_s / rows[served][0].texts_s),
       3, Better::kMore},
      {"student's parameters in layers, share of the teacher's", Round(student_layers / teacher_layers), 0.5,
       Better::kLess},
      {"points that int8 costs the student", Round(100 * (student.accuracy - rows[":int8"][1].accuracy)), 0.5,
       Better::kLess}};
  std::cout << Report("distill", figures, bars) << std::endl;
  return AllOk(bars);
}

}  // namespace
}  // namespace troupe::bench

int main(int argc, char** argv) {
  troupe::bench::Flags flags;
  CLI::App app("Teacher and student side by side: accuracy, speed, size.");
  app.add_option("--teacher", flags.teacher, "its folder")->required();
  app.add_option("--student", flags.student, "its folder")->required();
  app.add_option("--texts", flags.texts, "what both are asked: a .csv with text and label")->required();
  troupe::bench::AddThreads(app, flags.threads, "a model");
  app.add_option("--rounds", flags.rounds, "in which both take turns")->capture_default_str();
  return troupe::bench::Main(app, argc, argv, "distill", [&flags] { return troupe::bench::Run(flags); });
}
