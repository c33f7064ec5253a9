#include "router/gateway/published_content.h"

#include <chrono>
#include <utility>

namespace troupe::gateway {
namespace {

constexpr std::chrono::seconds kLookEvery{1};

}  // namespace

Result<std::unique_ptr<PublishedContent>> PublishedContent::Open(const std::string& folder,
                                                                 std::function<void(const std::string&)> log) {
  std::unique_ptr<PublishedContent> content(new PublishedContent(folder));
  auto note = [log = std::move(log), folder](const std::string& line) {
    if (log) log("content " + folder + ": " + line);
  };
  TRY_ASSIGN(content->shelf_, content::Shelf::Open(content->store_, content->counts_, std::move(note)));
  content->thread_ = std::jthread([content = content.get()](const std::stop_token& stop) { content->Follow(stop); });
  return content;
}

void PublishedContent::Follow(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  while (!wake_.wait_for(lock, stop, kLookEvery, [&stop] { return stop.stop_requested(); })) shelf_->LookAgain();
}

}  // namespace troupe::gateway
