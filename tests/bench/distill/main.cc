// Teacher and student side by side: how often each is right, how fast each is, how large.
#include <ATen/core/TensorBody.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <filesystem>
#include <iostream>
#include <map>
#include <memory>

#include "runtime/model/load_encoder.h"
#include "runtime/model/model_files.h"
#include "runtime/model/size.h"
#include "runtime/train/encoded_texts.h"
#include "runtime/train/labelled_texts.h"
#include "tests/bench/common.h"
#include "tests/bench/report.h"

namespace troupe::bench {
namespace {

struct Flags {
  std::string teacher, student, texts;
  int threads = 1;
  int rounds = 9;
};

constexpr size_t kCalls = 32;  // texts in a large call

struct Subject {
  model::ModelFiles files;
  train::EncodedTexts texts;
  std::unique_ptr<model::Encoder> encoder;

  Status Use(model::WeightFormat format, int threads) {
    TRY_ASSIGN(encoder, model::LoadEncoder(files.config, *files.weights, {.weights = format, .threads = threads}));
    return {};
  }

  // In percent.
  Result<double> Accuracy() {
    double right = 0;
    for (size_t begin = 0; begin < texts.size(); begin += kCalls) {
      const size_t count = std::min(kCalls, texts.size() - begin);
      TRY_ASSIGN(const at::Tensor logits, encoder->Classify(std::span(texts.ids).subspan(begin, count)));
      const at::Tensor best = logits.argmax(-1);
      for (size_t i = 0; i < count; ++i) {
        right += best[static_cast<int64_t>(i)].item<int64_t>() == texts.numbers[begin + i] ? 1 : 0;
      }
    }
    return 100 * right / static_cast<double>(texts.size());
  }

  // Texts a second, over `count` texts in calls of `together`.
  Result<double> Speed(size_t count, size_t together) {
    const auto begin = std::chrono::steady_clock::now();
    for (size_t at = 0; at < count; at += together) {
      TRY(encoder->Classify(std::span(texts.ids).subspan(at, together)));
    }
    return static_cast<double>(count) / std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  }
};

Result<Subject> Load(const std::string& folder, const std::vector<train::LabelledText>& texts) {
  Subject subject;
  TRY_ASSIGN(subject.files, model::LoadFolderOrGguf(folder));
  TRY_ASSIGN(const auto numbered, train::Number(texts, subject.files.config.labels, folder + "'s labels"));
  TRY_ASSIGN(subject.texts, train::Encode(subject.files, numbered));
  return subject;
}

double LayerParameters(model::ModelConfig config) {
  const int64_t whole = model::ParametersOf(config), layers = std::exchange(config.layers, 1);
  return static_cast<double>(layers) * static_cast<double>(whole - model::ParametersOf(config)) /
         static_cast<double>(std::max<int64_t>(1, layers - 1));
}

Result<bool> Run(const Flags& flags) {
  TRY_ASSIGN(const auto texts, train::ReadLabelledTexts(flags.texts, train::Labels::kRequired));
  std::map<std::string, Subject> subjects;
  std::map<std::string, double> accuracy;
  Value figures;
  for (const auto& [name, folder] : {std::pair("teacher", flags.teacher), std::pair("student", flags.student)}) {
    TRY_ASSIGN(subjects[name], Load(folder, texts));
    Subject& subject = subjects[name];
    TRY(subject.Use(model::WeightFormat::kF32, flags.threads));
    TRY_ASSIGN(accuracy[name], subject.Accuracy());
    TRY(subject.Use(model::WeightFormat::kInt8, flags.threads));
    TRY_ASSIGN(accuracy[std::string(name) + " int8"], subject.Accuracy());
    figures["int8_mb"][name] = Round(static_cast<double>(subject.encoder->weight_bytes()) / 1e6);
    TRY(subject.Use(model::BestEncoderFormat(c10::kCPU), flags.threads));
    figures["format"] = subject.encoder->compute();
    figures["parameters"][name] = model::ParametersOf(subject.files.config);
    figures["layer_parameters"][name] = LayerParameters(subject.files.config);
    figures["file_mb"][name] = Round(
        static_cast<double>(std::filesystem::file_size(std::filesystem::path(folder) / "model.safetensors")) / 1e6);
  }
  std::map<std::string, std::map<size_t, std::vector<double>>> speeds;
  for (int round = 0; round <= flags.rounds; ++round) {
    for (const size_t together : {size_t{1}, kCalls}) {
      for (auto& [name, subject] : subjects) {
        TRY_ASSIGN(const double speed, subject.Speed(together == 1 ? 256 : 2048, together));
        if (round > 0) speeds[name][together].push_back(speed);  // the first one warms up
      }
    }
  }
  for (const auto& [name, percent] : accuracy) figures["accuracy"][name] = Round(percent);
  for (auto& [name, by_size] : speeds) {
    for (auto& [together, list] : by_size) figures["texts_s"][name][std::to_string(together)] = Round(Median(list));
  }
  const auto faster = [&](size_t together) {
    return Round(MedianRatio(speeds["student"][together], speeds["teacher"][together]));
  };
  const std::vector<Bar> bars{
      {"teacher's accuracy, %", Round(accuracy["teacher"]), 93, Better::kMore},
      {"student's share of it, %", Round(100 * accuracy["student"] / accuracy["teacher"]), 97, Better::kMore},
      {"student's speed in calls of 1, times the teacher's", faster(1), 3, Better::kMore},
      {"student's speed in calls of 32, times the teacher's", faster(kCalls), 3, Better::kMore},
      {"student's parameters in layers, share of the teacher's",
       Round(LayerParameters(subjects["student"].files.config) / LayerParameters(subjects["teacher"].files.config)),
       0.5, Better::kLess},
      {"points that int8 costs the student", Round(accuracy["student"] - accuracy["student int8"]), 0.5,
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
