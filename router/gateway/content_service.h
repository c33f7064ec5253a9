// gRPC's ContentService: texts made ahead, filled in from memory.
#pragma once

#include "router/gateway/published_content.h"
#include "troupe/v1/content.grpc.pb.h"

namespace troupe::gateway {

class ContentService final : public v1::ContentService::CallbackService {
 public:
  // Null where the router has no content; else it outlives this.
  explicit ContentService(const PublishedContent* content) : content_(content) {}

  grpc::ServerUnaryReactor* Fill(grpc::CallbackServerContext* context, const v1::FillRequest* request,
                                 v1::FillResponse* response) override;
  grpc::ServerUnaryReactor* Uses(grpc::CallbackServerContext* context, const v1::UsesRequest* request,
                                 v1::UsesResponse* response) override;

 private:
  Status FillIn(const v1::FillRequest& request, v1::FillResponse& response) const;

  const PublishedContent* content_;
};

}  // namespace troupe::gateway
