#include "router/content/make_budget.h"

#include <algorithm>

namespace troupe::content {
namespace {

bool Fits(int64_t limit, int64_t spent, int64_t dearest, size_t tasks) {
  return limit == 0 || static_cast<double>(spent) + static_cast<double>(dearest) * static_cast<double>(tasks) <=
                           static_cast<double>(limit);
}

}  // namespace

void MakeBudget::Add(const Cost& cost) {
  knows_a_cost_ = true;
  spent_.tokens += cost.tokens;
  spent_.device_us += cost.device_us;
  spent_.money_micros += cost.money_micros;
  dearest_.tokens = std::max(dearest_.tokens, cost.tokens);
  dearest_.device_us = std::max(dearest_.device_us, cost.device_us);
  dearest_.money_micros = std::max(dearest_.money_micros, cost.money_micros);
}

bool MakeBudget::AllowsOneMore(size_t under_way) const {
  if (!IsLimited()) return true;
  if (!knows_a_cost_) return under_way == 0;
  const size_t tasks = under_way + 1;
  return Fits(limit_.tokens, spent_.tokens, dearest_.tokens, tasks) &&
         Fits(limit_.device_us, spent_.device_us, dearest_.device_us, tasks) &&
         Fits(limit_.money_micros, spent_.money_micros, dearest_.money_micros, tasks);
}

}  // namespace troupe::content
