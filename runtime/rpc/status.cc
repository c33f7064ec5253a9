#include "runtime/rpc/status.h"

#include <algorithm>

#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"

namespace troupe::rpc {
namespace {
// ErrorInfo.domain of every error made here.
constexpr char kDomain[] = "troupe.dev";
// Trailers are metadata, which gRPC limits to 8 KiB in all by default.
constexpr size_t kMaxMessageBytes = 4096;

// At a character's border, so that what is left is UTF-8.
std::string Shorten(const std::string& text, size_t limit) {
  if (text.size() <= limit) return text;
  size_t end = limit;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  return text.substr(0, end) + "...";
}

google::rpc::Status Unpack(const grpc::Status& status) {
  google::rpc::Status full;
  if (!full.ParseFromString(status.error_details())) full.Clear();
  return full;
}

void AddDetails(const Error& error, const ErrorDetails& details, google::rpc::Status& full) {
  if (error.retry_after_ms > 0) {
    google::rpc::RetryInfo retry;
    retry.mutable_retry_delay()->set_seconds(error.retry_after_ms / 1000);
    retry.mutable_retry_delay()->set_nanos(static_cast<int32_t>(error.retry_after_ms % 1000) * 1'000'000);
    full.add_details()->PackFrom(retry);
  }
  if (!details.reason.empty() || !details.metadata.empty()) {
    google::rpc::ErrorInfo info;
    info.set_reason(details.reason);
    info.set_domain(kDomain);
    for (const auto& [key, value] : details.metadata) (*info.mutable_metadata())[key] = Shorten(value, 512);
    full.add_details()->PackFrom(info);
  }
  if (details.violations.empty()) return;
  google::rpc::BadRequest bad;
  size_t bytes = 0;
  for (const FieldViolation& violation : details.violations) {
    bytes += violation.field.size() + violation.description.size();
    if (bytes > kMaxMessageBytes) break;
    auto* field = bad.add_field_violations();
    field->set_field(violation.field);
    field->set_description(violation.description);
  }
  full.add_details()->PackFrom(bad);
}
}  // namespace

grpc::Status ToGrpc(const Error& error, const ErrorDetails& details) {
  const auto code = static_cast<grpc::StatusCode>(error.code);
  std::string message = Shorten(error.message, kMaxMessageBytes);
  if (error.retry_after_ms <= 0 && details.empty()) return {code, message};
  google::rpc::Status full;
  full.set_code(static_cast<int32_t>(error.code));
  AddDetails(error, details, full);
  return {code, message, full.SerializeAsString()};
}

grpc::Status ToGrpc(const Status& status) { return status ? grpc::Status::OK : ToGrpc(status.error()); }

Error FromGrpc(const grpc::Status& status) {
  Error error;
  const int code = status.error_code();
  error.code = code >= 1 && code <= 16 ? static_cast<Code>(code) : Code::kUnknown;
  error.message = status.error_message();
  if (status.error_details().empty()) return error;
  const google::rpc::Status full = Unpack(status);
  for (const auto& detail : full.details()) {
    google::rpc::RetryInfo retry;
    if (!detail.Is<google::rpc::RetryInfo>() || !detail.UnpackTo(&retry)) continue;
    constexpr int64_t kMaxSeconds = 86'400;
    const int64_t seconds = std::clamp<int64_t>(retry.retry_delay().seconds(), 0, kMaxSeconds);
    error.retry_after_ms = seconds * 1000 + std::clamp(retry.retry_delay().nanos(), 0, 999'999'999) / 1'000'000;
  }
  return error;
}

Status StatusFromGrpc(const grpc::Status& status) {
  if (status.ok()) return {};
  return FromGrpc(status);
}

ErrorDetails DetailsFromGrpc(const grpc::Status& status) {
  ErrorDetails details;
  const google::rpc::Status full = Unpack(status);
  for (const auto& detail : full.details()) {
    google::rpc::ErrorInfo info;
    google::rpc::BadRequest bad;
    if (detail.Is<google::rpc::ErrorInfo>() && detail.UnpackTo(&info)) {
      details.reason = info.reason();
      details.metadata.insert(info.metadata().begin(), info.metadata().end());
    } else if (detail.Is<google::rpc::BadRequest>() && detail.UnpackTo(&bad)) {
      for (const auto& field : bad.field_violations())
        details.violations.push_back({field.field(), field.description()});
    }
  }
  return details;
}

}  // namespace troupe::rpc
