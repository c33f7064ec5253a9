// Sends requests that it is told of, a line of JSON for each lot, so that main.py can compare what they cost.
#include <CLI/CLI.hpp>

#include "tests/bench/common.h"
#include "tests/bench/lines.h"
#include "tests/bench/savings/requests.h"

namespace troupe::bench {
namespace {

Result<std::vector<Request>> ReadRequests(const Value& line) {
  const auto lot = line.find("requests");
  if (lot == line.end() || !lot->is_array()) return Invalid("requests is missing");
  std::vector<Request> requests;
  for (const Value& one : *lot) {
    if (one.contains("fill")) {
      requests.push_back({.fill_json = Dump(one.at("fill"))});
    } else {
      requests.push_back({.graph = one.value("graph", ""), .input_json = Dump(one.value("input", Value::object()))});
    }
  }
  return requests;
}

Result<Value> Answer(const Value& line) {
  TRY_ASSIGN(const std::vector<Request> requests, ReadRequests(line));
  const Servers servers{.router = line.value("router", ""), .content_port = line.value("content_port", 0)};
  TRY_ASSIGN(const Served served, Serve(servers, requests, line.value("callers", 16)));
  if (served.failed > 0) {
    return Internal(std::to_string(served.failed) + " requests failed, one with: " + served.first_failure);
  }
  return Value{{"p50_ms", Quantile(served.latency_us, 0.5) / 1e3},
               {"p99_ms", Quantile(served.latency_us, 0.99) / 1e3},
               {"seconds", served.seconds},
               {"device_s", served.device_s},
               {"kept", served.kept}};
}

}  // namespace
}  // namespace troupe::bench

int main(int argc, char** argv) {
  CLI::App app(
      "Requests of users, one lot a line: {\"router\": ADDRESS, \"content_port\": 0, \"callers\": 16, \"requests\": "
      "[...]}.");
  CLI11_PARSE(app, argc, argv);
  troupe::bench::AnswerLines({}, troupe::bench::Answer);
}
