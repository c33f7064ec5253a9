// Who waits for a replica, in the order in which they are served: the higher priority first; within one priority tasks
// take turns, so that one with a thousand steps holds nobody up for long; a task's own steps in the order in which they
// came.
//
// Owner: Pool, under its lock. Nothing of its own runs.
#pragma once

#include <deque>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <utility>

namespace troupe::dispatch {

template <typename Customer>
class Line {
 public:
  using Pointer = std::shared_ptr<Customer>;

  bool empty() const { return size_ == 0; }
  size_t size() const { return size_; }

  void Push(Pointer customer) {
    Level& level = levels_[customer->priority()];
    const std::string task = customer->task();
    auto [found, added] = level.tasks.try_emplace(task);
    if (added) found->second.turn = level.turns.insert(level.turns.end(), task);
    found->second.steps.push_back(std::move(customer));
    ++size_;
  }

  // Who is next; there must be somebody.
  const Pointer& Front() const {
    const Level& level = levels_.begin()->second;
    return level.tasks.at(level.turns.front()).steps.front();
  }

  // Takes that one out; its task goes behind the others of its priority.
  Pointer Pop() {
    const auto level = levels_.begin();
    const std::string task = level->second.turns.front();
    Task& waiting = level->second.tasks.at(task);
    Pointer customer = std::move(waiting.steps.front());
    waiting.steps.pop_front();
    level->second.turns.splice(level->second.turns.end(), level->second.turns, waiting.turn);
    Drop(level, task);
    return customer;
  }

  // Takes that customer out; null where it is not in line.
  Pointer Remove(const Customer* customer) {
    const auto level = levels_.find(customer->priority());
    if (level == levels_.end()) return nullptr;
    const auto task = level->second.tasks.find(customer->task());
    if (task == level->second.tasks.end()) return nullptr;
    auto& steps = task->second.steps;
    for (auto at = steps.begin(); at != steps.end(); ++at) {
      if (at->get() != customer) continue;
      Pointer removed = std::move(*at);
      steps.erase(at);
      Drop(level, task->first);
      return removed;
    }
    return nullptr;
  }

 private:
  struct Task {
    std::deque<Pointer> steps;
    std::list<std::string>::iterator turn;
  };
  struct Level {
    std::unordered_map<std::string, Task> tasks;
    // Whose turn it is, first to last.
    std::list<std::string> turns;
  };
  using Levels = std::map<int, Level, std::greater<>>;

  // One is gone: forgets a task, and a priority, that nobody waits for any more.
  void Drop(typename Levels::iterator level, const std::string& task) {
    --size_;
    const auto found = level->second.tasks.find(task);
    if (!found->second.steps.empty()) return;
    level->second.turns.erase(found->second.turn);
    level->second.tasks.erase(found);
    if (level->second.tasks.empty()) levels_.erase(level);
  }

  Levels levels_;
  size_t size_ = 0;
};

}  // namespace troupe::dispatch
