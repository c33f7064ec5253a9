// Requests that wait for a place in the batch: highest priority first, then in order of arrival. Not thread-safe: the
// engine locks around it.
#pragma once

#include <cstdint>
#include <vector>

#include "runtime/engine/sequence.h"

namespace troupe::engine {

class Queue {
 public:
  void Push(Ticket ticket);
  // The next one; the queue must not be empty.
  Ticket Pop();
  // Takes out those that were cancelled or are past their deadline.
  std::vector<Ticket> TakeDead(int64_t now_ns);
  size_t size() const { return tickets_.size(); }
  bool empty() const { return tickets_.empty(); }

 private:
  std::vector<Ticket> tickets_;  // sorted, next one last
};

}  // namespace troupe::engine
