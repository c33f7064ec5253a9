#include "router/answers/meanings.h"

#include <utility>

#include "router/answers/embedding.h"
#include "router/answers/purges.h"
#include "router/cache/coded_vector.h"

namespace troupe::answers {
namespace {

constexpr int64_t kHitsPerCheck = 20;
// Numbers that a vector may have.
constexpr size_t kMaxWidth = 65'536;

// Answers that are known to be no answer to a question.
constexpr size_t kMaxRefused = 10'000;

std::string PairOf(const std::string& question, const std::string& key) { return key + "\n" + question; }

cache::MatchOptions OptionsOf(const graph::CacheRule::Semantic& rule, double threshold) {
  cache::MatchOptions options{.threshold = threshold};
  // answers in other words are no rivals where nobody compares them
  if (rule.judge == graph::CacheRule::Judge::kPeople) options.rivalry = 0.0;
  return options;
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

Meanings::Learned& Meanings::LearnedOf(const Counts::Key& step, const graph::CacheRule::Semantic& rule) {
  const cache::ThresholdOptions options{.error_bound = rule.error_bound, .start = rule.threshold};
  const auto known = learned_.find(step);
  if (known == learned_.end()) {
    Learned& learned = learned_.emplace(step, Learned{.learner = cache::ThresholdLearner(options)}).first->second;
    if (const auto before = restored_.extract(Purges::NameOf(step.first, step.second))) {
      // what is no evidence is as none
      (void)learned.learner.Restore(before.mapped());
    }
    return learned;
  }
  // another version of the graph may want something else
  if (known->second.learner.options() != options) known->second.learner.Use(options);
  return known->second;
}

std::optional<Meanings::Looked> Meanings::Look(const StepJob& job, const StepKey& key, const Value& embedded) {
  std::vector<std::vector<float>> vectors = VectorsOf(embedded, 1);
  if (vectors.empty()) return std::nullopt;
  Looked out{.vector = std::move(vectors[0])};
  const std::lock_guard lock(mutex_);
  const auto found = IndexOf(out.vector.size()).Search(key.meaning, out.vector, cache::kNeighbours);
  if (!found) return std::nullopt;
  for (const cache::Found& one : *found) {
    const Question& question = questions_.at(one.id);
    if (refused_.contains(PairOf(job.text, question.key))) continue;
    out.neighbours.push_back({.similarity = one.similarity, .question = question.text, .answer = question.digest});
    out.keys.push_back(question.key);
  }
  const graph::CacheRule::Semantic& rule = *job.rule->semantic;
  out.options = OptionsOf(rule, LearnedOf({job.graph->name, job.step}, rule).learner.Threshold());
  out.match = cache::Choose(job.text, out.neighbours, out.options);
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

void Meanings::SetDigest(const std::string& key, const std::string& digest) {
  const std::lock_guard lock(mutex_);
  if (const auto found = by_key_.find(key); found != by_key_.end()) questions_.at(found->second).digest = digest;
}

void Meanings::Refuse(const std::string& question, const std::string& key) {
  const std::lock_guard lock(mutex_);
  const auto [pair, is_new] = refused_.insert(PairOf(question, key));
  if (!is_new) return;
  refused_in_order_.push_back(*pair);
  if (refused_in_order_.size() <= kMaxRefused) return;
  refused_.erase(refused_in_order_.front());
  refused_in_order_.pop_front();
}

void Meanings::Learn(const Counts::Key& step, double score, bool right, double weight) {
  using Answer = cache::ThresholdLearner::Answer;
  const std::lock_guard lock(mutex_);
  const auto known = learned_.find(step);
  if (known == learned_.end()) return;
  known->second.learner.Observe(score, right ? Answer::kRight : Answer::kWrong, weight);
  known->second.has_changed = true;
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
