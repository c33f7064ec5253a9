#include "tests/fuzz/any_call.h"

#include <google/protobuf/stubs/logging.h>
#include <grpcpp/impl/codegen/client_unary_call.h>
#include <grpcpp/impl/codegen/rpc_method.h>
#include <grpcpp/impl/codegen/sync_stream.h>

#include <chrono>

#include "runtime/base/check.h"
#include "runtime/rpc/status.h"
#include "tests/fuzz/mutate_message.h"

namespace troupe::fuzz {
namespace {

using grpc::ByteBuffer;
using grpc::internal::RpcMethod;

constexpr std::chrono::milliseconds kUnaryLimit{5000};
constexpr std::chrono::milliseconds kStreamLimit{50};
constexpr int kMostAnswers = 50;

std::string ToString(const ByteBuffer& buffer) {
  std::vector<grpc::Slice> slices;
  if (!buffer.Valid() || !buffer.Dump(&slices).ok()) return "";
  std::string bytes;
  for (const grpc::Slice& slice : slices) bytes.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
  return bytes;
}

}  // namespace

std::vector<Method> MethodsOf(const std::vector<std::string>& services) {
  // it would tell of every text that is no UTF-8
  google::protobuf::SetLogHandler(nullptr);
  std::vector<Method> methods;
  for (const std::string& name : services) {
    const auto* service = google::protobuf::DescriptorPool::generated_pool()->FindServiceByName(name);
    CHECK(service != nullptr);
    for (int i = 0; i < service->method_count(); ++i) methods.push_back(service->method(i));
  }
  return methods;
}

std::unique_ptr<google::protobuf::Message> ParseRequest(Method method, const std::string& bytes) {
  auto* factory = google::protobuf::MessageFactory::generated_factory();
  std::unique_ptr<google::protobuf::Message> message(factory->GetPrototype(method->input_type())->New());
  if (!message->ParseFromString(bytes)) return nullptr;
  return message;
}

Method MethodOf(const std::string& input, const std::vector<Method>& methods) {
  return methods[static_cast<uint8_t>(input[0]) % methods.size()];
}

void ChangeRequest(std::string& input, const std::vector<Method>& methods, std::span<const std::string> words,
                   Random& random) {
  if (input.empty()) input.resize(1);
  if (random.OneIn(20)) input[0] = static_cast<char>(random.Below(methods.size()));
  const auto message = ParseRequest(MethodOf(input, methods), input.substr(1));
  if (!message) return;
  MutateMessage(*message, words, random);
  input.resize(1);
  input += message->SerializePartialAsString();
}

grpc::Status CallAny(grpc::Channel& channel, Method method, const std::string& bytes, std::string* answer) {
  const std::string path = "/" + method->service()->full_name() + "/" + method->name();
  const bool streams = method->client_streaming() || method->server_streaming();
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + (streams ? kStreamLimit : kUnaryLimit));
  const grpc::Slice slice(bytes);
  const ByteBuffer request(&slice, 1);
  ByteBuffer response;
  grpc::Status status;
  if (!streams) {
    const RpcMethod rpc(path.c_str(), RpcMethod::NORMAL_RPC);
    status = grpc::internal::BlockingUnaryCall<ByteBuffer, ByteBuffer>(&channel, rpc, &context, request, &response);
  } else {
    // to gRPC's core a stream that sends once is like any other
    const RpcMethod rpc(path.c_str(), RpcMethod::BIDI_STREAMING);
    const std::unique_ptr<grpc::ClientReaderWriter<ByteBuffer, ByteBuffer>> stream(
        grpc::internal::ClientReaderWriterFactory<ByteBuffer, ByteBuffer>::Create(&channel, rpc, &context));
    for (int times = method->client_streaming() ? 2 : 1; times > 0 && stream->Write(request); --times) {
    }
    stream->WritesDone();
    for (int i = 0; i < kMostAnswers && stream->Read(&response); ++i) {
    }
    context.TryCancel();
    status = stream->Finish();
  }
  if (answer != nullptr) *answer = ToString(response);
  return status;
}

std::string WhatIsWrong(Method method, const grpc::Status& status, bool is_request) {
  const Error error = status.ok() ? Error{Code::kOk, ""} : rpc::FromGrpc(status);
  const bool is_ours = error.code != Code::kUnknown && error.code != Code::kInternal && error.code != Code::kDataLoss;
  if (is_ours && (status.ok() || !error.message.empty())) return "";
  if (!is_request && (error.code == Code::kInternal || error.code == Code::kUnimplemented)) return "";
  return method->full_name() + ": " + troupe::ToString(error);
}

}  // namespace troupe::fuzz
