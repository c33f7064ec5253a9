// gRPC's GraphService: graphs in, findings and figures out.
#pragma once

#include <boost/asio/thread_pool.hpp>

#include "router/dispatch/dispatcher.h"
#include "router/gateway/graphs.h"
#include "router/gateway/tasks.h"
#include "troupe/v1/graph.grpc.pb.h"

namespace troupe::gateway {

class GraphService final : public v1::GraphService::CallbackService {
 public:
  GraphService(Graphs& graphs, const Tasks& tasks, dispatch::Dispatcher& dispatcher)
      : graphs_(graphs), tasks_(tasks), dispatcher_(dispatcher) {}
  ~GraphService() override { workers_.join(); }

  grpc::ServerUnaryReactor* Apply(grpc::CallbackServerContext* context, const v1::ApplyRequest* request,
                                  v1::ApplyResponse* response) override;
  grpc::ServerUnaryReactor* Promote(grpc::CallbackServerContext* context, const v1::PromoteRequest* request,
                                    v1::PromoteResponse* response) override;
  grpc::ServerUnaryReactor* Rollback(grpc::CallbackServerContext* context, const v1::RollbackRequest* request,
                                     v1::RollbackResponse* response) override;
  grpc::ServerUnaryReactor* ListVersions(grpc::CallbackServerContext* context, const v1::ListVersionsRequest* request,
                                         v1::ListVersionsResponse* response) override;
  grpc::ServerUnaryReactor* GetGraph(grpc::CallbackServerContext* context, const v1::GetGraphRequest* request,
                                     v1::GetGraphResponse* response) override;
  grpc::ServerUnaryReactor* ListGraphs(grpc::CallbackServerContext* context, const v1::ListGraphsRequest* request,
                                       v1::ListGraphsResponse* response) override;
  grpc::ServerUnaryReactor* Lint(grpc::CallbackServerContext* context, const v1::LintRequest* request,
                                 v1::LintResponse* response) override;

 private:
  Graphs& graphs_;
  const Tasks& tasks_;
  dispatch::Dispatcher& dispatcher_;
  // Parsing and waiting for the disk are too much for gRPC's threads.
  boost::asio::thread_pool workers_{1};
};

}  // namespace troupe::gateway
