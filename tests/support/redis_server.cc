#include "tests/support/redis_server.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <thread>

extern char** environ;

namespace troupe {
namespace {

sockaddr_in Local(int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

// Free at this moment; somebody may be quicker.
int FreePort() {
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address = Local(0);
  socklen_t size = sizeof address;
  if (bind(socket, reinterpret_cast<sockaddr*>(&address), size) != 0 ||
      getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
    std::abort();
  }
  close(socket);
  return ntohs(address.sin_port);
}

}  // namespace

RedisServer::RedisServer(std::vector<std::string> settings) : settings_(std::move(settings)) {
  // writing to one that was killed is an error and no end of the program, as in the router
  std::signal(SIGPIPE, SIG_IGN);
  constexpr int kTries = 10;
  for (int i = 0; i < kTries; ++i) {
    port_ = FreePort();
    if (Launch()) return;
  }
  std::fputs("redis-server does not start; 'deploy/install build' installs it\n", stderr);
  std::abort();
}

RedisServer::~RedisServer() { Kill(); }

bool RedisServer::Launch() {
  std::vector<std::string> words{"redis-server", "--port", std::to_string(port_), "--bind", "127.0.0.1",
                                 "--save",       "",       "--appendonly",        "no",     "--dir",
                                 "/tmp"};
  words.insert(words.end(), settings_.begin(), settings_.end());
  std::vector<char*> raw;
  for (std::string& word : words) raw.push_back(word.data());
  raw.push_back(nullptr);
  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  posix_spawn_file_actions_addopen(&files, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
  const int failed = posix_spawnp(&process_, "redis-server", &files, nullptr, raw.data(), environ);
  posix_spawn_file_actions_destroy(&files);
  if (failed != 0) return false;
  while (!Answers()) {
    if (waitpid(process_, nullptr, WNOHANG) == process_) {
      process_ = 0;
      return false;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return true;
}

bool RedisServer::Answers() const {
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const sockaddr_in address = Local(port_);
  char reply[1] = {};
  const bool answers = connect(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 &&
                       write(socket, "PING\r\n", 6) == 6 && read(socket, reply, 1) == 1;
  close(socket);
  return answers;
}

void RedisServer::Kill() {
  if (process_ == 0) return;
  kill(process_, SIGKILL);
  waitpid(process_, nullptr, 0);
  process_ = 0;
}

void RedisServer::Start() {
  if (Launch()) return;
  std::fprintf(stderr, "redis-server does not start again on port %d\n", port_);
  std::abort();
}

void RedisServer::Freeze() { kill(process_, SIGSTOP); }
void RedisServer::Thaw() { kill(process_, SIGCONT); }

}  // namespace troupe
