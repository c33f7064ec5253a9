#include "router/answers/meanings.h"

#include <utility>

#include "router/answers/purges.h"
#include "router/cache/coded_vector.h"

namespace troupe::answers {
namespace {

constexpr int64_t kHitsPerCheck = 20;
// Numbers that a vector may have.
constexpr size_t kMaxWidth = 65'536;

// The only vector of {vectors: [[...]]}; empty for anything else.
std::vector<float> VectorOf(const Value& embedded) {
  std::vector<float> out;
  const auto vectors = embedded.is_object() ? embedded.find("vectors") : embedded.end();
  if (vectors == embedded.end() || !vectors->is_array() || vectors->size() != 1 || !(*vectors)[0].is_array())
    return out;
  for (const Value& number : (*vectors)[0]) {
    if (!number.is_number()) return {};
    out.push_back(number.get<float>());
  }
  return out;
}

}  // namespace

cache::VectorIndex& Meanings::IndexOf(size_t width) {
  std::unique_ptr<cache::VectorIndex>& index = indexes_[width];
  if (!index) {
    index = std::make_unique<cache::VectorIndex>(
        cache::VectorIndexOptions{.graph = {.width = static_cast<int>(width)}, .max_entries = max_questions_ + 1});
  }
  return *index;
}

Meanings::Learned& Meanings::LearnedOf(const Counts::Key& step, double error_bound) {
  const auto known = learned_.find(step);
  if (known != learned_.end()) return known->second;
  Learned& learned =
      learned_.emplace(step, Learned{.learner = cache::ThresholdLearner({.error_bound = error_bound})}).first->second;
  if (const auto before = restored_.extract(Purges::NameOf(step.first, step.second))) {
    // what is no evidence is as none
    (void)learned.learner.Restore(before.mapped());
  }
  return learned;
}

std::optional<Meanings::Looked> Meanings::Look(const StepJob& job, const StepKey& key, const Value& embedded) {
  Looked out{.vector = VectorOf(embedded)};
  if (out.vector.empty()) return std::nullopt;
  const std::lock_guard lock(mutex_);
  const auto found = IndexOf(out.vector.size()).Search(key.meaning, out.vector, cache::kNeighbours);
  if (!found) return std::nullopt;
  std::vector<uint64_t> ids;
  for (const cache::Found& one : *found) {
    const Question& question = questions_.at(one.id);
    out.neighbours.push_back({.similarity = one.similarity, .question = question.text, .answer = question.digest});
    ids.push_back(one.id);
  }
  out.threshold = LearnedOf({job.graph->name, job.step}, job.rule->semantic->error_bound).learner.Threshold();
  out.match = cache::Choose(job.text, out.neighbours, {.threshold = out.threshold});
  if (!out.match.hit()) return out;
  out.answer_key = questions_.at(ids[static_cast<size_t>(out.match.chosen)]).key;
  return out;
}

void Meanings::Remove(uint64_t id) {
  const auto found = questions_.find(id);
  if (found == questions_.end()) return;
  IndexOf(found->second.width).Remove(found->second.partition, id);
  by_key_.erase(found->second.key);
  questions_.erase(found);
}

void Meanings::Forget(const std::string& key) {
  const std::lock_guard lock(mutex_);
  if (const auto found = by_key_.find(key); found != by_key_.end()) Remove(found->second);
}

bool Meanings::Add(Question question, std::span<const float> vector) {
  question.width = vector.size();
  const uint64_t id = ++last_id_;
  if (!IndexOf(vector.size()).Set(question.partition, id, vector)) return false;
  by_key_[question.key] = id;
  questions_[id] = std::move(question);
  return true;
}

void Meanings::Keep(const StepKey& key, const std::string& text, const std::vector<float>& vector,
                    const std::string& digest) {
  const std::vector<char> coded = cache::Coded(vector);
  const std::lock_guard lock(mutex_);
  if (const auto before = by_key_.find(key.key); before != by_key_.end()) Remove(before->second);
  while (questions_.size() >= max_questions_ && !in_order_.empty()) {
    Remove(in_order_.front());
    in_order_.pop_front();
  }
  const Question question{
      .partition = key.meaning, .key = key.key, .text = text, .digest = digest, .coded = {coded.begin(), coded.end()}};
  if (!Add(question, vector)) return;
  in_order_.push_back(last_id_);
  // a question that is asked again and again leaves its old ids behind
  if (in_order_.size() > 2 * max_questions_ + 16) {
    std::erase_if(in_order_, [this](uint64_t old) { return !questions_.contains(old); });
  }
}

bool Meanings::Restore(const std::string& key, const cache::Entry& entry) {
  const std::vector<float> vector = cache::Decoded(entry.vector);
  if (vector.empty() || vector.size() > kMaxWidth) return true;
  const std::lock_guard lock(mutex_);
  if (questions_.size() >= max_questions_) return false;
  if (by_key_.contains(key)) return true;
  const Question question{.partition = entry.partition,
                          .key = key,
                          .text = entry.question,
                          .digest = entry.answer_digest,
                          .coded = entry.vector};
  if (Add(question, vector)) in_order_.push_front(last_id_);
  return true;
}

void Meanings::Renew(const std::string& key, cache::Entry& entry) {
  const std::lock_guard lock(mutex_);
  const auto found = by_key_.find(key);
  if (found == by_key_.end()) return;
  Question& question = questions_.at(found->second);
  question.digest = entry.answer_digest;
  entry.question = question.text;
  entry.partition = question.partition;
  entry.vector = question.coded;
}

void Meanings::Learn(const Counts::Key& step, double error_bound, double score, bool right, double weight) {
  using Answer = cache::ThresholdLearner::Answer;
  const std::lock_guard lock(mutex_);
  Learned& learned = LearnedOf(step, error_bound);
  learned.learner.Observe(score, right ? Answer::kRight : Answer::kWrong, weight);
  learned.has_changed = true;
}

void Meanings::RestoreLearned(const cache::BackStore::Learned& learned) {
  const std::lock_guard lock(mutex_);
  restored_ = learned;
  for (auto& [step, known] : learned_) {
    const auto before = restored_.find(Purges::NameOf(step.first, step.second));
    if (before != restored_.end()) (void)known.learner.Restore(before->second);
  }
}

cache::BackStore::Learned Meanings::TakeLearned() {
  const std::lock_guard lock(mutex_);
  cache::BackStore::Learned out;
  for (auto& [step, learned] : learned_) {
    if (std::exchange(learned.has_changed, false)) {
      out[Purges::NameOf(step.first, step.second)] = learned.learner.State();
    }
  }
  return out;
}

double Meanings::WeightOfCheck(const Counts::Key& step) {
  const std::lock_guard lock(mutex_);
  const auto known = learned_.find(step);
  if (known == learned_.end()) return 0.0;
  return ++known->second.hits % kHitsPerCheck == 0 ? static_cast<double>(kHitsPerCheck) : 0.0;
}

std::optional<double> Meanings::Threshold(const Counts::Key& step) const {
  const std::lock_guard lock(mutex_);
  const auto known = learned_.find(step);
  return known == learned_.end() ? std::nullopt : std::optional(known->second.learner.Threshold());
}

size_t Meanings::size() const {
  const std::lock_guard lock(mutex_);
  return questions_.size();
}

}  // namespace troupe::answers
