// Server reflection, v1 and v1alpha, so that grpcurl and its like can call a server without its .proto files. gRPC's
// own implementation uses the synchronous API, whose polling threads would take the callback API's events on a detour.
#pragma once

#include <memory>
#include <string>
#include <vector>

namespace grpc {
class Service;
}

namespace troupe::rpc {

// Services for both versions, answering for `service_names` from the protobuf files linked into the program.
std::vector<std::unique_ptr<grpc::Service>> MakeReflection(const std::vector<std::string>& service_names);

}  // namespace troupe::rpc
