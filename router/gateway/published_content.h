// A folder of published content as a router has it: read at the start, and again within a second of something new being
// published there, by a thread of its own. Stops: the destructor.
#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <stop_token>
#include <string>
#include <thread>

#include "router/content/shelf.h"
#include "router/content/store.h"
#include "router/content/use_counts.h"

namespace troupe::gateway {

class PublishedContent {
 public:
  // `log` may be empty. Errors: NOT_FOUND where there is no such folder; the store's.
  static Result<std::unique_ptr<PublishedContent>> Open(const std::string& folder,
                                                        std::function<void(const std::string&)> log);

  std::shared_ptr<const content::Library> library() const { return shelf_->library(); }
  const content::UseCounts& counts() const { return counts_; }

 private:
  explicit PublishedContent(const std::string& folder) : store_(folder) {}
  void Follow(const std::stop_token& stop);

  content::FolderStore store_;
  content::UseCounts counts_;
  std::unique_ptr<content::Shelf> shelf_;
  std::mutex mutex_;
  std::condition_variable_any wake_;
  // Last, so that it ends first.
  std::jthread thread_;
};

}  // namespace troupe::gateway
