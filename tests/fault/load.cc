#include "tests/fault/load.h"

namespace troupe::fault {

Load::Load(std::string address, int witnesses) : address_(std::move(address)), working_(witnesses) {
  for (int i = 0; i < witnesses; ++i) threads_.emplace_back([this, i] { Work(i); });
}

Load::~Load() { Stop(std::chrono::seconds(0)); }

void Load::Stop(std::chrono::seconds limit) {
  stopping_ = true;
  {
    std::unique_lock lock(mutex_);
    ended_.wait_for(lock, limit, [this] { return working_ == 0; });
  }
  giving_up_ = true;
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
}

void Load::Work(int thread) {
  cli::Client client(address_);
  for (int number = 0; !stopping_; ++number) {
    const std::string id = Submit(client, "load-" + std::to_string(thread) + "-" + std::to_string(number));
    if (id.empty()) break;
    ++accepted_;
    auto witness = std::make_unique<Witness>(id, &records_seen_);
    witness->Follow(client, [this] { return giving_up_.load(); });
    const std::lock_guard lock(mutex_);
    witnesses_.push_back(std::move(witness));
  }
  const std::lock_guard lock(mutex_);
  --working_;
  ended_.notify_all();
}

std::string Load::Submit(cli::Client& client, const std::string& request_id) {
  v1::SubmitRequest request;
  request.set_graph("load");
  request.set_input_json(R"({"message":"go"})");
  request.set_request_id(request_id);
  while (!giving_up_) {
    const auto response = client.Submit(request);
    if (response) return response->task_id();
    ++repeated_submits_;
    // also keeps the loop from filling a core while the router is away
    client.WaitForConnection(std::chrono::seconds(1));
  }
  return "";
}

}  // namespace troupe::fault
