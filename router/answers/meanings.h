// Earlier questions by what they mean: their vectors, whose answers they have, and how near is near enough, learnt for
// each graph and step. In memory; MeaningsBackup brings them back after a restart. An answer that is found by its key
// may be gone from where answers are kept: whoever finds that says so. Owner: Answers. Thread-safe.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "router/answers/counts.h"
#include "router/answers/job.h"
#include "router/answers/step_key.h"
#include "router/cache/match.h"
#include "router/cache/store.h"
#include "router/cache/threshold.h"
#include "router/cache/vector_index.h"
#include "runtime/base/value.h"

namespace troupe::answers {

class Meanings {
 public:
  // Questions that are known at once.
  explicit Meanings(size_t max_questions) : max_questions_(max_questions) {}

  struct Looked {
    std::vector<float> vector;
    std::vector<cache::Neighbour> neighbours;
    cache::Match match;
    // What it was held against.
    cache::MatchOptions options;
    // The neighbours' keys.
    std::vector<std::string> keys;

    // The neighbour that the guard let pass, maybe too far; null for none.
    const cache::Neighbour* Nearest() const {
      return match.chosen < 0 ? nullptr : &neighbours[static_cast<size_t>(match.chosen)];
    }
    // Where its answer is; only where there is one.
    const std::string& AnswerKey() const { return keys[static_cast<size_t>(match.chosen)]; }
  };
  // `embedded` is what an agent of kind embed gives. Nothing where that holds no vector.
  std::optional<Looked> Look(const StepJob& job, const StepKey& key, const Value& embedded);

  void Keep(const StepKey& key, const std::string& text, const std::vector<float>& vector, const std::string& digest);
  // A question that is older than all that are known, as it was kept: with its vector, coded. False where there is no
  // room for it; one that makes no sense takes none.
  bool Restore(const std::string& key, const cache::Entry& entry);
  // Its answer is gone.
  void Forget(const std::string& key);
  // It was answered anew: what its answer is now; the question, as it goes into a store with that, is put in.
  void Renew(const std::string& key, cache::Entry& entry);

  // The question's answer says the same as those with that digest.
  void SetDigest(const std::string& key, const std::string& digest);
  // The answer under `key` is not given to that question again.
  void Refuse(const std::string& question, const std::string& key);

  // Of a step whose questions were looked for.
  void Learn(const Counts::Key& step, double score, bool right, double weight);

  // Of a hit just given: how many it stands for where it is to be checked, else 0. One in twenty is.
  double WeightOfCheck(const Counts::Key& step);
  // Nothing where no question of the step was looked for yet.
  std::optional<double> Threshold(const Counts::Key& step) const;
  size_t size() const;

  // Thresholds as they were before a restart, in place of what was learnt since.
  void RestoreLearned(const cache::BackStore::Learned& learned);
  // Those that have changed since they were taken last.
  cache::BackStore::Learned TakeLearned();

 private:
  struct Question {
    std::string partition;
    std::string key;
    std::string text;
    std::string digest;
    std::string coded;
    size_t width = 0;
  };
  struct Learned {
    cache::ThresholdLearner learner;
    int64_t hits = 0;
    bool has_changed = false;
  };

  // Need the lock.
  cache::VectorIndex& IndexOf(size_t width);
  Learned& LearnedOf(const Counts::Key& step, const graph::CacheRule::Semantic& rule);
  void Remove(uint64_t id);
  // False where the index refuses its vector.
  bool Add(Question question, std::span<const float> vector);

  const size_t max_questions_;
  mutable std::mutex mutex_;
  uint64_t last_id_ = 0;
  // By how many numbers a vector has.
  std::map<size_t, std::unique_ptr<cache::VectorIndex>> indexes_;
  std::unordered_map<uint64_t, Question> questions_;
  std::unordered_map<std::string, uint64_t> by_key_;
  // Oldest first; ids that are forgotten may be among them.
  std::deque<uint64_t> in_order_;
  // Pairs of a question and an answer's key, oldest first.
  std::set<std::string> refused_;
  std::deque<std::string> refused_in_order_;
  std::map<Counts::Key, Learned> learned_;
  // Of steps that were not asked since the start, by name.
  cache::BackStore::Learned restored_;
};

}  // namespace troupe::answers
