// An Error on the wire and back: a canonical code and message, and google.rpc details in the trailer
// grpc-status-details-bin (RetryInfo, ErrorInfo, BadRequest; google.aip.dev/193), so that clients in any language can
// read when to try again, which step and agent failed, and which field of the request is wrong.
#pragma once

#include <grpcpp/support/status.h>

#include <map>
#include <string>
#include <vector>

#include "runtime/base/error.h"

namespace troupe::rpc {

struct FieldViolation {
  std::string field;  // "input.message"
  std::string description;
};

// What goes beside code and message; empty parts are left out.
struct ErrorDetails {
  std::string reason;                           // ErrorInfo: UPPER_SNAKE_CASE
  std::map<std::string, std::string> metadata;  // ErrorInfo: "step", "agent", "attempt", ...
  std::vector<FieldViolation> violations;       // BadRequest

  bool empty() const { return reason.empty() && metadata.empty() && violations.empty(); }
};

grpc::Status ToGrpc(const Error& error, const ErrorDetails& details = {});
grpc::Status ToGrpc(const Status& status);

// UNKNOWN where the code is outside the list. Details that cannot be read are as if they were not there.
Error FromGrpc(const grpc::Status& status);
// The status as a Result: success for OK.
Status StatusFromGrpc(const grpc::Status& status);
ErrorDetails DetailsFromGrpc(const grpc::Status& status);

}  // namespace troupe::rpc
