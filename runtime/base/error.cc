#include "runtime/base/error.h"

#include <array>

namespace troupe {
namespace {

constexpr std::array<std::string_view, 17> kNames = {
    "OK",           "CANCELLED",          "UNKNOWN",       "INVALID_ARGUMENT",    "DEADLINE_EXCEEDED", "NOT_FOUND",
    "ALREADY_EXISTS", "PERMISSION_DENIED", "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION", "ABORTED",           "OUT_OF_RANGE",
    "UNIMPLEMENTED", "INTERNAL",           "UNAVAILABLE",   "DATA_LOSS",           "UNAUTHENTICATED"};

}  // namespace

std::string_view CodeName(Code code) {
  const auto index = static_cast<size_t>(code);
  return index < kNames.size() ? kNames[index] : kNames[static_cast<size_t>(Code::kUnknown)];
}

std::optional<Code> CodeFromName(std::string_view name) {
  for (size_t i = 0; i < kNames.size(); ++i) {
    if (kNames[i] == name) return static_cast<Code>(i);
  }
  return std::nullopt;
}

bool IsRetryable(Code code) {
  return code == Code::kUnavailable || code == Code::kResourceExhausted || code == Code::kAborted;
}

std::string ToString(const Error& error) {
  std::string text(CodeName(error.code));
  text += ": ";
  text += error.message;
  return text;
}

}  // namespace troupe
