// What every benchmark prints as its last line: figures, and the bars that some of them must pass.
#pragma once

#include <string>
#include <vector>

#include "runtime/base/value.h"

namespace troupe::bench {

enum class Better { kMore, kLess };

struct Bar {
  std::string name;
  double value = 0.0;
  double bar = 0.0;
  Better better = Better::kMore;

  bool ok() const { return better == Better::kMore ? value >= bar : value <= bar; }
};

// "Intel(R) Xeon(R) ..., 2 cores, load 0.4": what the figures were measured on, and how busy it was.
std::string Machine();

// One line of JSON: {"bench", "machine", "figures", "bars": [{"name", "value", "bar", "better", "ok"}]}.
std::string Report(const std::string& bench, const Value& figures, const std::vector<Bar>& bars);

bool AllOk(const std::vector<Bar>& bars);

// Four significant digits: what a figure deserves.
double Round(double value);

}  // namespace troupe::bench
