#include "runtime/evaluate/classifier.h"

#include <ATen/core/TensorBody.h>
#include <ATen/ops/cat.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <span>
#include <utility>

#include "runtime/evaluate/median.h"
#include "runtime/evaluate/subject.h"
#include "runtime/model/load_encoder.h"
#include "runtime/train/calibration.h"
#include "runtime/train/encoded_texts.h"

namespace troupe::evaluate {
namespace {

constexpr size_t kAlone = 100, kInCalls = 512;  // texts of a round, at most

struct Examinee {
  ClassifierRow row;
  model::ModelFiles files;
  train::EncodedTexts texts;
  std::unique_ptr<model::Encoder> encoder;
  std::vector<double> alone_ms, together_s;  // of each round
};

Result<model::WeightFormat> FormatOf(const std::string& name, const std::string& format) {
  if (format.empty()) return model::WeightFormat::kF32;
  const auto weights = model::WeightFormatFromName(format);
  if (weights && *weights != model::WeightFormat::kStored) return *weights;
  return Invalid(name + ": a classifier is run in fp32, bf16, int8 or int4");
}

Result<Examinee> Load(const std::string& name, const std::vector<train::LabelledText>& texts, int threads) {
  const auto [path, format] = SplitName(name);
  Examinee examinee{.row = {.name = name}};
  TRY_ASSIGN(examinee.files, model::LoadFolderOrGguf(path));
  if (const Status head = model::CheckHead(examinee.files.config); !head) {
    return Error{head.error().code, path + ": " + head.error().message + "; 'troupe-agent distill' makes classifiers"};
  }
  TRY_ASSIGN(const model::WeightFormat weights, FormatOf(name, format));
  TRY_ASSIGN(examinee.encoder, model::LoadEncoder(examinee.files.config, *examinee.files.weights,
                                                  {.weights = weights, .threads = threads}));
  TRY_ASSIGN(const auto numbered, train::Number(texts, examinee.files.config.labels, name));
  TRY_ASSIGN(examinee.texts, train::Encode(examinee.files, numbered));
  examinee.row.scheme = examinee.encoder->compute();
  examinee.row.parameters = examinee.encoder->parameters();
  examinee.row.weight_bytes = examinee.encoder->weight_bytes();
  examinee.row.file_bytes = FileBytes(examinee.files);
  return examinee;
}

// The label that it gives to each text; its row says how good they are.
Result<std::vector<std::string>> Answer(Examinee& examinee) {
  const std::span ids(examinee.texts.ids);
  std::vector<at::Tensor> scores;
  for (size_t begin = 0; begin < ids.size(); begin += kTogether) {
    TRY_ASSIGN(scores.emplace_back(),
               examinee.encoder->Classify(ids.subspan(begin, std::min(kTogether, ids.size() - begin))));
  }
  const auto answers =
      train::AnswersOf(at::cat(scores), examinee.texts.numbers, examinee.files.config.score_temperature);
  std::vector<std::string> labels;
  size_t right = 0;
  for (const train::SureAnswer& answer : answers) {
    labels.push_back(examinee.files.config.labels[static_cast<size_t>(answer.number)]);
    right += answer.right ? 1 : 0;
  }
  examinee.row.accuracy = static_cast<double>(right) / static_cast<double>(answers.size());
  examinee.row.calibration_error = train::CalibrationError(answers);
  return labels;
}

// Seconds for the first `count` texts in calls of `together`.
Result<double> Time(Examinee& examinee, size_t count, size_t together) {
  const auto begin = std::chrono::steady_clock::now();
  for (size_t at = 0; at < count; at += together) {
    TRY(examinee.encoder->Classify(std::span(examinee.texts.ids).subspan(at, std::min(together, count - at))));
  }
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

// All take turns, so that what else the machine does meets all of them. The first round warms up.
Status MeasureSpeed(std::vector<Examinee>& examinees, int rounds, const std::function<void(double)>& progress) {
  const size_t texts = examinees.front().texts.size();
  const size_t alone = std::min(kAlone, texts), in_calls = std::min(kInCalls, texts);
  for (int round = 0; round <= rounds; ++round) {
    progress(static_cast<double>(round) / (rounds + 1));
    for (Examinee& examinee : examinees) {
      TRY_ASSIGN(const double alone_s, Time(examinee, alone, 1));
      TRY_ASSIGN(const double together_s, Time(examinee, in_calls, kTogether));
      if (round == 0) continue;
      examinee.alone_ms.push_back(1e3 * alone_s / static_cast<double>(alone));
      examinee.together_s.push_back(static_cast<double>(in_calls) / together_s);
    }
  }
  for (Examinee& examinee : examinees) {
    examinee.row.text_ms = Median(examinee.alone_ms);
    examinee.row.texts_s = Median(examinee.together_s);
  }
  return {};
}

}  // namespace

Result<std::vector<ClassifierRow>> CompareClassifiers(const std::vector<std::string>& names,
                                                      const std::vector<train::LabelledText>& texts,
                                                      const ClassifierOptions& options,
                                                      const std::function<void(double)>& progress) {
  std::vector<Examinee> examinees;
  std::vector<std::string> first;
  for (const std::string& name : names) {
    progress(0.5 * static_cast<double>(examinees.size()) / static_cast<double>(names.size()));
    TRY_ASSIGN(examinees.emplace_back(), Load(name, texts, options.threads));
    TRY_ASSIGN(const auto labels, Answer(examinees.back()));
    if (first.empty()) first = labels;
    size_t same = 0;
    for (size_t i = 0; i < labels.size(); ++i) same += labels[i] == first[i] ? 1 : 0;
    examinees.back().row.agreement = static_cast<double>(same) / static_cast<double>(labels.size());
  }
  if (options.rounds > 0) {
    TRY(MeasureSpeed(examinees, options.rounds, [&](double done) { progress(0.5 + 0.5 * done); }));
  }
  std::vector<ClassifierRow> rows;
  for (Examinee& examinee : examinees) rows.push_back(std::move(examinee.row));
  return rows;
}

}  // namespace troupe::evaluate
