#include "tests/bench/process.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <fstream>
#include <sstream>
#include <thread>

namespace troupe::bench {
namespace {

constexpr int kReadyMs = 20'000;
constexpr int kStopMs = 5'000;

// Waits for a line with `ready`; keeps what came in `seen`.
bool AwaitLine(int output, const std::string& ready, std::string& seen, std::string& rest) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds(kReadyMs);
  char buffer[4096];
  while (std::chrono::steady_clock::now() < end) {
    pollfd wait{.fd = output, .events = POLLIN, .revents = 0};
    if (poll(&wait, 1, 100) <= 0) continue;
    const ssize_t got = read(output, buffer, sizeof buffer);
    if (got <= 0) return false;
    seen.append(buffer, static_cast<size_t>(got));
    const size_t at = seen.find(ready);
    const size_t line_end = at == std::string::npos ? at : seen.find('\n', at);
    if (line_end != std::string::npos) {
      rest = seen.substr(at + ready.size(), line_end - at - ready.size());
      return true;
    }
  }
  return false;
}

}  // namespace

// Reads on, so that the child never waits for its output to be taken.
struct Process::Drain {
  explicit Drain(int output)
      : thread([output] {
          char buffer[4096];
          while (read(output, buffer, sizeof buffer) > 0) {
          }
        }) {}
  ~Drain() { thread.join(); }
  std::thread thread;
};

Process::Process(pid_t pid, int output) : pid_(pid), output_(output) {}

Result<std::unique_ptr<Process>> Process::Start(const std::vector<std::string>& command, const std::string& ready) {
  int pipe_ends[2];
  if (pipe2(pipe_ends, O_CLOEXEC) != 0) return Internal("cannot make a pipe");
  std::vector<char*> arguments;
  for (const std::string& argument : command) arguments.push_back(const_cast<char*>(argument.c_str()));
  arguments.push_back(nullptr);
  const pid_t parent = getpid();
  const pid_t pid = fork();
  if (pid < 0) return Internal("cannot fork");
  if (pid == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) _exit(127);
    dup2(pipe_ends[1], STDOUT_FILENO);
    dup2(pipe_ends[1], STDERR_FILENO);
    execv(arguments[0], arguments.data());
    _exit(127);
  }
  close(pipe_ends[1]);
  std::unique_ptr<Process> process(new Process(pid, pipe_ends[0]));
  std::string seen;
  if (!AwaitLine(pipe_ends[0], ready, seen, process->ready_text_)) {
    return Unavailable(command[0] + " did not say '" + ready + "'; it said: " + seen);
  }
  process->drain_ = std::make_unique<Drain>(pipe_ends[0]);
  return process;
}

Process::~Process() {
  kill(pid_, SIGTERM);
  const auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds(kStopMs);
  while (waitpid(pid_, nullptr, WNOHANG) == 0) {
    if (std::chrono::steady_clock::now() > end) {
      kill(pid_, SIGKILL);
      waitpid(pid_, nullptr, 0);
      break;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  drain_.reset();
  close(output_);
}

int64_t Process::CpuUs() const {
  std::ifstream in("/proc/" + std::to_string(pid_) + "/stat");
  std::string line;
  std::getline(in, line);
  // proc(5): the second field may hold blanks and ends at the last ')'; utime and stime are fields 14 and 15
  std::istringstream fields(line.substr(std::min(line.size(), line.rfind(')') + 2)));
  std::string skipped;
  for (int field = 3; field < 14; ++field) fields >> skipped;
  int64_t user = 0;
  int64_t system = 0;
  fields >> user >> system;
  return (user + system) * 1'000'000 / sysconf(_SC_CLK_TCK);
}

int64_t Process::RssBytes() const {
  std::ifstream in("/proc/" + std::to_string(pid_) + "/statm");
  int64_t total = 0;
  int64_t resident = 0;
  in >> total >> resident;
  return resident * sysconf(_SC_PAGESIZE);
}

int FreePort() {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  int port = 0;
  if (fd >= 0 && bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0 &&
      getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) == 0) {
    port = ntohs(address.sin_port);
  }
  if (fd >= 0) close(fd);
  return port;
}

}  // namespace troupe::bench
