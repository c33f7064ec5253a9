// Errors as values. An Error says what failed, on what, and what the reader can do about it, under one of gRPC's canonical
// codes so that it crosses process borders unchanged. Result<T> carries a T or an Error; it is [[nodiscard]].
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <utility>

namespace troupe {

// gRPC's canonical codes, same numbers (grpc.io/docs/guides/status-codes).
enum class Code : uint8_t {
  kOk = 0,
  kCancelled = 1,
  kUnknown = 2,
  kInvalidArgument = 3,
  kDeadlineExceeded = 4,
  kNotFound = 5,
  kAlreadyExists = 6,
  kPermissionDenied = 7,
  kResourceExhausted = 8,
  kFailedPrecondition = 9,
  kAborted = 10,
  kOutOfRange = 11,
  kUnimplemented = 12,
  kInternal = 13,
  kUnavailable = 14,
  kDataLoss = 15,
  kUnauthenticated = 16,
};

// "INVALID_ARGUMENT" and so on; "UNKNOWN" for a number outside the list.
std::string_view CodeName(Code code);

// The code of that name, or nothing.
std::optional<Code> CodeFromName(std::string_view name);

// True where trying the same call again later may succeed: UNAVAILABLE, RESOURCE_EXHAUSTED, ABORTED.
bool IsRetryable(Code code);

struct Error {
  Code code = Code::kUnknown;
  std::string message;
  // How long to wait before the next try; 0 where the failed party gave no hint.
  int64_t retry_after_ms = 0;

  bool operator==(const Error&) const = default;
};

// "NOT_FOUND: no task 0192... ; list them with 'troupe list'"
std::string ToString(const Error& error);

template <typename T>
class [[nodiscard]] Result : public tl::expected<T, Error> {
 public:
  using Base = tl::expected<T, Error>;
  using Base::Base;
  Result(Error error) : Base(tl::unexpect, std::move(error)) {}  // NOLINT: implicit on purpose, like returning a T
};

template <>
class [[nodiscard]] Result<void> : public tl::expected<void, Error> {
 public:
  using Base = tl::expected<void, Error>;
  using Base::Base;
  Result(Error error) : Base(tl::unexpect, std::move(error)) {}  // NOLINT
};

using Status = Result<void>;

inline Error Invalid(std::string message) { return {Code::kInvalidArgument, std::move(message)}; }
inline Error NotFound(std::string message) { return {Code::kNotFound, std::move(message)}; }
inline Error Internal(std::string message) { return {Code::kInternal, std::move(message)}; }
inline Error Unavailable(std::string message) { return {Code::kUnavailable, std::move(message)}; }
inline Error Exhausted(std::string message, int64_t retry_after_ms = 0) {
  return {Code::kResourceExhausted, std::move(message), retry_after_ms};
}
inline Error Cancelled(std::string message) { return {Code::kCancelled, std::move(message)}; }
inline Error FailedPrecondition(std::string message) { return {Code::kFailedPrecondition, std::move(message)}; }

}  // namespace troupe

#define TROUPE_CONCAT_INNER(a, b) a##b
#define TROUPE_CONCAT(a, b) TROUPE_CONCAT_INNER(a, b)

// Returns the error of a Status from the function around it.
#define TRY(expression)                                               \
  do {                                                                \
    if (auto try_result = (expression); !try_result) {                \
      return ::troupe::Error(std::move(try_result).error());          \
    }                                                                 \
  } while (false)

// TRY_ASSIGN(auto file, Open(path)): the value, or return the error.
#define TRY_ASSIGN(left, expression) TRY_ASSIGN_INNER(TROUPE_CONCAT(try_value_, __LINE__), left, expression)
#define TRY_ASSIGN_INNER(name, left, expression)               \
  auto name = (expression);                                    \
  if (!name) return ::troupe::Error(std::move(name).error());  \
  left = std::move(*name)

// The same two inside a coroutine.
#define CO_TRY(expression)                                            \
  do {                                                                \
    if (auto try_result = (expression); !try_result) {                \
      co_return ::troupe::Error(std::move(try_result).error());       \
    }                                                                 \
  } while (false)
#define CO_TRY_ASSIGN(left, expression) CO_TRY_ASSIGN_INNER(TROUPE_CONCAT(try_value_, __LINE__), left, expression)
#define CO_TRY_ASSIGN_INNER(name, left, expression)               \
  auto name = (expression);                                       \
  if (!name) co_return ::troupe::Error(std::move(name).error());  \
  left = std::move(*name)
