#include <sys/resource.h>

#include <algorithm>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <thread>

#include "router/cli/content/commands.h"
#include "router/cli/exit_code.h"
#include "router/cli/interrupt.h"
#include "router/cli/terminal.h"
#include "router/content/http/server.h"
#include "router/content/s3/settings.h"
#include "runtime/base/clock.h"

namespace troupe::cli {
namespace {

constexpr std::chrono::seconds kDrainTime{20};
// Those that the process itself needs, beside one a connection.
constexpr size_t kOtherFiles = 256;

// Threads that run an io_context until this goes.
class Threads {
 public:
  explicit Threads(size_t count) {
    for (size_t i = 0; i < count; ++i) threads_.emplace_back([this] { context_.run(); });
  }
  ~Threads() {
    work_.reset();
    for (std::thread& thread : threads_) thread.join();
  }
  boost::asio::io_context& context() { return context_; }

 private:
  boost::asio::io_context context_;
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_{context_.get_executor()};
  std::vector<std::thread> threads_;
};

// As many connections as were asked for, or as the system lets this process have.
size_t RoomFor(size_t connections) {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return connections;
  const rlim_t wanted = std::min<rlim_t>(limit.rlim_max, connections + kOtherFiles);
  // never fewer than were there before
  if (wanted > limit.rlim_cur) {
    limit.rlim_cur = wanted;
    setrlimit(RLIMIT_NOFILE, &limit);
  }
  const size_t files = static_cast<size_t>(limit.rlim_cur);
  return std::min(connections, files > 2 * kOtherFiles ? files - kOtherFiles : files / 2);
}

}  // namespace

Result<int> ServeContent(const ContentServeFlags& flags, Print print) {
  if (content::s3::IsPlace(flags.folder)) {
    return Invalid("'" + flags.folder + "' is a bucket, which serves itself, or a CDN before it; give a folder");
  }
  CountInterrupts();
  content::http::Options options;
  options.origins = flags.origins;
  options.manifest_max_age_s = flags.max_age_s;
  options.max_connections = RoomFor(flags.max_connections);
  if (options.max_connections < flags.max_connections) {
    PrintText(stderr, "at most " + std::to_string(options.max_connections) +
                          " connections: the system allows no more open files (ulimit -n)");
  }
  const content::FolderStore store(flags.folder);
  Threads threads(flags.threads > 0 ? flags.threads : std::max(1u, std::thread::hardware_concurrency()));
  TRY_ASSIGN(const auto server,
             content::http::Server::Start(threads.context().get_executor(), store, flags.listen, options, SystemClock(),
                                          [](const std::string& note) { PrintText(stderr, note); }));
  const std::string address = flags.listen.substr(0, flags.listen.rfind(':')) + ":" + std::to_string(server->port());
  if (print == Print::kJson) {
    PrintJson(stdout, {{"listening", address}, {"folder", flags.folder}});
  } else {
    PrintText(stdout, "serving " + flags.folder + " at http://" + address + "; ctrl-C ends it");
  }
  std::fflush(stdout);
  while (Interrupts() == 0) std::this_thread::sleep_for(std::chrono::milliseconds(50));
  const bool drained = server->Stop(kDrainTime);
  if (!drained) PrintText(stderr, "some requests did not end within 20 s and were cut off");
  return kExitOk;
}

}  // namespace troupe::cli
