// How the inputs began that an agent worked on last: told to routers, which send what begins alike to the same replica.
// Thread-safe; owned by the service.
#pragma once

#include <cstdint>
#include <mutex>
#include <string_view>
#include <vector>

namespace troupe::host {

class RecentPrefixes {
 public:
  static constexpr size_t kMost = 128;

  // Works on that input from now on.
  void Saw(std::string_view input);
  // Digests (runtime/base/prefix.h), most recent first.
  std::vector<uint64_t> Digests() const;

 private:
  mutable std::mutex mutex_;
  std::vector<uint64_t> digests_;
};

}  // namespace troupe::host
