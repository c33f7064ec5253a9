// gRPC's GraphService: graphs in, findings and figures out.
#pragma once

#include <boost/asio/thread_pool.hpp>

#include "router/dispatch/dispatcher.h"
#include "router/gateway/graphs.h"
#include "troupe/v1/graph.grpc.pb.h"

namespace troupe::gateway {

class GraphService final : public v1::GraphService::CallbackService {
 public:
  GraphService(Graphs& graphs, dispatch::Dispatcher& dispatcher) : graphs_(graphs), dispatcher_(dispatcher) {}
  ~GraphService() override { workers_.join(); }

  grpc::ServerUnaryReactor* Apply(grpc::CallbackServerContext* context, const v1::ApplyRequest* request,
                                  v1::ApplyResponse* response) override;
  grpc::ServerUnaryReactor* GetGraph(grpc::CallbackServerContext* context, const v1::GetGraphRequest* request,
                                     v1::GetGraphResponse* response) override;
  grpc::ServerUnaryReactor* ListGraphs(grpc::CallbackServerContext* context, const v1::ListGraphsRequest* request,
                                       v1::ListGraphsResponse* response) override;
  grpc::ServerUnaryReactor* Lint(grpc::CallbackServerContext* context, const v1::LintRequest* request,
                                 v1::LintResponse* response) override;

 private:
  Graphs& graphs_;
  dispatch::Dispatcher& dispatcher_;
  // Parsing and waiting for the disk are too much for gRPC's threads.
  boost::asio::thread_pool workers_{1};
};

}  // namespace troupe::gateway
