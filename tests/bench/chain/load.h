// A closed loop: each caller has its own channel and thread and calls again as soon as it has its answer.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "runtime/base/error.h"

namespace troupe::bench {

// One chain, start to answer.
using Call = std::function<Status()>;
// A caller with a connected channel of its own.
using MakeCall = std::function<Result<Call>()>;

// What was asked for: a time, or a number of chains where that is more than 0.
struct Amount {
  double seconds = 0.0;
  int64_t chains = 0;
};

struct LoadResult {
  int64_t chains = 0;
  double seconds = 0.0;
  double p50_us = 0.0;
  double p99_us = 0.0;

  double PerSecond() const { return seconds > 0.0 ? static_cast<double>(chains) / seconds : 0.0; }
};

// Callers of one target, kept between runs.
class Load {
 public:
  explicit Load(MakeCall make) : make_(std::move(make)) {}
  // Errors: the first that a call gave; a benchmark has none.
  Result<LoadResult> Run(int callers, Amount amount);

 private:
  MakeCall make_;
  std::vector<Call> calls_;
};

// Unary calls of `method` ("/troupe.bench.Echo/Chain") with the bytes of a message whose field 1 is `text`.
MakeCall UnaryCalls(const std::string& address, const std::string& method, const std::string& text);

// TaskService.Run of graph `chain` with DETAIL_RESULT; a chain whose output is not `text` is an error.
MakeCall TaskCalls(const std::string& address, const std::string& text);

}  // namespace troupe::bench
