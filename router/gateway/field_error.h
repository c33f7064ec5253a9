// Wrong fields of a request: INVALID_ARGUMENT whose message begins with the field's name, "labels.team: may have ...".
#pragma once

#include <string>

#include "runtime/base/error.h"
#include "runtime/rpc/status.h"

namespace troupe::gateway {

inline Error FieldError(const std::string& field, const std::string& what) { return Invalid(field + ": " + what); }

// For the wire: the field's name is taken from the message's beginning and put into a BadRequest detail.
inline grpc::Status ToGrpcNamingField(const Error& error) {
  rpc::ErrorDetails details;
  if (error.code == Code::kInvalidArgument) {
    const size_t colon = error.message.find(": ");
    if (colon != std::string::npos && error.message.find(' ') > colon) {
      details.violations.push_back({error.message.substr(0, colon), error.message.substr(colon + 2)});
    }
  }
  return rpc::ToGrpc(error, details);
}

}  // namespace troupe::gateway
