// Who may talk to whom over which address: plaintext on this machine only, TLS everywhere else.
#pragma once

#include <grpcpp/security/credentials.h>
#include <grpcpp/security/server_credentials.h>

#include <memory>
#include <optional>
#include <string>

#include "runtime/base/error.h"
#include "runtime/rpc/server.h"

namespace troupe::rpc {

// Errors: FAILED_PRECONDITION for plaintext off the machine, and for files that cannot be read (named in the message).
Result<std::shared_ptr<grpc::ServerCredentials>> ServerCredentialsFor(const std::string& address,
                                                                      const std::optional<TlsFiles>& tls);
Result<std::shared_ptr<grpc::ChannelCredentials>> ChannelCredentialsFor(const std::string& address,
                                                                        const std::optional<TlsFiles>& tls);

}  // namespace troupe::rpc
