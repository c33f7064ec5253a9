#include "runtime/rpc/server.h"

#include <grpcpp/generic/generic_stub.h>

#include <filesystem>
#include <future>
#include <thread>

#include "grpc/reflection/v1/reflection.grpc.pb.h"
#include "runtime/base/id.h"
#include "tests/unit/rpc/fixture.h"

namespace troupe::rpc {
namespace {
using std::chrono::milliseconds;
using std::chrono::seconds;

TEST(ServerTest, Port0TakesAFreePort) {
  // given
  ServerOptions options;
  options.addresses = {"127.0.0.1:0", "localhost:0"};
  // when
  auto server = Server::Start(options);
  // then
  ASSERT_TRUE(server) << ToString(server.error());
  ASSERT_EQ((*server)->addresses().size(), 2u);
  EXPECT_NE((*server)->addresses()[0], "127.0.0.1:0");
  EXPECT_EQ((*server)->addresses()[0].rfind("127.0.0.1:", 0), 0u);
}

TEST(ServerTest, ATakenPortIsSaid) {
  // given
  ServerOptions options;
  options.addresses = {"127.0.0.1:0"};
  auto first = Server::Start(options);
  ASSERT_TRUE(first);
  // when
  options.addresses = (*first)->addresses();
  auto second = Server::Start(options);
  // then
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, Code::kUnavailable);
  EXPECT_NE(second.error().message.find((*first)->addresses()[0]), std::string::npos);
}

TEST(ServerTest, BadAddressesAreRefused) {
  for (const auto& [address, code] :
       {std::pair{"127.0.0.1", Code::kInvalidArgument}, std::pair{"unix:", Code::kInvalidArgument},
        std::pair{"0.0.0.0:0", Code::kFailedPrecondition}}) {
    // given
    ServerOptions options;
    options.addresses = {address};
    // when
    auto server = Server::Start(options);
    // then
    ASSERT_FALSE(server) << address;
    EXPECT_EQ(server.error().code, code) << address;
  }
  ServerOptions options;
  options.addresses = {"unix:/tmp/" + std::string(120, 'x')};
  EXPECT_EQ(Server::Start(options).error().code, Code::kInvalidArgument);
}

TEST(ServerTest, MissingTlsFilesAreNamed) {
  // given
  ServerOptions options;
  options.addresses = {"0.0.0.0:0"};
  options.tls = TlsFiles{"/nowhere/tls.crt", "/nowhere/tls.key", ""};
  // when
  auto server = Server::Start(options);
  // then
  ASSERT_FALSE(server);
  EXPECT_EQ(server.error().code, Code::kFailedPrecondition);
  EXPECT_NE(server.error().message.find("/nowhere/tls.key"), std::string::npos);
}

TEST(ChannelTest, PlaintextOffTheMachineIsRefused) {
  EXPECT_EQ(OpenChannel("example.com:443").error().code, Code::kFailedPrecondition);
  EXPECT_EQ(OpenChannel("").error().code, Code::kInvalidArgument);
}

TEST(ServerTest, ServesAUnixSocket) {
  // given
  const auto path = std::filesystem::temp_directory_path() / ("troupe-" + NewUuid7() + ".sock");
  TestService service;
  service.describe = [](auto* context, auto* response) {
    response->set_agent("local");
    return AnswerNow(context, grpc::Status::OK);
  };
  ServerOptions options;
  options.addresses = {"unix:" + path.string()};
  options.services = {{&service, v1::AgentService::service_full_name()}};
  auto server = Server::Start(options);
  ASSERT_TRUE(server) << ToString(server.error());
  auto stub = v1::AgentService::NewStub(*OpenChannel(options.addresses[0]));
  // when
  grpc::ClientContext context;
  v1::DescribeResponse response;
  const auto status = stub->Describe(&context, {}, &response);
  // then
  EXPECT_TRUE(status.ok()) << status.error_message();
  EXPECT_EQ(response.agent(), "local");
}

TEST_F(RpcTest, ReflectionNamesServicesAndGivesTheirFiles) {
  // given
  namespace reflection = grpc::reflection::v1;
  auto stub = reflection::ServerReflection::NewStub(channel_);
  grpc::ClientContext context;
  auto stream = stub->ServerReflectionInfo(&context);
  reflection::ServerReflectionRequest request;
  reflection::ServerReflectionResponse response;
  // when
  request.set_list_services("*");
  ASSERT_TRUE(stream->Write(request));
  ASSERT_TRUE(stream->Read(&response));
  // then
  bool found = false;
  for (const auto& service : response.list_services_response().service())
    found |= service.name() == "troupe.v1.AgentService";
  EXPECT_TRUE(found);
  // when
  request.set_file_containing_symbol("troupe.v1.AgentService");
  ASSERT_TRUE(stream->Write(request));
  ASSERT_TRUE(stream->Read(&response));
  // then: agent.proto and journal.proto, which it imports
  EXPECT_GE(response.file_descriptor_response().file_descriptor_proto_size(), 2);
  // when
  request.set_file_containing_symbol("no.such.Thing");
  ASSERT_TRUE(stream->Write(request));
  ASSERT_TRUE(stream->Read(&response));
  // then
  EXPECT_EQ(response.error_response().error_code(), grpc::StatusCode::NOT_FOUND);
  stream->WritesDone();
  EXPECT_TRUE(stream->Finish().ok());
}

// grpc.health.v1.HealthCheckResponse has one field, 1, an enum: 1 is SERVING, 2 is NOT_SERVING.
std::string AskHealth(const std::shared_ptr<grpc::Channel>& channel) {
  grpc::GenericStub stub(channel);
  grpc::ClientContext context;
  const grpc::Slice empty;
  grpc::ByteBuffer request(&empty, 1), response;
  std::promise<grpc::Status> done;
  stub.UnaryCall(&context, "/grpc.health.v1.Health/Check", {}, &request, &response,
                 [&](grpc::Status status) { done.set_value(std::move(status)); });
  if (auto status = done.get_future().get(); !status.ok()) return status.error_message();
  grpc::Slice slice;
  EXPECT_TRUE(response.TrySingleSlice(&slice).ok());
  return std::string(slice.begin(), slice.end());
}

TEST_F(RpcTest, HealthFollowsReadiness) {
  EXPECT_EQ(AskHealth(channel_), "\x08\x02");
  server_->SetReady(true);
  EXPECT_EQ(AskHealth(channel_), "\x08\x01");
  server_->SetReady(false);
  EXPECT_EQ(AskHealth(channel_), "\x08\x02");
}

TEST_F(RpcTest, ShutdownWaitsForACallThatEndsInTime) {
  // given
  EchoCall::Events events;
  service_.work = [&](auto*) { return std::make_shared<EchoCall>(events)->Open(); };
  auto heard = std::make_shared<Heard>();
  auto stream = WorkStream::Start(WorkMethod(), {}, Listen(heard), StartOf("x"));
  while (heard->Text().empty()) std::this_thread::yield();
  // when
  bool drained = false;
  std::thread stopper([&] { drained = server_->Shutdown(seconds(30)); });
  stream.EndInput();
  stopper.join();
  // then
  EXPECT_TRUE(drained);
  ASSERT_TRUE(heard->done.Wait());
  EXPECT_TRUE(heard->status.ok()) << heard->status.error_message();
}

TEST_F(RpcTest, ShutdownCancelsCallsThatDoNotEnd) {
  // given
  EchoCall::Events events;
  service_.work = [&](auto*) { return std::make_shared<EchoCall>(events)->Open(); };
  auto heard = std::make_shared<Heard>();
  auto stream = WorkStream::Start(WorkMethod(), {}, Listen(heard), StartOf("x"));
  while (heard->Text().empty()) std::this_thread::yield();
  // when
  const bool drained = server_->Shutdown(milliseconds(20));
  // then
  EXPECT_FALSE(drained);
  EXPECT_TRUE(events.cancelled->Wait());
  ASSERT_TRUE(heard->done.Wait());
  EXPECT_FALSE(heard->status.ok());
}
}  // namespace
}  // namespace troupe::rpc
