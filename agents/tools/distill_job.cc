#include "agents/tools/distill_job.h"

#include <algorithm>
#include <utility>

#include "runtime/base/digest.h"
#include "runtime/train/labelled_texts.h"
#include "runtime/train/measure.h"
#include "runtime/train/student.h"

namespace troupe::tools {
namespace {

namespace fs = std::filesystem;
using train::LabelledText;

// A student reads the tokens that its teacher reads: otherwise hidden states and word embeddings mean different things.
Status CheckVocabulary(const model::ModelFiles& teacher, const model::ModelFiles& student) {
  const text::Tokenizer &known = *teacher.tokenizer, &own = *student.tokenizer;
  const std::string whose =
      student.path.string() + ": its vocabulary is not that of the teacher " + teacher.path.string() + ": ";
  if (own.vocab_size() != known.vocab_size()) {
    return Invalid(whose + std::to_string(own.vocab_size()) + " tokens, not " + std::to_string(known.vocab_size()) +
                   "; take a student with the teacher's tokeniser, or layers of the teacher");
  }
  for (int32_t id = 0; id < own.vocab_size(); ++id) {
    if (own.TokenName(id) == known.TokenName(id)) continue;
    return Invalid(whose + "token " + std::to_string(id) + " is \"" + std::string(own.TokenName(id)) + "\", not \"" +
                   std::string(known.TokenName(id)) +
                   "\"; take a student with the teacher's tokeniser, or layers of the teacher");
  }
  return {};
}

struct Texts {
  train::NumberedTexts train, held_out;
};

// `known`: the teacher's labels; empty: those of the texts.
Result<Texts> ReadTexts(const DistillRecipe& recipe, const std::vector<std::string>& known,
                        std::vector<DataFile>& notes) {
  TRY_ASSIGN(const auto labelled, ReadAll(recipe.train, train::Labels::kRequired, "trained on", notes));
  TRY_ASSIGN(std::vector<std::string> labels, train::LabelsOf(labelled));
  std::string whose = "the training texts";
  if (!known.empty()) std::tie(labels, whose) = std::pair(known, "the teacher's labels");
  train::Split split;
  if (recipe.held_out.empty()) {
    split = train::SetAside(labelled, recipe.held_out_share, recipe.training.seed);
    if (split.held_out.empty()) {
      return Invalid("'heldOut' of " + std::to_string(recipe.held_out_share) + " sets none of the " +
                     std::to_string(labelled.size()) +
                     " texts aside: give a greater share, more texts of each label, or a file");
    }
  } else {
    split.train = labelled;
    TRY_ASSIGN(split.held_out, ReadAll({recipe.held_out}, train::Labels::kRequired, "held out", notes));
  }
  TRY_ASSIGN(auto unlabelled, ReadAll(recipe.unlabelled, train::Labels::kIgnored, "trained on without labels", notes));
  std::move(unlabelled.begin(), unlabelled.end(), std::back_inserter(split.train));
  Texts texts;
  TRY_ASSIGN(texts.train, train::Number(std::move(split.train), labels, whose));
  TRY_ASSIGN(texts.held_out, train::Number(std::move(split.held_out), labels, whose));
  return texts;
}

// The student as it begins; `job.base` is the teacher until it turns out to have a beginning of its own.
Result<train::WholeEncoder> BeginStudent(const DistillRecipe& recipe, DistillJob& job) {
  const model::ModelConfig teacher = job.base.config;
  if (!recipe.student_model.empty()) {
    TRY_ASSIGN(model::ModelFiles own, OpenEncoder(recipe.student_model));
    TRY(CheckVocabulary(job.base, own));
    if (recipe.states > 0 && (own.config.hidden != teacher.hidden || own.config.layers > teacher.layers)) {
      return Invalid(own.path.string() + ": " + std::to_string(own.config.layers) + " layers of " +
                     std::to_string(own.config.hidden) + " values cannot have the states of the teacher's " +
                     std::to_string(teacher.layers) + " of " + std::to_string(teacher.hidden) +
                     "; set 'states' of 'loss' to 0");
    }
    job.base = std::move(own);
    return train::WholeEncoder::LoadWithNewHead(job.base.config, *job.base.weights, teacher.labels,
                                                recipe.training.seed);
  }
  const int64_t count = recipe.layer_count > 0 ? recipe.layer_count : teacher.layers;
  if (count > teacher.layers) {
    return Invalid("the student is to have " + std::to_string(count) + " layers, its teacher has " +
                   std::to_string(teacher.layers));
  }
  const train::StudentShape shape{recipe.layers.empty() ? train::SpreadLayers(teacher.layers, count) : recipe.layers,
                                  recipe.ffn > 0 ? recipe.ffn : teacher.ffn};
  TRY(train::CheckShape(teacher, shape));
  job.layers = shape.layers;
  return train::WholeEncoder::Load(train::StudentConfig(teacher, shape),
                                   *train::StudentWeights(teacher, job.base.weights, shape));
}

Status PrepareDistillation(const DistillRecipe& recipe, const Texts& texts, DistillJob& job) {
  TRY_ASSIGN(train::WholeEncoder teacher, train::WholeEncoder::Load(job.base.config, *job.base.weights));
  job.teacher_sha256 = job.base_sha256;
  TRY_ASSIGN(train::WholeEncoder student, BeginStudent(recipe, job));
  TRY_ASSIGN(job.base_sha256, job.base.Digest());
  TRY_ASSIGN(train::EncodedTexts encoded, train::Encode(job.base, texts.train));
  TRY_ASSIGN(job.held_out, train::Encode(job.base, texts.held_out));
  TRY_ASSIGN(job.teacher_grade, train::Measure(teacher, job.held_out));
  std::vector<int64_t> layers = job.layers;
  if (layers.empty()) layers = train::SpreadLayers(teacher.config().layers, student.config().layers);
  train::Teaching teaching{std::move(teacher), recipe.scores, recipe.temperature, recipe.states, std::move(layers)};
  job.training = std::make_unique<train::ClassifierTraining>(std::move(student), std::move(encoded),
                                                             recipe.training.Options(), std::move(teaching));
  return {};
}

Status PrepareFineTuning(const DistillRecipe& recipe, const Texts& texts, DistillJob& job) {
  TRY_ASSIGN(train::WholeEncoder encoder,
             train::WholeEncoder::LoadWithNewHead(job.base.config, *job.base.weights, texts.train.labels,
                                                  recipe.training.seed));
  TRY_ASSIGN(train::EncodedTexts encoded, train::Encode(job.base, texts.train));
  TRY_ASSIGN(job.held_out, train::Encode(job.base, texts.held_out));
  job.training = std::make_unique<train::ClassifierTraining>(std::move(encoder), std::move(encoded),
                                                             recipe.training.Options(), std::nullopt);
  return {};
}

}  // namespace

Result<DistillJob> PrepareDistillJob(const DistillRecipe& recipe, const std::string& recipe_text) {
  const bool distils = !recipe.teacher.empty();
  DistillJob job;
  TRY_ASSIGN(job.base, OpenEncoder(distils ? recipe.teacher : recipe.model));
  if (distils && job.base.config.labels.empty()) {
    return FailedPrecondition(recipe.teacher.string() +
                              ": the teacher has no classification head; fine-tune it first, with a recipe that has it "
                              "as its 'model'");
  }
  TRY_ASSIGN(const Texts texts,
             ReadTexts(recipe, distils ? job.base.config.labels : std::vector<std::string>(), job.data));
  TRY_ASSIGN(job.base_sha256, job.base.Digest());
  TRY(distils ? PrepareDistillation(recipe, texts, job) : PrepareFineTuning(recipe, texts, job));
  std::string all = recipe_text + "\n" + job.base_sha256 + "\n" + job.teacher_sha256;
  for (const DataFile& file : job.data) all += "\n" + file.sha256;
  job.run = Sha256Hex(all);
  return job;
}

}  // namespace troupe::tools
