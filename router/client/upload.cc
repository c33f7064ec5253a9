#include "router/client/upload.h"

#include <grpcpp/grpcpp.h>

#include "runtime/base/digest.h"
#include "runtime/rpc/status.h"

namespace troupe::client {
namespace {
constexpr size_t kPieceBytes = 1u << 20;
}

Result<std::string> Upload(v1::TaskService::Stub& tasks, std::string_view bytes, std::chrono::milliseconds time) {
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + time);
  v1::UploadResponse response;
  const auto writer = tasks.Upload(&context, &response);
  const std::string sha256 = Sha256Hex(bytes);
  v1::UploadRequest piece;
  piece.set_sha256(sha256);
  for (size_t at = 0; at < bytes.size(); at += kPieceBytes) {
    piece.set_chunk(std::string(bytes.substr(at, kPieceBytes)));
    // a router that refuses, or has it, says so at the end
    if (!writer->Write(piece)) break;
    piece.clear_sha256();
  }
  writer->WritesDone();
  if (const grpc::Status status = writer->Finish(); !status.ok()) return rpc::FromGrpc(status);
  return sha256;
}

}  // namespace troupe::client
