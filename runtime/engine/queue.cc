#include "runtime/engine/queue.h"

#include <algorithm>

#include "runtime/base/check.h"

namespace troupe::engine {

void Queue::Push(Ticket ticket) {
  const auto later = [](const Ticket& a, const Ticket& b) {
    return a.request.priority != b.request.priority ? a.request.priority < b.request.priority : a.arrival > b.arrival;
  };
  const auto place = std::upper_bound(tickets_.begin(), tickets_.end(), ticket, later);
  tickets_.insert(place, std::move(ticket));
}

Ticket Queue::Pop() {
  CHECK(!tickets_.empty());
  Ticket next = std::move(tickets_.back());
  tickets_.pop_back();
  return next;
}

std::vector<Ticket> Queue::TakeDead(int64_t now_ns) {
  const auto is_alive = [now_ns](const Ticket& ticket) {
    const int64_t deadline_ns = ticket.request.deadline_ns;
    return !ticket.handle.cancelled() && (deadline_ns == 0 || now_ns < deadline_ns);
  };
  const auto dead = std::stable_partition(tickets_.begin(), tickets_.end(), is_alive);
  std::vector<Ticket> taken(std::make_move_iterator(dead), std::make_move_iterator(tickets_.end()));
  tickets_.erase(dead, tickets_.end());
  return taken;
}

}  // namespace troupe::engine
