#include "runtime/rpc/reflection.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/descriptor.pb.h>

#include <set>
#include <utility>

#include "grpc/reflection/v1/reflection.grpc.pb.h"
#include "grpc/reflection/v1alpha/reflection.grpc.pb.h"
#include "runtime/rpc/server_call.h"

namespace troupe::rpc {
namespace {
using google::protobuf::DescriptorPool;
using google::protobuf::FileDescriptor;

// The file and all it imports, each once, as reflection clients want them.
template <class Files>
void AddFiles(const FileDescriptor* file, std::set<std::string>& seen, Files* out) {
  if (!seen.insert(file->name()).second) return;
  google::protobuf::FileDescriptorProto proto;
  file->CopyTo(&proto);
  out->add_file_descriptor_proto(proto.SerializeAsString());
  for (int i = 0; i < file->dependency_count(); ++i) AddFiles(file->dependency(i), seen, out);
}

template <class Request, class Response>
Response Answer(const Request& request, const std::vector<std::string>& services) {
  Response response;
  *response.mutable_original_request() = request;
  response.set_valid_host(request.host());
  const DescriptorPool& pool = *DescriptorPool::generated_pool();
  const FileDescriptor* file = nullptr;
  switch (request.message_request_case()) {
    case Request::kListServices:
      for (const auto& name : services) response.mutable_list_services_response()->add_service()->set_name(name);
      return response;
    case Request::kFileByFilename:
      file = pool.FindFileByName(request.file_by_filename());
      break;
    case Request::kFileContainingSymbol:
      file = pool.FindFileContainingSymbol(request.file_containing_symbol());
      break;
    default:  // proto3 has no extensions of its own
      break;
  }
  if (file == nullptr) {
    response.mutable_error_response()->set_error_code(static_cast<int>(grpc::StatusCode::NOT_FOUND));
    response.mutable_error_response()->set_error_message("not part of this server");
    return response;
  }
  std::set<std::string> seen;
  AddFiles(file, seen, response.mutable_file_descriptor_response());
  return response;
}

template <class Request, class Response>
class Call final : public ServerStreamCall<Request, Response> {
 public:
  explicit Call(const std::vector<std::string>& services) : services_(services) {}

 protected:
  bool OnMessage(Request& request) override {
    if (this->unsent() >= kMaxUnsent) {
      this->End(Status(Exhausted("answers are not being read; read them, or ask less")));
      return false;
    }
    return this->Send(Answer<Request, Response>(request, services_));
  }
  void OnInputEnd() override { this->End(grpc::Status::OK); }
  void OnCancelled() override { this->End(Status(Cancelled("client went away"))); }

 private:
  // For a client that asks and does not read.
  static constexpr size_t kMaxUnsent = 64;
  const std::vector<std::string>& services_;
};

template <class Base, class Request, class Response>
class Service final : public Base {
 public:
  explicit Service(std::vector<std::string> services) : services_(std::move(services)) {}
  grpc::ServerBidiReactor<Request, Response>* ServerReflectionInfo(grpc::CallbackServerContext*) override {
    return std::make_shared<Call<Request, Response>>(services_)->Open();
  }

 private:
  std::vector<std::string> services_;
};

namespace v1 = grpc::reflection::v1;
namespace v1alpha = grpc::reflection::v1alpha;
using ServiceV1 =
    Service<v1::ServerReflection::CallbackService, v1::ServerReflectionRequest, v1::ServerReflectionResponse>;
using ServiceV1Alpha = Service<v1alpha::ServerReflection::CallbackService, v1alpha::ServerReflectionRequest,
                               v1alpha::ServerReflectionResponse>;
}  // namespace

std::vector<std::unique_ptr<grpc::Service>> MakeReflection(const std::vector<std::string>& service_names) {
  std::vector<std::string> names = service_names;
  names.emplace_back(v1::ServerReflection::service_full_name());
  names.emplace_back(v1alpha::ServerReflection::service_full_name());
  std::vector<std::unique_ptr<grpc::Service>> services;
  services.push_back(std::make_unique<ServiceV1>(names));
  services.push_back(std::make_unique<ServiceV1Alpha>(names));
  return services;
}

}  // namespace troupe::rpc
