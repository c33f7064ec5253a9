#include "tests/bench/report.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <thread>

namespace troupe::bench {

double Round(double value) {
  if (value == 0.0 || !std::isfinite(value)) return value;
  const double scale = std::pow(10.0, 3 - std::floor(std::log10(std::abs(value))));
  return scale >= 1.0 ? std::round(value * scale) / scale : std::round(value);
}

std::string Machine() {
  std::string name = "unknown CPU";
  std::ifstream info("/proc/cpuinfo");
  for (std::string line; std::getline(info, line);) {
    if (line.starts_with("model name")) {
      name = line.substr(std::min(line.size(), line.find(':') + 2));
      break;
    }
  }
  double load[1] = {0.0};
  std::ostringstream out;
  out << name << ", " << std::thread::hardware_concurrency() << " cores";
  if (getloadavg(load, 1) == 1) out << ", load " << Round(load[0]);
  return out.str();
}

std::string Report(const std::string& bench, const Value& figures, const std::vector<Bar>& bars) {
  Value list = Value::array();
  for (const Bar& bar : bars) {
    list.push_back({{"name", bar.name},
                    {"value", Round(bar.value)},
                    {"bar", Round(bar.bar)},
                    {"better", bar.better == Better::kMore ? "more" : "less"},
                    {"ok", bar.ok()}});
  }
  return Value{{"bench", bench}, {"machine", Machine()}, {"figures", figures}, {"bars", list}}.dump();
}

bool AllOk(const std::vector<Bar>& bars) { return std::ranges::all_of(bars, &Bar::ok); }

}  // namespace troupe::bench
