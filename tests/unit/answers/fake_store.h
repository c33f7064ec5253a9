// A store behind memory that the test plays: it keeps what it is given in a map, fails, or says nothing, as it is told.
// Several stores of one Shelf are routers that share it, or one router after a restart.
#pragma once

#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "router/cache/store.h"

namespace troupe::answers {

struct Shelf {
  enum class Mood { kWell, kFails, kSilent, kReadOnly };

  std::mutex mutex;
  Mood mood = Mood::kWell;
  std::map<std::string, cache::Entry> entries;
  std::vector<std::string> order;
  cache::PurgeCounts purges;
  cache::BackStore::Learned learned;
  int gets = 0;
  // What was asked while it was silent.
  std::vector<std::function<void()>> unanswered;

  // What it was asked while it was silent fails.
  void GiveUp() {
    std::vector<std::function<void()>> late;
    {
      const std::lock_guard lock(mutex);
      late.swap(unanswered);
    }
    for (const auto& give_up : late) give_up();
  }
  void Become(Mood to) {
    {
      const std::lock_guard lock(mutex);
      mood = to;
    }
    GiveUp();
  }
};

class FakeStore final : public cache::BackStore {
 public:
  explicit FakeStore(std::shared_ptr<Shelf> shelf) : shelf_(std::move(shelf)) {}

  std::string name() const override { return "fake"; }
  void Get(std::string key, cache::OnEntry done) override {
    Do<std::optional<cache::Entry>>(Kind::kRead, std::move(done), [this, key]() -> std::optional<cache::Entry> {
      ++shelf_->gets;
      const auto found = shelf_->entries.find(key);
      return found == shelf_->entries.end() ? std::nullopt : std::optional(found->second);
    });
  }
  void Put(std::string key, cache::Entry entry, cache::OnDone done) override {
    Do<int>(
        Kind::kWrite, [done = std::move(done)](const Result<int>& put) { done(put ? Status() : Status(put.error())); },
        [this, key, entry] {
          shelf_->entries[key] = entry;
          shelf_->order.push_back(key);
          return 0;
        });
  }
  Stats GetStats() const override { return {}; }
  void CountPurge(std::string purged, std::function<void(Result<int64_t>)> done) override {
    Do<int64_t>(Kind::kWrite, std::move(done), [this, purged] { return ++shelf_->purges[purged]; });
  }
  void SharePurges(cache::PurgeCounts known, std::function<void(Result<cache::PurgeCounts>)> done) override {
    Do<cache::PurgeCounts>(Kind::kRead, std::move(done), [this, known] {
      for (const auto& [name, count] : known) shelf_->purges[name] = std::max(shelf_->purges[name], count);
      return shelf_->purges;
    });
  }
  // One at a time.
  void ReadQuestions(int64_t before, int, std::function<void(Result<Questions>)> done) override {
    Do<Questions>(Kind::kRead, std::move(done), [this, before] {
      Questions out;
      const auto last = before == 0 ? static_cast<int64_t>(shelf_->order.size()) : before - 1;
      for (int64_t i = last; i > 0 && out.before == 0; --i) {
        const std::string& key = shelf_->order[static_cast<size_t>(i - 1)];
        if (shelf_->entries[key].vector.empty()) continue;
        out = {.some = {{.key = key, .entry = shelf_->entries[key]}}, .before = i};
      }
      return out;
    });
  }
  void ReadLearned(std::function<void(Result<Learned>)> done) override {
    Do<Learned>(Kind::kRead, std::move(done), [this] { return shelf_->learned; });
  }
  void SaveLearned(std::string step, cache::ThresholdState state, cache::OnDone done) override {
    Do<int>(
        Kind::kWrite, [done = std::move(done)](const Result<int>&) { done({}); },
        [this, step, state] {
          shelf_->learned[step] = state;
          return 0;
        });
  }
  void Stop() override { shelf_->GiveUp(); }

 private:
  enum class Kind { kRead, kWrite };

  template <typename T>
  void Do(Kind kind, std::function<void(Result<T>)> done, std::function<T()> work) {
    std::optional<Result<T>> result;
    {
      const std::lock_guard lock(shelf_->mutex);
      if (shelf_->mood == Shelf::Mood::kSilent) {
        shelf_->unanswered.push_back([done] { done(Unavailable("closed")); });
        return;
      }
      const bool fails =
          shelf_->mood == Shelf::Mood::kFails || (kind == Kind::kWrite && shelf_->mood == Shelf::Mood::kReadOnly);
      result = fails ? Result<T>(Unavailable("broken")) : Result<T>(work());
    }
    done(std::move(*result));
  }

  const std::shared_ptr<Shelf> shelf_;
};

}  // namespace troupe::answers
