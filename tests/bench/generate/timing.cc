#include "tests/bench/generate/timing.h"

#include <algorithm>
#include <limits>

#include "tests/bench/common.h"

namespace troupe::bench {
namespace {

double PerSecond(int64_t tokens, int64_t ns) {
  return ns <= 0 ? 0.0 : static_cast<double>(tokens) * 1e9 / static_cast<double>(ns);
}

}  // namespace

Speed SpeedOf(const std::vector<AnswerTimes>& answers) {
  int64_t begin = std::numeric_limits<int64_t>::max();
  int64_t prompts_read = 0;
  int64_t end = 0;
  int64_t prompt_tokens = 0;
  std::vector<double> first_ms;
  for (const AnswerTimes& answer : answers) {
    if (answer.arrivals.empty()) continue;
    begin = std::min(begin, answer.asked_ns);
    prompts_read = std::max(prompts_read, answer.arrivals.front().at_ns);
    end = std::max(end, answer.arrivals.back().at_ns);
    prompt_tokens += answer.prompt_tokens;
    first_ms.push_back(static_cast<double>(answer.arrivals.front().at_ns - answer.asked_ns) / 1e6);
  }
  if (first_ms.empty()) return {};
  Speed speed;
  int64_t after = 0;
  for (const AnswerTimes& answer : answers) {
    for (const Arrival& arrival : answer.arrivals) {
      speed.tokens += arrival.tokens;
      if (arrival.at_ns > prompts_read) after += arrival.tokens;
    }
  }
  speed.prompt = PerSecond(prompt_tokens, prompts_read - begin);
  speed.decode = PerSecond(after, end - prompts_read);
  speed.out = PerSecond(speed.tokens, end - begin);
  speed.first_token_ms = Median(first_ms);
  return speed;
}

}  // namespace troupe::bench
