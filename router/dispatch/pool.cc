#include "router/dispatch/pool.h"

#include <algorithm>
#include <utility>

namespace troupe::dispatch {

std::optional<Pool::Found> Pool::Find(const Customer& customer, std::optional<int> only_spill) {
  // Few agents have more replicas than this; those that do cost an allocation.
  constexpr size_t kUsual = 8;
  Candidate usual[kUsual];
  std::vector<Candidate> many(replicas_.size() > kUsual ? replicas_.size() : 0);
  const std::span<Candidate> candidates = many.empty() ? std::span(usual, replicas_.size()) : std::span(many);
  const std::set<std::string>& tried = customer.tried();
  for (size_t i = 0; i < candidates.size(); ++i) {
    candidates[i] = replicas_[i]->AsCandidate(customer.prefixes());
    candidates[i].tried = !tried.empty() && tried.contains(replicas_[i]->entry().replica);
    if (only_spill && (candidates[i].tried || candidates[i].spill != *only_spill)) candidates[i].ready = false;
  }
  std::optional<Choice> choice = Choose(candidates, turn_++);
  if (!choice) return std::nullopt;
  replicas_[choice->index]->Take();
  return Found{replicas_[choice->index], std::move(choice->reason)};
}

Status Pool::Ask(std::shared_ptr<Customer> customer) {
  std::unique_lock lock(mutex_);
  std::optional<Found> found;
  // Those who wait already come first.
  if (waiting_.empty()) found = Find(*customer);
  if (!found) {
    if (waiting_.size() >= max_waiting_) {
      return Exhausted(
          std::to_string(waiting_.size()) + " steps wait for agent " + agent_ + " already, no more are let in", 500);
    }
    waiting_.Push(std::move(customer));
    return {};
  }
  lock.unlock();
  customer->OnReplica(std::move(found->replica), std::move(found->reason));
  return {};
}

bool Pool::AskElsewhere(const std::shared_ptr<Customer>& customer, int spill) {
  std::optional<Found> found;
  {
    const std::lock_guard lock(mutex_);
    if (waiting_.empty()) found = Find(*customer, spill);
  }
  if (found) customer->OnReplica(std::move(found->replica), std::move(found->reason));
  return found.has_value();
}

void Pool::Leave(const Customer* customer) {
  std::shared_ptr<Customer> left;
  const std::lock_guard lock(mutex_);
  left = waiting_.Remove(customer);
}

void Pool::Pump() {
  while (true) {
    std::unique_lock lock(mutex_);
    if (waiting_.empty()) return;
    std::optional<Found> found = Find(*waiting_.Front());
    if (!found) return;
    const std::shared_ptr<Customer> customer = waiting_.Pop();
    lock.unlock();
    customer->OnReplica(std::move(found->replica), std::move(found->reason));
  }
}

void Pool::SetReplicas(std::vector<std::shared_ptr<Replica>> replicas) {
  {
    const std::lock_guard lock(mutex_);
    replicas_ = std::move(replicas);
  }
  Pump();
}

std::vector<std::shared_ptr<Replica>> Pool::replicas() const {
  const std::lock_guard lock(mutex_);
  return replicas_;
}

std::string Pool::WhyNone() const {
  const std::vector<std::shared_ptr<Replica>> all = replicas();
  if (all.empty()) return "agent " + agent_ + " has no replicas: start one, or add it to the list given with --agents";
  std::string text;
  for (const auto& replica : all) {
    const Replica::Snapshot snapshot = replica->GetSnapshot();
    text += (text.empty() ? "" : "; ") + replica->entry().replica + ": " + (snapshot.ready ? "busy" : snapshot.problem);
  }
  return "no replica of agent " + agent_ + " could take the step (" + text + ")";
}

}  // namespace troupe::dispatch
