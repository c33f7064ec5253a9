// Large inputs on their way in. A message of gRPC has a limit, so a client sends a large input in pieces first; it is
// kept as a file under the digest of its content until tasks refer to it, and for a while longer. What a task took is
// in the journal like any other input: an upload is no part of a task, and may go at any time.
//
// Owner: Tasks. Thread-safe but for one Writing. What waits for the disk belongs on the thread behind Post, so that
// look-ups in the journal never wait for somebody's upload. Stops: Join.
#pragma once

#include <boost/asio/thread_pool.hpp>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "router/gateway/stall_watch.h"
#include "runtime/base/clock.h"
#include "runtime/base/digest.h"
#include "runtime/base/error.h"

namespace troupe::gateway {

struct UploadsOptions {
  // Of one upload.
  int64_t max_bytes = int64_t{64} << 20;
  // Of all that are kept and under way; and again of those that running tasks hold in memory.
  int64_t max_total_bytes = int64_t{1} << 30;
  int64_t max_count = 1024;
  // How long one is kept after it came or was asked for last.
  int64_t lifetime_ms = 3'600'000;
  // A client that sends nothing for so long is waited for no more; how often that is looked at.
  int64_t stall_ms = 60'000;
  int64_t stall_check_ms = 1'000;
};

struct Upload {
  std::string sha256;
  int64_t bytes = 0;
  UnixMs expires_ms = 0;
};

class Uploads {
 public:
  // `folder` is opened with the first call: what an earlier run kept counts from then on, what it left under way goes.
  // `timers` are for clients that send nothing; null where there are none.
  Uploads(UploadsOptions options, std::filesystem::path folder, const Clock& clock, dispatch::Timers* timers = nullptr)
      : options_(options),
        folder_(std::move(folder)),
        clock_(clock),
        stalls_(clock, options.stall_ms, options.stall_check_ms, timers) {}

  // One upload under way; dropped unfinished it leaves nothing.
  class Writing {
   public:
    Writing(Writing&&) noexcept;
    Writing& operator=(Writing&&) = delete;
    ~Writing();
    // Errors: RESOURCE_EXHAUSTED beyond a limit, saying which; UNAVAILABLE for the disk.
    Status Add(std::string_view bytes);
    // Kept from now on. The same content twice is one upload, kept from the later one on. `expected` is the digest that
    // it must have, empty for any. Errors: INVALID_ARGUMENT where it has another; UNAVAILABLE for the disk.
    Result<Upload> Finish(const std::string& expected);

   private:
    friend class Uploads;
    Writing(Uploads& uploads, std::filesystem::path path, int file);
    Uploads* uploads_;
    std::filesystem::path path_;
    int file_;
    Digester digester_;
    int64_t bytes_ = 0;
  };

  // Takes expired ones away first. Errors: RESOURCE_EXHAUSTED beyond their number; UNAVAILABLE for the disk.
  Result<Writing> Begin();

  // One that is kept already; from now on for as long as a new one. Errors: INVALID_ARGUMENT for what is no digest.
  Result<std::optional<Upload>> Find(const std::string& sha256);

  // The content, checked against its digest. Errors: INVALID_ARGUMENT for what is no digest, NOT_FOUND where none is
  // kept (any more), DATA_LOSS where the file is damaged.
  Result<std::string> Read(const std::string& sha256);

  int64_t max_bytes() const { return options_.max_bytes; }
  StallWatch& stalls() { return stalls_; }

  // Runs `work` on the thread for what waits for uploads' disk.
  void Post(std::function<void()> work);
  // Waits for what was posted. After the last call has ended.
  void Join() { thread_.join(); }

 private:
  struct Kept {
    UnixMs came_ms = 0;
    int64_t bytes = 0;
  };

  // Need mutex_.
  Status Open();
  void Sweep();

  Status Reserve(int64_t bytes);
  void Release(int64_t bytes);
  Result<Upload> Keep(const std::filesystem::path& path, std::string sha256, int64_t bytes);

  const UploadsOptions options_;
  const std::filesystem::path folder_;
  const Clock& clock_;
  StallWatch stalls_;
  std::mutex mutex_;
  bool opened_ = false;
  // Kept and under way.
  int64_t total_bytes_ = 0;
  int64_t under_way_ = 0;
  int64_t begun_ = 0;
  // By digest.
  std::map<std::string, Kept> kept_;
  boost::asio::thread_pool thread_{1};
};

}  // namespace troupe::gateway
