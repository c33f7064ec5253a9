#include "agents/tools/evaluate.h"

#include <ATen/Parallel.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>

#include "agents/tools/card_parts.h"
#include "agents/tools/progress_line.h"
#include "runtime/base/write_file.h"
#include "runtime/evaluate/choices.h"
#include "runtime/evaluate/classifier_report.h"
#include "runtime/evaluate/report.h"
#include "runtime/evaluate/subject.h"
#include "runtime/train/labelled_texts.h"
#include "runtime/train/text_sample.h"

namespace troupe::tools {
namespace {

namespace fs = std::filesystem;

constexpr char kFooter[] = R"(MODEL is a .gguf file or a folder, and may end with the format to run it in:
  :fp32 :bf16   the default is fp32
  :int8 :int4   rounded to the nearest when it is loaded
  :stored       as the file has it; the default for what is quantised
  :aten         on libtorch, in float32
The first one is the full model that the others are compared with. Models that write must have its vocabulary, and are
compared on --text; classifiers (fp32, bf16, int8, int4) are compared on --labelled: how often each is right, how far
its confidence can be believed, what it costs.

Examples:
  troupe-agent evaluate smollm2.gguf smollm2.gguf:int4 smollm2-int4 --text manual.md --out report
  troupe-agent evaluate smollm2.gguf smollm2-int4 --text questions.csv --task questions.csv --no-speed
  troupe-agent evaluate bank-teacher bank-student bank-student:int8 --labelled test.csv --price 0.10 --watts 65)";

// Whatever kind of report it is.
template <typename Report>
Status Tell(const Report& report, const fs::path& folder) {
  std::fputs(evaluate::Markdown(report).c_str(), stdout);
  if (folder.empty()) return {};
  std::error_code failure;
  fs::create_directories(folder, failure);
  if (failure) return Internal(folder.string() + ": " + failure.message());
  TRY(WriteFile(folder / "report.md", evaluate::Markdown(report) + "\n![](chart.svg)\n"));
  TRY(WriteFile(folder / "report.json", ToFileText(evaluate::Json(report))));
  return WriteFile(folder / "chart.svg", evaluate::Chart(report));
}

std::string Names(const std::vector<std::string>& paths) {
  std::string names;
  for (const std::string& path : paths) names += (names.empty() ? "" : ", ") + fs::path(path).filename().string();
  return names;
}

}  // namespace

Evaluate::Evaluate(CLI::App& app)
    : command_(app.add_subcommand("evaluate", "Compare models: size, speed, quality, what the first one loses")) {
  command_->footer(kFooter);
  command_->add_option("MODEL", models_, "The models; the first is the full one")->required();
  auto* text =
      command_->add_option("--text", texts_, "Real text to predict: a plain file, or a .csv with a column \"text\"");
  command_->add_option("--labelled", labelled_, "Of classifiers: texts with the right labels, .csv or .jsonl")
      ->excludes(text);
  command_->add_option("--task", task_, "A .csv with \"text\" and \"label\" or \"category\": which label is right?")
      ->needs(text);
  command_->add_option("--questions", questions_, "Of the task")->capture_default_str()->check(CLI::Range(1, 100000));
  command_->add_option("--choices", choices_, "Labels to choose from")->capture_default_str()->check(CLI::Range(2, 64));
  command_->add_option("--windows", windows_, "Pieces of the text, spread over it")
      ->capture_default_str()
      ->check(CLI::Range(1, 65536));
  command_->add_option("--length", length_, "Tokens in a piece")->capture_default_str()->check(CLI::Range(2, 65536));
  command_->add_option("--seed", seed_, "Which questions are asked")->capture_default_str();
  command_->add_option("--threads", threads_, "Cores to use")->capture_default_str()->check(CLI::Range(1, 1024));
  command_->add_flag("--no-speed", no_speed_, "Leave speed out");
  command_->add_option("--price", price_, "Of an hour of the device, in any currency: the report says what work costs")
      ->check(CLI::NonNegativeNumber);
  command_->add_option("--watts", watts_, "Of the device at work: the report estimates energy")
      ->check(CLI::NonNegativeNumber);
  command_->add_option("--out", out_, "A folder for report.md, report.json and chart.svg");
}

