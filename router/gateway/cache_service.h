// gRPC's CacheService: what answers are kept, why one would be given again, and throwing them away.
#pragma once

#include "router/answers/answers.h"
#include "router/gateway/graphs.h"
#include "troupe/v1/cache.grpc.pb.h"

namespace troupe::gateway {

class CacheService final : public v1::CacheService::CallbackService {
 public:
  CacheService(answers::Answers& answers, Graphs& graphs) : answers_(answers), graphs_(graphs) {}

  grpc::ServerUnaryReactor* Stats(grpc::CallbackServerContext* context, const v1::StatsRequest* request,
                                  v1::StatsResponse* response) override;
  grpc::ServerUnaryReactor* Explain(grpc::CallbackServerContext* context, const v1::ExplainRequest* request,
                                    v1::ExplainResponse* response) override;
  grpc::ServerUnaryReactor* Judge(grpc::CallbackServerContext* context, const v1::JudgeRequest* request,
                                  v1::JudgeResponse* response) override;
  grpc::ServerUnaryReactor* Purge(grpc::CallbackServerContext* context, const v1::PurgeRequest* request,
                                  v1::PurgeResponse* response) override;

 private:
  answers::Answers& answers_;
  Graphs& graphs_;
};

}  // namespace troupe::gateway
