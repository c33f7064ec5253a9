// What a job may cost. A task's cost is known once it has ended, so a further one is asked only while it and those
// under way, each as dear as the dearest so far, stay within what is left; the first goes alone. So what is spent goes
// beyond the limit by no more than tasks turn out dearer than any before them. Pure.
#pragma once

#include <cstddef>
#include <cstdint>

namespace troupe::content {

struct Cost {
  // Generated tokens, microseconds of device time, millionths of the currency's unit.
  int64_t tokens = 0;
  int64_t device_us = 0;
  int64_t money_micros = 0;
};

class MakeBudget {
 public:
  // 0 for no limit.
  explicit MakeBudget(const Cost& limit) : limit_(limit) {}

  void Add(const Cost& cost);
  // Whether one more may be asked while so many are under way.
  bool AllowsOneMore(size_t under_way) const;
  const Cost& spent() const { return spent_; }

 private:
  bool IsLimited() const { return limit_.tokens > 0 || limit_.device_us > 0 || limit_.money_micros > 0; }

  Cost limit_;
  Cost spent_;
  Cost dearest_;
  bool knows_a_cost_ = false;
};

}  // namespace troupe::content
