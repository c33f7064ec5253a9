#include "tests/bench/savings/requests.h"

#include <grpcpp/grpcpp.h>

#include <atomic>
#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <chrono>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>

#include "troupe/v1/task.grpc.pb.h"

namespace troupe::bench {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using Steady = std::chrono::steady_clock;

double MicrosSince(Steady::time_point begin) {
  return std::chrono::duration<double, std::micro>(Steady::now() - begin).count();
}

// One connection to a content server.
class Filler {
 public:
  static Result<std::unique_ptr<Filler>> Connect(int port) {
    auto filler = std::unique_ptr<Filler>(new Filler());
    boost::system::error_code failure;
    filler->socket_.connect({asio::ip::address_v4::loopback(), static_cast<uint16_t>(port)}, failure);
    if (failure) return Unavailable("no content server at port " + std::to_string(port) + ": " + failure.message());
    filler->socket_.set_option(asio::ip::tcp::no_delay(true));
    return filler;
  }

  Status Fill(const std::string& fill_json) {
    http::request<http::string_body> request(http::verb::post, "/v1/fill", 11, fill_json);
    request.set(http::field::host, "localhost");
    request.set(http::field::content_type, "application/json");
    request.prepare_payload();
    boost::system::error_code failure;
    http::write(socket_, request, failure);
    if (failure) return Unavailable("a fill could not be sent: " + failure.message());
    http::response<http::string_body> response;
    http::read(socket_, buffer_, response, failure);
    if (failure) return Unavailable("no answer to a fill: " + failure.message());
    if (response.result() != http::status::ok) return Internal("a fill was answered with " + response.body());
    return {};
  }

 private:
  Filler() = default;

  asio::io_context context_;
  asio::ip::tcp::socket socket_{context_};
  beast::flat_buffer buffer_;
};

class Caller {
 public:
  static Result<Caller> Connect(const Servers& servers) {
    Caller caller;
    grpc::ChannelArguments arguments;
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    caller.tasks_ = v1::TaskService::NewStub(
        grpc::CreateCustomChannel(servers.router, grpc::InsecureChannelCredentials(), arguments));
    if (servers.content_port != 0) {
      TRY_ASSIGN(caller.filler_, Filler::Connect(servers.content_port));
    }
    return caller;
  }

  Status Call(const Request& request) {
    const auto begin = Steady::now();
    Status status = request.graph.empty() ? filler_->Fill(request.fill_json) : Execute(request);
    served_.latency_us.push_back(MicrosSince(begin));
    if (!status && served_.failed++ == 0) served_.first_failure = ToString(status.error());
    return status;
  }
  const Served& served() const { return served_; }

 private:
  Status Execute(const Request& request) {
    grpc::ClientContext context;
    v1::ExecuteRequest message;
    message.mutable_submit()->set_graph(request.graph);
    message.mutable_submit()->set_input_json(request.input_json);
    v1::ExecuteResponse response;
    const grpc::Status status = tasks_->Execute(&context, message, &response);
    if (!status.ok()) return Error{static_cast<Code>(status.error_code()), status.error_message()};
    served_.kept += response.has_kept() ? 1 : 0;
    served_.device_s += static_cast<double>(response.task().usage().device_us()) / 1e6;
    if (response.task().state() != v1::TASK_STATE_DONE) return Internal(response.task().error_message());
    return {};
  }

  std::unique_ptr<v1::TaskService::Stub> tasks_;
  std::unique_ptr<Filler> filler_;
  Served served_;
};

void Add(const Served& part, Served& all) {
  all.latency_us.insert(all.latency_us.end(), part.latency_us.begin(), part.latency_us.end());
  all.device_s += part.device_s;
  all.kept += part.kept;
  all.failed += part.failed;
  if (all.first_failure.empty()) all.first_failure = part.first_failure;
}

}  // namespace

Result<Served> Serve(const Servers& servers, const std::vector<Request>& requests, int callers) {
  std::vector<Caller> all;
  for (int i = 0; i < callers; ++i) {
    TRY_ASSIGN(Caller caller, Caller::Connect(servers));
    all.push_back(std::move(caller));
  }
  std::atomic<size_t> next = 0;
  const auto begin = Steady::now();
  {
    std::vector<std::jthread> threads;
    for (Caller& caller : all) {
      threads.emplace_back([&] {
        for (size_t i = next++; i < requests.size(); i = next++) static_cast<void>(caller.Call(requests[i]));
      });
    }
  }
  Served served;
  served.seconds = MicrosSince(begin) / 1e6;
  for (const Caller& caller : all) Add(caller.served(), served);
  return served;
}

}  // namespace troupe::bench
