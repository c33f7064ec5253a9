#include "router/answers/meanings.h"

#include <utility>

namespace troupe::answers {
namespace {

constexpr int64_t kHitsPerCheck = 20;

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
  return learned_.emplace(step, Learned{.learner = cache::ThresholdLearner({.error_bound = error_bound})})
      .first->second;
}

std::optional<Meanings::Looked> Meanings::Look(const StepJob& job, const StepKey& key, const Value& embedded,
                                               cache::MemoryStore& store) {
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
  const uint64_t chosen = ids[static_cast<size_t>(out.match.chosen)];
  out.answer = store.Find(questions_.at(chosen).key);
  if (!out.answer) {
    Forget(chosen);
    out.match = {};
  }
  return out;
}

void Meanings::Forget(uint64_t id) {
  const auto found = questions_.find(id);
  if (found == questions_.end()) return;
  IndexOf(found->second.width).Remove(found->second.partition, id);
  by_key_.erase(found->second.key);
  questions_.erase(found);
}

void Meanings::Keep(const StepKey& key, const std::string& text, const std::vector<float>& vector,
                    const std::string& digest) {
  const std::lock_guard lock(mutex_);
  if (const auto before = by_key_.find(key.key); before != by_key_.end()) Forget(before->second);
  while (questions_.size() >= max_questions_ && !in_order_.empty()) {
    Forget(in_order_.front());
    in_order_.pop_front();
  }
  const uint64_t id = ++last_id_;
  if (!IndexOf(vector.size()).Set(key.meaning, id, vector)) return;
  questions_[id] = {.partition = key.meaning, .key = key.key, .text = text, .digest = digest, .width = vector.size()};
  by_key_[key.key] = id;
  in_order_.push_back(id);
  // a question that is asked again and again leaves its old ids behind
  if (in_order_.size() > 2 * max_questions_ + 16) {
    std::erase_if(in_order_, [this](uint64_t old) { return !questions_.contains(old); });
  }
}

void Meanings::Learn(const Counts::Key& step, double error_bound, double score, bool right, double weight) {
  using Answer = cache::ThresholdLearner::Answer;
  const std::lock_guard lock(mutex_);
  LearnedOf(step, error_bound).learner.Observe(score, right ? Answer::kRight : Answer::kWrong, weight);
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
