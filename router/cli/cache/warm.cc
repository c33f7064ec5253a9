#include "router/cli/cache/warm.h"

#include <algorithm>
#include <atomic>
#include <fstream>
#include <mutex>
#include <thread>

#include "router/cli/client.h"
#include "router/cli/interrupt.h"
#include "runtime/base/value.h"

namespace troupe::cli {

Result<std::vector<std::string>> ReadInputs(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return NotFound("cannot read " + path + "; it should hold one JSON object a line, each a task's input");
  std::vector<std::string> inputs;
  int number = 0;
  for (std::string line; std::getline(file, line);) {
    ++number;
    if (line.find_first_not_of(" \t\r") == std::string::npos) continue;
    const Result<Value> input = ParseValue(line);
    if (!input || !input->is_object()) {
      return Invalid(path + ":" + std::to_string(number) + ": must be a JSON object, a task's input" +
                     (input ? "" : ": " + input.error().message));
    }
    inputs.push_back(Dump(*input));
  }
  return inputs;
}

Result<Warmed> Warm(const WarmOptions& options, const std::vector<std::string>& inputs,
                    const std::function<void(const Warmed&)>& told) {
  std::mutex mutex;
  Warmed warmed;
  troupe::Status broken;
  std::atomic<size_t> next = 0;
  const auto work = [&] {
    Client client(options.router);
    for (size_t i = next++; i < inputs.size() && Interrupts() == 0; i = next++) {
      v1::SubmitRequest request;
      request.set_graph(options.graph);
      request.set_input_json(inputs[i]);
      request.set_priority(0);
      (*request.mutable_labels())["made-for"] = "cache";
      const auto response = client.Execute(request);
      const std::lock_guard lock(mutex);
      if (!broken) return;
      if (!response) {
        broken = response.error();
        return;
      }
      if (response->has_kept()) {
        ++warmed.kept_before;
      } else if (response->task().state() == v1::TASK_STATE_DONE) {
        ++warmed.made;
      } else if (++warmed.failed == 1) {
        warmed.problem = "task " + response->task().task_id() + ": " + response->task().error_message();
      }
      told(warmed);
    }
  };
  std::vector<std::thread> workers;
  const size_t count = std::min(inputs.size(), static_cast<size_t>(std::max(1, options.at_once)));
  for (size_t i = 0; i < count; ++i) workers.emplace_back(work);
  for (std::thread& worker : workers) worker.join();
  if (!broken) return broken.error();
  return warmed;
}

}  // namespace troupe::cli
