#include "router/cli/process.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <initializer_list>

namespace troupe::cli {
namespace {

constexpr std::streamoff kTailBytes = 4096;

// Between fork and exec: async-signal-safe calls only (fork(2), signal-safety(7)).
[[noreturn]] void Become(char* const* argv, int log, int null, const cpu_set_t* cores, pid_t parent) {
  setpgid(0, 0);
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(125);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  for (const int signal_number : {SIGINT, SIGTERM, SIGPIPE, SIGCHLD, SIGHUP}) signal(signal_number, SIG_DFL);
  if (cores != nullptr) sched_setaffinity(0, sizeof *cores, cores);
  dup2(null, STDIN_FILENO);
  dup2(log, STDOUT_FILENO);
  dup2(log, STDERR_FILENO);
  execv(argv[0], argv);
  _exit(126);
}

}  // namespace

Result<pid_t> Spawn(const ProcessSpec& spec) {
  const std::string& binary = spec.arguments.front();
  if (access(binary.c_str(), X_OK) != 0) {
    return NotFound("cannot run " + binary + ": " + std::strerror(errno) + "; build it, or install it beside `troupe`");
  }
  const int log = open(spec.log_path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (log < 0) return Internal("cannot open the log " + spec.log_path + ": " + std::strerror(errno));
  const int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
  std::vector<char*> argv;
  for (const std::string& argument : spec.arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  cpu_set_t cores;
  CPU_ZERO(&cores);
  for (const int core : spec.cores) CPU_SET(core, &cores);

  const pid_t parent = getpid();
  const pid_t child = fork();
  if (child == 0) Become(argv.data(), log, null, spec.cores.empty() ? nullptr : &cores, parent);
  const int fork_error = errno;
  close(log);
  if (null >= 0) close(null);
  if (child < 0) return Internal("cannot start " + spec.name + ": " + std::strerror(fork_error));
  return child;
}

std::vector<std::string> TailOf(const std::string& log_path, size_t lines) {
  std::ifstream file(log_path, std::ios::binary | std::ios::ate);
  if (!file) return {};
  const std::streamoff size = file.tellg();
  const std::streamoff from = std::max<std::streamoff>(0, size - kTailBytes);
  file.seekg(from);
  std::vector<std::string> all;
  for (std::string line; std::getline(file, line);) {
    if (!line.empty()) all.push_back(std::move(line));
  }
  // the first line may have been cut by the seek
  if (from > 0 && all.size() > 1) all.erase(all.begin());
  if (all.size() > lines) all.erase(all.begin(), all.end() - static_cast<std::ptrdiff_t>(lines));
  return all;
}

std::string DescribeExit(int wait_status) {
  if (WIFSIGNALED(wait_status)) {
    const int number = WTERMSIG(wait_status);
    return "was killed by signal " + std::to_string(number) + " (" + strsignal(number) + ")";
  }
  return "exited with code " + std::to_string(WEXITSTATUS(wait_status));
}

}  // namespace troupe::cli
