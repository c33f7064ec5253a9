#include "router/answers/background.h"

#include "runtime/base/id.h"

namespace troupe::answers {

dispatch::StepOrder ForNobody(dispatch::StepOrder order) {
  constexpr int64_t kTimeoutMs = 120'000;
  order.task = "cache";
  order.key = "cache/" + NewUuid7();
  order.priority = 0;
  order.attempt = 1;
  order.timeout_ms = order.own_timeout_ms > 0 ? order.own_timeout_ms : kTimeoutMs;
  order.hedge_percent = 0;
  order.tried.clear();
  return order;
}

}  // namespace troupe::answers
