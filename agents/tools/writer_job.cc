#include "agents/tools/writer_job.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "agents/tools/check_student.h"
#include "agents/tools/progress_line.h"
#include "agents/tools/training_data.h"
#include "runtime/base/digest.h"
#include "runtime/base/read_file.h"
#include "runtime/base/write_file.h"
#include "runtime/train/chat_encoder.h"
#include "runtime/train/grade_answers.h"
#include "runtime/train/pick_layers.h"
#include "runtime/train/student.h"
#include "runtime/train/write_answers.h"

namespace troupe::tools {
namespace {

namespace fs = std::filesystem;

Result<model::ModelFiles> OpenDecoder(const fs::path& path) {
  return OpenFull(path, model::Family::kDecoder, " does not write; take a decoder, such as SmolLM2");
}

train::DecoderTrainingOptions OptionsOf(const WriterRecipe& recipe) {
  train::DecoderTrainingOptions options{.epochs = recipe.training.epochs,
                                        .batch = recipe.training.batch,
                                        .accumulate = recipe.training.accumulate,
                                        .rate = recipe.training.rate,
                                        .warmup = recipe.training.warmup,
                                        .seed = recipe.training.seed,
                                        .products = recipe.training.products(),
                                        .activations = recipe.training.activations()};
  if (recipe.rank > 0) options.lora = train::LoraOptions{recipe.rank, recipe.alpha};
  options.optimizer.decay = recipe.training.decay;
  options.optimizer.clip_norm = recipe.training.clip;
  return options;
}

train::DivergenceOptions DivergenceOf(const WriterRecipe& recipe) {
  const auto divergence = recipe.divergence == TeacherLoss::kReverse         ? train::Divergence::kReverse
                          : recipe.divergence == TeacherLoss::kJensenShannon ? train::Divergence::kJensenShannon
                                                                             : train::Divergence::kForward;
  return {divergence, recipe.beta, recipe.temperature};
}

// Takes the student's own beginning in place of the teacher, where it has one.
Status TakeBase(const WriterRecipe& recipe, WriterJob& job) {
  if (recipe.student_model.empty()) return {};
  TRY_ASSIGN(model::ModelFiles own, OpenDecoder(recipe.student_model));
  TRY(CheckVocabulary(job.base, own));
  TRY(CheckChatTemplate(job.base, own));
  job.base = std::move(own);
  TRY_ASSIGN(job.base_sha256, job.base.Digest());
  return {};
}

// Layers that are missed least, looked for once a run.
Result<std::vector<int64_t>> LeastMissed(const WriterRecipe& recipe, const WriterJob& job,
                                         const train::WholeDecoder& teacher, const fs::path& folder) {
  constexpr size_t kTexts = 8;
  const fs::path file = folder / "layers.json";
  std::error_code ignored;
  if (fs::exists(file, ignored)) {
    TRY_ASSIGN(const std::string content, ReadFile(file, 1u << 16));
    const auto kept = ParseValue(content);
    if (kept && kept->is_object() && kept->value("run", "") == job.run)
      return (*kept)["layers"].get<std::vector<int64_t>>();
  }
  ProgressLine line("layers");
  std::vector<size_t> first(std::min(kTexts, job.texts.train.size()));
  std::iota(first.begin(), first.end(), size_t{0});
  const std::vector<train::PromptAnswer> texts = job.texts.train.At(first);
  TRY_ASSIGN(auto layers, train::LeastMissedLayers(teacher, texts, recipe.layer_count, [&](double done) {
               line.Show(done, "leaving out those that are missed least");
               return Status();
             }));
  TRY(WriteFile(file, Dump({{"run", job.run}, {"layers", layers}})));
  return layers;
}

Result<std::vector<int64_t>> LayersOf(const WriterRecipe& recipe, const WriterJob& job,
                                      const train::WholeDecoder& teacher, const fs::path& folder) {
  if (!recipe.layers.empty()) return recipe.layers;
  if (recipe.layer_count > teacher.config().layers) {
    return Invalid("the student is to have " + std::to_string(recipe.layer_count) + " layers, its teacher has " +
                   std::to_string(teacher.config().layers));
  }
  if (recipe.pick == LayerPick::kLeastMissed) return LeastMissed(recipe, job, teacher, folder);
  return train::SpreadLayers(teacher.config().layers, recipe.layer_count);
}

// The student as it begins.
Result<train::WholeDecoder> BeginStudent(const WriterRecipe& recipe, const train::WholeDecoder& known,
                                         const fs::path& folder, WriterJob& job) {
  if (!recipe.student_model.empty()) {
    return train::WholeDecoder::Load(job.base.config, *job.base.weights, train::Memory::kOwn);
  }
  const model::ModelConfig& teacher = job.base.config;
  TRY_ASSIGN(auto layers, LayersOf(recipe, job, known, folder));
  const train::StudentShape shape{std::move(layers), teacher.ffn};
  TRY(train::CheckShape(teacher, shape));
  job.layers = shape.layers;
  return train::WholeDecoder::Load(train::StudentConfig(teacher, shape),
                                   *train::StudentWeights(teacher, job.base.weights, shape), train::Memory::kOwn);
}

// What the teacher says of the answers, stored where it is not yet.
Result<std::unique_ptr<const train::StoredTop>> Stored(const WriterRecipe& recipe, const WriterJob& job,
                                                       const train::WholeDecoder& teacher, const fs::path& folder) {
  const fs::path file = folder / "teacher.safetensors";
  std::error_code ignored;
  if (!fs::exists(file, ignored)) {
    ProgressLine line("the teacher judges");
    TRY(train::StoreTop(file, teacher, job.texts.train, recipe.top, recipe.temperature, job.run, [&](double done) {
      line.Show(done, std::to_string(job.texts.train.size()) + " answers");
      return Status();
    }));
  }
  return train::StoredTop::Open(file, job.texts.train, job.run);
}

// What the teacher is heeded for beside the texts. It stays in memory only where it is asked while its student learns.
Result<train::DecoderTeaching> TeachingOf(const WriterRecipe& recipe, const WriterJob& job, train::WholeDecoder teacher,
                                          const fs::path& folder) {
  train::DecoderTeaching teaching{
      .scores = recipe.scores, .divergence = DivergenceOf(recipe), .on_policy = recipe.on_policy};
  if (recipe.top > 0) {
    TRY_ASSIGN(teaching.stored, Stored(recipe, job, teacher, folder));
  }
  if (recipe.on_policy > 0) {
    TRY_ASSIGN(const train::ChatEncoder encoder, train::ChatEncoder::Make(job.base));
    teaching.writer = train::WriterOf(job.base, encoder.end(),
                                      {.max_tokens = static_cast<int32_t>(recipe.max_tokens),
                                       .temperature = static_cast<float>(recipe.own_temperature),
                                       .threads = static_cast<int>(recipe.training.threads)});
  }
  if (recipe.top == 0 || recipe.on_policy > 0) teaching.teacher = std::move(teacher);
  return teaching;
}

Result<train::WholeDecoder> LoadTeacher(const WriterRecipe& recipe, const model::ModelFiles& files) {
  TRY_ASSIGN(train::WholeDecoder teacher, train::WholeDecoder::Load(files.config, *files.weights));
  if (!recipe.training.bfloat16) return teacher;
  for (train::LinearPart* part : teacher.Matrices()) part->weight = part->weight.to(at::kBFloat16);
  return teacher;
}

}  // namespace

Result<WriterJob> PrepareWriterJob(const WriterRecipe& recipe, const std::string& recipe_text, const fs::path& folder) {
  WriterJob job;
  const bool distils = !recipe.teacher.empty();
  TRY_ASSIGN(job.base, OpenDecoder(distils ? recipe.teacher : recipe.model));
  TRY_ASSIGN(job.base_sha256, job.base.Digest());
  TRY_ASSIGN(job.texts, ReadWriterTexts(recipe, job.base, job.base_sha256, folder));
  const std::string all = recipe_text + "\n" + job.base_sha256 + job.texts.digest;
  std::optional<train::WholeDecoder> student;
  std::optional<train::DecoderTeaching> teaching;
  if (distils) {
    job.teacher_sha256 = job.base_sha256;
    TRY_ASSIGN(train::WholeDecoder teacher, LoadTeacher(recipe, job.base));
    TRY_ASSIGN(job.teacher_grade, train::GradeAnswers(teacher, job.texts.held_out, train::Reader::kTeacher));
    TRY(TakeBase(recipe, job));
    job.run = Sha256Hex(all + "\n" + job.base_sha256);
    TRY_ASSIGN(student, BeginStudent(recipe, teacher, folder, job));
    if (recipe.divergence != TeacherLoss::kNone) {
      TRY_ASSIGN(teaching, TeachingOf(recipe, job, std::move(teacher), folder));
    }
  } else {
    TRY_ASSIGN(student, train::WholeDecoder::Load(job.base.config, *job.base.weights, train::Memory::kOwn));
    job.run = Sha256Hex(all);
  }
  job.training = std::make_unique<train::DecoderTraining>(std::move(*student), job.texts.train, OptionsOf(recipe),
                                                          std::move(teaching));
  return job;
}

}  // namespace troupe::tools
