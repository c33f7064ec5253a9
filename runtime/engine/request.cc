#include "runtime/engine/request.h"

#include <array>
#include <cmath>

namespace troupe::engine {
namespace {

constexpr size_t kMaxStops = 16;
constexpr size_t kMaxStopBytes = 256;

Status CheckRange(double value, double low, double high, const char* field) {
  if (value >= low && value <= high) return {};  // false for NaN
  return Invalid(std::string("sampling: ") + field + " is " + std::to_string(value) + ", allowed is " +
                 std::to_string(low) + " to " + std::to_string(high));
}

}  // namespace

Status CheckParams(const SamplingParams& params) {
  TRY(CheckRange(params.temperature, 0, 10, "temperature"));
  TRY(CheckRange(params.top_k, 0, 1 << 30, "top_k"));
  TRY(CheckRange(params.top_p, 1e-6, 1, "top_p"));
  TRY(CheckRange(params.min_p, 0, 1, "min_p"));
  TRY(CheckRange(params.repeat_penalty, 0.01, 100, "repeat_penalty"));
  TRY(CheckRange(params.repeat_window, 0, 1 << 30, "repeat_window"));
  TRY(CheckRange(params.presence_penalty, -100, 100, "presence_penalty"));
  TRY(CheckRange(params.frequency_penalty, -100, 100, "frequency_penalty"));
  TRY(CheckRange(params.logprobs, 0, 20, "logprobs"));
  if (params.stop.size() > kMaxStops) {
    return Invalid("sampling: " + std::to_string(params.stop.size()) + " stop strings, allowed are 16");
  }
  for (const std::string& stop : params.stop) {
    if (stop.empty() || stop.size() > kMaxStopBytes) {
      return Invalid("sampling: a stop string of " + std::to_string(stop.size()) + " bytes, allowed are 1 to 256");
    }
  }
  return {};
}

std::string_view FinishReasonName(FinishReason reason) {
  constexpr std::array<std::string_view, 4> kNames{"stop", "length", "constraint", "cancelled"};
  return kNames[static_cast<size_t>(reason)];
}

}  // namespace troupe::engine
