#include "agents/host/serve.h"

#include <signal.h>
#include <spdlog/spdlog.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <memory>
#include <utility>

#include "agents/host/kinds.h"
#include "agents/host/service.h"
#include "agents/host/spec.h"
#include "runtime/rpc/server.h"

namespace troupe::host {
namespace {
// Blocked in every thread, so that WaitForStop is where they arrive. Call before any thread is made.
sigset_t BlockStopSignals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  return signals;
}

Status FollowParent() {
  const pid_t parent = getppid();
  if (prctl(PR_SET_PDEATHSIG, SIGTERM) != 0) return Internal("prctl(PR_SET_PDEATHSIG) failed");
  // it may have died before the call
  if (getppid() != parent) return Unavailable("the process that started this agent is gone already");
  return {};
}

void WaitForStop(const sigset_t& signals) {
  int signal = 0;
  sigwait(&signals, &signal);
  spdlog::info("stopping: signal {}", signal);
  // the next one is not waited for: it ends the process
  pthread_sigmask(SIG_UNBLOCK, &signals, nullptr);
}
}  // namespace

Status Serve(const ServeOptions& options) {
  const sigset_t signals = BlockStopSignals();
  if (options.die_with_parent) TRY(FollowParent());
  TRY_ASSIGN(Spec spec, LoadSpec(options.spec, options.place));
  const device::GpuNumber gpu = spec.device.index;
  spec.device = device::Confine(spec.device);
  spec.replica = options.replica.empty() ? spec.agent + "-0" : options.replica;
  spec.threads = std::max(1, options.threads);
  if (!spec.relaxed_from.empty()) {
    spdlog::warn("agent {}: runs on {} though pinned to {}", spec.agent, spec.device.product, spec.relaxed_from);
  }
  TRY_ASSIGN(auto kind, MakeKindFor(spec));
  Service service(spec, *kind::FindKind(spec.kind), *kind);

  rpc::ServerOptions server_options;
  server_options.addresses = options.listen;
  server_options.services = {{&service, v1::AgentService::service_full_name()}};
  constexpr int kMaxInputBytes = 20 << 20;
  server_options.max_receive_bytes = kMaxInputBytes;
  TRY_ASSIGN(auto server, rpc::Server::Start(server_options));
  server->SetReady(true);
  for (const auto& address : server->addresses()) std::printf("listening on %s\n", address.c_str());
  std::fflush(stdout);
  std::string where = spec.device.product;
  if (spec.device.kind == device::Kind::kCuda) where += " number " + std::to_string(gpu);
  if (const int64_t bytes = spec.device.memory_granted_bytes; bytes > 0) where += ", " + MemoryText(bytes) + " of it";
  if (const std::string compute = kind->facts().compute; !compute.empty()) where += ", computing in " + compute;
  spdlog::info("agent {} ({}) serves as {} on {}", spec.agent, spec.kind, spec.replica, where);

  WaitForStop(signals);
  server->SetReady(false);
  service.Drain();
  if (!service.WaitIdle(options.drain_limit))
    spdlog::warn("agent {}: steps left after the drain limit are handed back", spec.agent);
  service.HandBack();
  constexpr std::chrono::milliseconds kGoodbye{1'000};
  server->Shutdown(kGoodbye);
  kind->Stop();
  return {};
}

}  // namespace troupe::host
