#include "router/answers/flights.h"

#include <algorithm>
#include <utility>

#include "router/answers/background.h"

namespace troupe::answers {

std::optional<cache::Entry> Flights::Join(World& world, const StepKey& key, const RiderPtr& rider) {
  std::shared_ptr<Flight> fresh;
  {
    const std::lock_guard lock(mutex_);
    if (stopped_) return std::nullopt;
    if (const auto found = flights_.find(key.key); found != flights_.end()) {
      Flight& flight = *found->second;
      if (flight.leader_) {
        flight.riders_.push_back(rider);
      } else {
        flight.leader_ = rider;
      }
      return std::nullopt;
    }
    // an answer is kept before its flight is forgotten, so one of the two is found
    if (std::optional<cache::Entry> entry = world.tiers.AtHand(key.key)) return entry;
    fresh = std::make_shared<Flight>(world, key, rider->Order(), rider->job(), rider);
    flights_[key.key] = fresh;
  }
  fresh->Begin();
  return std::nullopt;
}

void Flights::Leave(const std::string& key, const Rider* rider) {
  std::shared_ptr<dispatch::StepCall> call;
  {
    const std::lock_guard lock(mutex_);
    const auto found = flights_.find(key);
    if (found == flights_.end()) return;
    const std::shared_ptr<Flight> flight = found->second;
    if (flight->leader_.get() != rider) {
      std::erase_if(flight->riders_, [rider](const RiderPtr& other) { return other.get() == rider; });
      return;
    }
    flight->leader_ = nullptr;
    if (!flight->riders_.empty()) {
      flight->leader_ = std::move(flight->riders_.front());
      flight->riders_.erase(flight->riders_.begin());
      flight->heard_ = 0;
      return;
    }
    if (flight->background_) return;
    flight->over_ = true;
    Forget(*flight);
    call = std::move(flight->call_);
  }
  if (call) call->Cancel();
}

bool Flights::Leads(const std::string& key, const Rider* rider) const {
  const std::lock_guard lock(mutex_);
  const auto found = flights_.find(key);
  return found != flights_.end() && found->second->leader_.get() == rider;
}

void Flights::InBackground(World& world, const StepKey& key, dispatch::StepOrder order, const StepJob& job,
                           Flight::OnKept on_kept) {
  std::shared_ptr<Flight> flight;
  {
    const std::lock_guard lock(mutex_);
    if (stopped_ || in_background_ >= kMaxInBackground || flights_.contains(key.key)) return;
    flight = std::make_shared<Flight>(world, key, ForNobody(std::move(order)), job, nullptr, std::move(on_kept));
    flight->background_ = true;
    ++in_background_;
    flights_[key.key] = flight;
  }
  flight->Run();
}

void Flights::Forget(const Flight& flight) {
  const auto found = flights_.find(flight.key_.key);
  if (found == flights_.end() || found->second.get() != &flight) return;
  if (flight.background_) --in_background_;
  flights_.erase(found);
}

void Flights::Stop() {
  std::vector<std::shared_ptr<dispatch::StepCall>> calls;
  {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
    for (const auto& [key, flight] : flights_) {
      flight->over_ = true;
      flight->leader_ = nullptr;
      flight->riders_.clear();
      if (flight->call_) calls.push_back(std::move(flight->call_));
    }
    flights_.clear();
  }
  for (const auto& call : calls) call->Cancel();
}

size_t Flights::size() const {
  const std::lock_guard lock(mutex_);
  return flights_.size();
}

size_t Flights::waiting() const {
  const std::lock_guard lock(mutex_);
  size_t count = 0;
  for (const auto& [key, flight] : flights_) count += flight->riders_.size();
  return count;
}

}  // namespace troupe::answers