Status Evaluate::Run() const {
  at::set_num_threads(threads_);
  if (!labelled_.empty()) return RunOnLabelled();
  if (!texts_.empty()) return RunOnText();
  return Invalid("evaluate needs --text, real text that models predict, or --labelled, texts for classifiers");
}

std::string Evaluate::Machine() const { return std::to_string(threads_) + (threads_ == 1 ? " thread" : " threads"); }

Status Evaluate::RunOnLabelled() const {
  TRY_ASSIGN(const auto texts, train::ReadLabelledTexts(labelled_, train::Labels::kRequired));
  ProgressLine line("evaluate");
  evaluate::ClassifierReport report{.machine = Machine(),
                                    .texts = Names({labelled_}) + ", " + std::to_string(texts.size()),
                                    .cost = {.watts = watts_, .price_per_hour = price_}};
  evaluate::ClassifierOptions options{.threads = threads_};
  if (no_speed_) options.rounds = 0;
  TRY_ASSIGN(report.rows, evaluate::CompareClassifiers(models_, texts, options,
                                                       [&line](double done) { line.Show(done, "classifiers"); }));
  return Tell(report, out_);
}

Status Evaluate::RunOnText() const {
  const std::vector<fs::path> paths(texts_.begin(), texts_.end());
  TRY_ASSIGN(const std::string text, train::ReadTexts(paths));
  TRY_ASSIGN(const auto first, model::LoadFolderOrGguf(evaluate::SplitName(models_.front()).first));
  TRY_ASSIGN(const auto tokens, train::Tokens(*first.tokenizer, text));
  TRY_ASSIGN(const auto windows, train::SpreadWindows(tokens, windows_, length_));
  std::vector<evaluate::Question> questions;
  int64_t longest = length_;
  if (!task_.empty()) {
    TRY_ASSIGN(const auto labelled, evaluate::ReadLabelled(task_));
    TRY_ASSIGN(questions, evaluate::MakeQuestions(labelled, static_cast<size_t>(questions_),
                                                  static_cast<size_t>(choices_), seed_));
    TRY_ASSIGN(const int64_t question, evaluate::LongestQuestion(questions, *first.tokenizer));
    longest = std::max(longest, question);
  }
  const evaluate::SpeedOptions speed;
  const int64_t pages = std::max(model::PagesFor(longest), no_speed_ ? 0 : evaluate::SpeedPages(speed));

  evaluate::Report report;
  report.machine = Machine();
  report.cost = {.watts = watts_, .price_per_hour = price_};
  report.text =
      Names(texts_) + ", " + std::to_string(windows.size()) + " pieces of " + std::to_string(length_) + " tokens";
  if (!task_.empty()) {
    report.task = fs::path(task_).filename().string() + ", " + std::to_string(questions.size()) + " questions with " +
                  std::to_string(choices_) + " choices";
  }
  ProgressLine line("evaluate");
  std::vector<evaluate::Subject> subjects;
  std::vector<model::Decoder*> decoders;
  for (const std::string& name : models_) {
    line.Show(0, "loading " + name);
    TRY_ASSIGN(evaluate::Subject subject, evaluate::LoadSubject(name, {.threads = threads_, .pages = pages}));
    decoders.push_back(subject.decoder.get());
    subjects.push_back(std::move(subject));
  }
  TRY_ASSIGN(const auto qualities,
             evaluate::Compare(decoders, windows, [&line](double done) { line.Show(0.8 * done, "perplexity"); }));
  for (size_t i = 0; i < subjects.size(); ++i) {
    line.Show(0.8 + 0.2 * static_cast<double>(i) / static_cast<double>(subjects.size()), "speed and task");
    const evaluate::Subject& subject = subjects[i];
    evaluate::Row row{fs::path(subject.name).filename().string(),
                      subject.scheme,
                      subject.file_bytes,
                      subject.weight_bytes,
                      qualities[i],
                      {},
                      {}};
    if (!no_speed_) {
      TRY_ASSIGN(row.speed, evaluate::MeasureSpeed(*subject.decoder, speed));
    }
    if (!questions.empty()) {
      TRY_ASSIGN(row.accuracy, evaluate::Accuracy(*subject.decoder, *subject.files.tokenizer, questions));
    }
    report.rows.push_back(std::move(row));
  }
  return Tell(report, out_);
}

}  // namespace troupe::tools
