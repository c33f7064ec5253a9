#include "agents/tools/learn_job.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <set>
#include <utility>

#include "runtime/base/digest.h"
#include "runtime/train/held_back.h"
#include "runtime/train/new_labels.h"

namespace troupe::tools {
namespace {

using train::LabelledText;
using Texts = std::vector<LabelledText>;

// Without those that are among `others`.
Texts Except(Texts texts, const Texts& others) {
  std::set<std::string> known;
  for (const LabelledText& text : others) known.insert(text.text);
  std::erase_if(texts, [&](const LabelledText& text) { return known.contains(text.text); });
  return texts;
}

Texts Joined(Texts first, Texts second) {
  std::move(second.begin(), second.end(), std::back_inserter(first));
  return first;
}

struct Material {
  train::Split lessons, old_examples;
  size_t left_out = 0;
};

// Those of which the teacher was as sure as the recipe asks for.
Result<Texts> OnlySure(const LearnRecipe& recipe, Texts lessons) {
  const size_t all = lessons.size();
  std::erase_if(lessons, [&](const LabelledText& text) { return text.confidence < recipe.teacher_confidence; });
  if (!lessons.empty()) return lessons;
  return Invalid("of none of the " + std::to_string(all) +
                 " lessons the teacher was as sure as 'teacherConfidence' of " +
                 std::to_string(recipe.teacher_confidence) + " asks for: wait for more lessons, or give a lower one");
}

// A text that is a lesson is no old example, and none is on both sides.
Result<Material> ReadMaterial(const LearnRecipe& recipe, std::vector<DataFile>& notes) {
  const auto read = [&notes](const std::vector<std::filesystem::path>& files, const char* use) -> Result<Texts> {
    TRY_ASSIGN(Texts texts, ReadAll(files, train::Labels::kRequired, use, notes));
    return train::LastOfEach(std::move(texts));
  };
  const uint64_t seed = recipe.training.seed;
  Material material;
  TRY_ASSIGN(const Texts all, read(recipe.lessons, "lessons"));
  TRY_ASSIGN(const Texts lessons, OnlySure(recipe, all));
  material.left_out = all.size() - lessons.size();
  material.lessons = train::HoldBack(lessons, recipe.held_out_share, seed);
  TRY_ASSIGN(Texts old_examples, read(recipe.replay, "replayed"));
  old_examples = Except(std::move(old_examples), lessons);
  if (recipe.replay_held_out.empty()) {
    material.old_examples = train::HoldBack(old_examples, recipe.held_out_share, seed);
  } else {
    TRY_ASSIGN(Texts held_out, read({recipe.replay_held_out}, "old examples held out"));
    material.old_examples.held_out = Except(std::move(held_out), lessons);
    material.old_examples.train = Except(std::move(old_examples), material.old_examples.held_out);
  }
  // of `share` of all that is trained on, lessons are the rest
  const double replayed =
      recipe.replay_share / (1 - recipe.replay_share) * static_cast<double>(material.lessons.train.size());
  material.old_examples.train =
      train::DrawEvenly(material.old_examples.train, static_cast<size_t>(std::lround(replayed)), seed);
  return material;
}

// Labels of texts that are trained on and that the student has never seen, sorted.
std::vector<std::string> NewLabels(const Texts& texts, const std::vector<std::string>& known) {
  std::set<std::string> labels;
  for (const LabelledText& text : texts) {
    if (std::find(known.begin(), known.end(), text.label) == known.end()) labels.insert(text.label);
  }
  return {labels.begin(), labels.end()};
}

Result<train::EncodedTexts> Encoded(const LearnJob& job, Texts texts, const std::vector<std::string>& labels) {
  TRY_ASSIGN(const auto numbered, train::Number(std::move(texts), labels, "the student, or the texts it learns from,"));
  return train::Encode(job.base, numbered);
}

// Old examples, and of them what the student said before; of all texts where there are none.
std::optional<train::Teaching> KeepWhatItKnows(const LearnRecipe& recipe, const LearnJob& job) {
  if (recipe.keep == 0) return std::nullopt;
  train::Teaching teaching{.teacher = *job.old, .scores = recipe.keep};
  if (job.replayed == 0) return teaching;
  teaching.heeded.assign(job.lessons + job.replayed, false);
  std::fill(teaching.heeded.begin() + static_cast<std::ptrdiff_t>(job.lessons), teaching.heeded.end(), true);
  return teaching;
}

Status Begin(const LearnRecipe& recipe, Material material, LearnJob& job) {
  job.lessons = material.lessons.train.size();
  job.replayed = material.old_examples.train.size();
  job.left_out = material.left_out;
  job.held_back_lessons = material.lessons.held_out.size();
  Texts trained = Joined(std::move(material.lessons.train), std::move(material.old_examples.train));
  std::vector<std::string> labels = job.base.config.labels;
  job.new_labels = NewLabels(trained, labels);
  labels.insert(labels.end(), job.new_labels.begin(), job.new_labels.end());
  TRY_ASSIGN(train::EncodedTexts texts, Encoded(job, std::move(trained), labels));
  Texts held_back = Joined(std::move(material.lessons.held_out), std::move(material.old_examples.held_out));
  TRY_ASSIGN(job.held_back, Encoded(job, std::move(held_back), labels));
  TRY_ASSIGN(job.old, train::WholeEncoder::Load(job.base.config, *job.base.weights));
  TRY_ASSIGN(train::WholeEncoder student, train::WholeEncoder::Load(job.base.config, *job.base.weights));
  TRY(train::AddLabels(student, job.new_labels, texts));
  job.training = std::make_unique<train::ClassifierTraining>(std::move(student), std::move(texts),
                                                             recipe.training.Options(), KeepWhatItKnows(recipe, job));
  return {};
}

}  // namespace

Result<LearnJob> PrepareLearnJob(const LearnRecipe& recipe, const std::string& recipe_text) {
  LearnJob job;
  TRY_ASSIGN(job.base, OpenEncoder(recipe.student));
  if (job.base.config.labels.empty()) {
    return FailedPrecondition(recipe.student.string() +
                              ": has no classification head, so it is no student that serves; make one with "
                              "'troupe-agent distill'");
  }
  TRY_ASSIGN(job.base_sha256, job.base.Digest());
  TRY_ASSIGN(Material material, ReadMaterial(recipe, job.data));
  if (material.lessons.held_out.empty()) {
    return Invalid("'heldOut' of " + std::to_string(recipe.held_out_share) + " holds none of the " +
                   std::to_string(material.lessons.train.size()) +
                   " lessons back, so nothing could be judged: wait for more lessons, or give a greater share");
  }
  TRY(Begin(recipe, std::move(material), job));
  std::string all = recipe_text + "\n" + job.base_sha256;
  for (const DataFile& file : job.data) all += "\n" + file.sha256;
  job.run = Sha256Hex(all);
  return job;
}

}  // namespace troupe::tools
