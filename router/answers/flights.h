// Which questions are being answered now, by key. Owner: Answers. Thread-safe.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>

#include "router/answers/flight.h"

namespace troupe::answers {

class Flights {
 public:
  // The rider joins the flight with that key, or leads a new one; where one has just ended, its answer is given.
  std::optional<cache::Entry> Join(World& world, const StepKey& key, const RiderPtr& rider);
  // It is cancelled. The flight goes on for the others, and ends where there are none.
  void Leave(const std::string& key, const Rider* rider);
  bool Leads(const std::string& key, const Rider* rider) const;
  // A flight that nobody waits for, unless there is one with that key, or too many are under way.
  void InBackground(World& world, const StepKey& key, dispatch::StepOrder order, const StepJob& job,
                    Flight::OnKept on_kept = {});
  // Cancels all of them, and begins no more.
  void Stop();
  size_t size() const;
  // Those who wait and do not lead.
  size_t waiting() const;

 private:
  friend class Flight;
  static constexpr int kMaxInBackground = 8;

  // Needs the lock.
  void Forget(const Flight& flight);

  mutable std::mutex mutex_;
  bool stopped_ = false;
  int in_background_ = 0;
  std::unordered_map<std::string, std::shared_ptr<Flight>> flights_;
};

}  // namespace troupe::answers
