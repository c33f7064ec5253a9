// A Redis of the test's own, on a free port, with nothing on disk. Killed, stopped in its tracks and started again as
// the test likes; gone with the object.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

namespace troupe {

class RedisServer {
 public:
  // Answers when this returns. Ends the test's program where there is no redis-server: 'deploy/install' installs it.
  explicit RedisServer(std::vector<std::string> settings = {});
  ~RedisServer();
  RedisServer(const RedisServer&) = delete;
  RedisServer& operator=(const RedisServer&) = delete;

  int port() const { return port_; }
  // As --cache-store takes it.
  std::string address() const { return "redis://127.0.0.1:" + std::to_string(port_); }

  void Kill();
  // After Kill, on the same port and empty.
  void Start();
  // It is there and says nothing, until Thaw.
  void Freeze();
  void Thaw();

 private:
  // False where the port is taken.
  bool Launch();
  bool Answers() const;

  const std::vector<std::string> settings_;
  int port_ = 0;
  pid_t process_ = 0;
};

}  // namespace troupe
