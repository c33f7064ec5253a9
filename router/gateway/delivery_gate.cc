#include "router/gateway/delivery_gate.h"

#include "runtime/base/time_units.h"

namespace troupe::gateway {

void DeliveryGate::Enter(journal::TaskKey task, std::weak_ptr<Delivery> delivery) {
  {
    const std::lock_guard lock(mutex_);
    Line& line = lines_[task];
    if (line.empty()) turns_.push_back(task);
    line.push_back(std::move(delivery));
  }
  LetIn();
}

void DeliveryGate::Leave(Permit permit) {
  {
    const std::lock_guard lock(mutex_);
    if (!Free(permit)) return;
  }
  LetIn();
}

void DeliveryGate::LetIn() {
  while (true) {
    std::shared_ptr<Delivery> next;
    Permit permit{};
    {
      const std::lock_guard lock(mutex_);
      if (under_way_.size() < options_.at_once) next = TakeNext();
      if (!next) return PlanCheck();
      permit = Permit{++last_permit_};
      under_way_.push_back({permit, clock_.MonotonicNs()});
    }
    if (next->OnPermit(permit) == Delivery::Use::kWriting) continue;
    const std::lock_guard lock(mutex_);
    Free(permit);
  }
}

std::shared_ptr<DeliveryGate::Delivery> DeliveryGate::TakeNext() {
  while (!turns_.empty()) {
    const journal::TaskKey task = turns_.front();
    turns_.pop_front();
    const auto line = lines_.find(task);
    std::shared_ptr<Delivery> next = line->second.front().lock();
    line->second.pop_front();
    if (line->second.empty()) {
      lines_.erase(line);
    } else if (next) {
      turns_.push_back(task);
    } else {
      turns_.push_front(task);
    }
    if (next) return next;
  }
  return nullptr;
}

bool DeliveryGate::Free(Permit permit) {
  return std::erase_if(under_way_, [&](const UnderWay& one) { return one.permit == permit; }) > 0;
}

void DeliveryGate::Check() {
  {
    const std::lock_guard lock(mutex_);
    const int64_t latest_ns = clock_.MonotonicNs() - options_.limit_ms * kNsPerMs;
    while (!under_way_.empty() && under_way_.front().since_ns <= latest_ns) under_way_.pop_front();
  }
  LetIn();
}

void DeliveryGate::PlanCheck() {
  if (timers_ == nullptr || turns_.empty() || std::exchange(planned_, true)) return;
  timers_->After(options_.limit_ms, [this] {
    {
      const std::lock_guard lock(mutex_);
      planned_ = false;
    }
    Check();
  });
}

}  // namespace troupe::gateway
