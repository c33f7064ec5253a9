#include "agents/tools/choose.h"

#include <ATen/Parallel.h>

#include <cstdio>
#include <vector>

#include "agents/tools/training_data.h"
#include "runtime/base/value.h"
#include "runtime/train/choice.h"
#include "runtime/train/encoded_texts.h"
#include "runtime/train/held_back.h"
#include "runtime/train/outputs.h"

namespace troupe::tools {
namespace {

constexpr char kFooter[] =
    R"(TEXTS is a .csv with the column text, a .jsonl with the field text, or a text a line. What is chosen is
printed in the order in which it is worth asking about, with what the student says to it and how sure it is; put in the
right label and it is a lesson for 'troupe-agent learn'. A text is chosen where the student doubts and no text like it
was chosen.

  troupe-agent choose bank-student asked.txt --count 200 > to-label.jsonl)";

}  // namespace

Choose::Choose(CLI::App& app)
    : command_(app.add_subcommand("choose", "Choose the texts whose labels a student would learn most from")) {
  command_->footer(kFooter);
  command_->add_option("STUDENT", student_, "The folder of a classifier")->required();
  command_->add_option("TEXTS", texts_, "A file of texts")->required();
  command_->add_option("--count", count_, "How many at most")->capture_default_str();
  command_->add_option("--threads", threads_, "Cores it may use")->capture_default_str()->check(CLI::Range(1, 1024));
}

Status Choose::Run() const {
  at::set_num_threads(threads_);
  TRY_ASSIGN(const model::ModelFiles files, OpenEncoder(student_));
  TRY_ASSIGN(const train::WholeEncoder student, train::WholeEncoder::Load(files.config, *files.weights));
  TRY_ASSIGN(auto read, train::ReadLabelledTexts(texts_, train::Labels::kIgnored));
  const std::vector<std::string>& labels = student.config().labels;
  TRY_ASSIGN(const auto texts, train::Number(train::LastOfEach(std::move(read)), labels, "the student"));
  TRY_ASSIGN(const train::EncodedTexts encoded, train::Encode(files, texts));
  TRY_ASSIGN(const train::Outputs outputs, train::ComputeOutputs(student, encoded));
  const auto answers = train::AnswersOf(outputs.logits, encoded.numbers, student.config().score_temperature);
  for (const size_t i : train::ChooseToAsk(answers, outputs.pooled, count_)) {
    const train::SureAnswer& answer = answers[i];
    const Value line = {{"text", texts.texts[i].text},
                        {"student_label", labels[static_cast<size_t>(answer.number)]},
                        {"confidence", answer.confidence}};
    std::printf("%s\n", Dump(line).c_str());
  }
  return {};
}

}  // namespace troupe::tools
