// One client that sends an upload, piece by piece. While a piece is written the next one is not read, so a call holds
// one piece in memory, and a client that sends faster than the disk takes is held back by its connection. One that
// sends nothing for a while is sent away.
//
// Owner: gRPC, until the call has ended.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "router/gateway/field_error.h"
#include "router/gateway/uploads.h"
#include "runtime/rpc/server_call.h"
#include "troupe/v1/task.pb.h"

namespace troupe::gateway {

class UploadCall final : public rpc::ServerReadCall<v1::UploadRequest>, public StallWatch::Call {
 public:
  UploadCall(Uploads& uploads, v1::UploadResponse& response) : uploads_(uploads), response_(response) {}

  grpc::ServerReadReactor<v1::UploadRequest>* Open() {
    uploads_.stalls().Wait(Self());
    return ServerReadCall::Open();
  }

 private:
  void OnMessage(v1::UploadRequest& request) override {
    uploads_.stalls().Came(this);
    uploads_.Post([self = Self(), piece = std::move(request)] { self->Take(piece); });
  }

  void OnInputEnd() override {
    uploads_.stalls().Came(this);
    uploads_.Post([self = Self()] {
      if (self->stalled_) return;
      const Status done = self->Finish();
      self->End(done ? grpc::Status::OK : ToGrpcNamingField(done.error()));
    });
  }

  void OnStalled() override {
    uploads_.Post([self = Self()] { self->GiveUp(); });
  }

  void GiveUp() {
    stalled_ = true;
    writing_.reset();
    const std::string limit = std::to_string(uploads_.stalls().limit_ms() / 1'000) + " s";
    End(rpc::ToGrpc(Error{Code::kDeadlineExceeded, "the upload is given up: its client has sent nothing for " + limit +
                                                       "; nothing of it is kept, send it again"}));
  }

  void Take(const v1::UploadRequest& piece) {
    // it came at the very last moment
    if (stalled_) return;
    const Result<bool> known = writing_ ? Result<bool>(false) : IsKept(piece.sha256());
    if (!known) return End(ToGrpcNamingField(known.error()));
    if (*known) return End(grpc::Status::OK);
    if (const Status added = Add(piece); !added) {
      writing_.reset();
      return End(rpc::ToGrpc(added.error()));
    }
    uploads_.stalls().Wait(Self());
    ReadMore();
  }

  // Answers it where it is.
  Result<bool> IsKept(const std::string& sha256) {
    if (sha256.empty()) return false;
    Result<std::optional<Upload>> kept = uploads_.Find(sha256);
    if (!kept && kept.error().code == Code::kInvalidArgument) return FieldError("sha256", kept.error().message);
    if (!kept) return kept.error();
    if (*kept) Fill(**kept);
    return kept->has_value();
  }

  Status Add(const v1::UploadRequest& piece) {
    if (!writing_) {
      TRY_ASSIGN(auto writing, uploads_.Begin());
      writing_.emplace(std::move(writing));
      expected_ = piece.sha256();
    }
    return writing_->Add(piece.chunk());
  }

  Status Finish() {
    if (cancelled()) return Cancelled("the client went away");
    if (!writing_) return FieldError("chunk", "an upload needs at least one piece");
    const Result<Upload> upload = writing_->Finish(expected_);
    if (!upload && upload.error().code == Code::kInvalidArgument) return FieldError("sha256", upload.error().message);
    if (!upload) return upload.error();
    Fill(*upload);
    return {};
  }

  void Fill(const Upload& upload) {
    response_.set_sha256(upload.sha256);
    response_.set_bytes(upload.bytes);
    response_.set_expires_ms(upload.expires_ms);
  }

  std::shared_ptr<UploadCall> Self() { return std::static_pointer_cast<UploadCall>(shared_from_this()); }

  Uploads& uploads_;
  v1::UploadResponse& response_;
  std::optional<Uploads::Writing> writing_;
  std::string expected_;
  // On the uploads' thread, as what is above.
  bool stalled_ = false;
};

}  // namespace troupe::gateway
