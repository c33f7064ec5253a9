#include "router/cli/supervisor.h"

#include <signal.h>
#include <sys/wait.h>

#include <algorithm>
#include <utility>

#include "runtime/base/time_units.h"

namespace troupe::cli {
namespace {

constexpr size_t kShownLogLines = 8;

std::string WithLog(std::string how, const std::string& log_path) {
  const auto tail = TailOf(log_path, kShownLogLines);
  if (tail.empty()) return how + "; it wrote nothing to " + log_path;
  how += "; the end of " + log_path + ":";
  for (const std::string& line : tail) how += "\n  " + line;
  return how;
}

}  // namespace

int64_t RestartPauseMs(const RestartPolicy& policy, int deaths) {
  int64_t pause_ms = policy.first_pause_ms;
  for (int i = 1; i < deaths && pause_ms < policy.max_pause_ms; ++i) pause_ms *= 2;
  return std::min(pause_ms, policy.max_pause_ms);
}

Supervisor::~Supervisor() {
  for (Child& child : children_) {
    if (child.pid > 0) kill(child.pid, SIGKILL);
  }
  for (Child& child : children_) {
    if (child.pid > 0) waitpid(child.pid, nullptr, 0);
  }
}

void Supervisor::Add(ProcessSpec spec) {
  // one that was stopped and comes back
  std::erase_if(children_,
                [&spec](const Child& old) { return old.spec.name == spec.name && !old.wanted && old.pid == 0; });
  Child child;
  child.spec = std::move(spec);
  child.start_at_ns = clock_.MonotonicNs();
  children_.push_back(std::move(child));
}

std::vector<ProcessEvent> Supervisor::Poll() {
  std::vector<ProcessEvent> events;
  for (Child& child : children_) {
    Reap(child, events);
    StartIfDue(child, events);
  }
  return events;
}

void Supervisor::Reap(Child& child, std::vector<ProcessEvent>& events) {
  int status = 0;
  if (child.pid <= 0 || waitpid(child.pid, &status, WNOHANG) != child.pid) return;
  child.pid = 0;
  if (!child.wanted) {
    events.push_back({ProcessEvent::Kind::kStopped, child.spec.name, DescribeExit(status), WIFEXITED(status)});
    return;
  }
  PlanRestart(child, DescribeExit(status), WIFEXITED(status), events);
}

void Supervisor::PlanRestart(Child& child, std::string how, bool exited, std::vector<ProcessEvent>& events) {
  const int64_t now_ns = clock_.MonotonicNs();
  const int64_t healthy_ms = child.ready ? policy_.healthy_when_ready_after_ms : policy_.healthy_after_ms;
  child.ready = false;
  if (child.started_ns > 0 && now_ns - child.started_ns >= healthy_ms * kNsPerMs) {
    child.deaths_in_a_row = 0;
    child.crash_loop_said = false;
  }
  ++child.deaths;
  ++child.deaths_in_a_row;
  child.start_at_ns = now_ns + RestartPauseMs(policy_, child.deaths_in_a_row) * kNsPerMs;
  const bool loop = child.deaths_in_a_row >= policy_.crash_loop_after && !child.crash_loop_said;
  if (loop) {
    child.crash_loop_said = true;
    how = "died " + std::to_string(child.deaths_in_a_row) + " times in a row: " + how;
  }
  const auto kind = loop ? ProcessEvent::Kind::kCrashLoop : ProcessEvent::Kind::kDied;
  events.push_back({kind, child.spec.name, WithLog(std::move(how), child.spec.log_path), exited});
}

void Supervisor::StartIfDue(Child& child, std::vector<ProcessEvent>& events) {
  if (!child.wanted || child.pid > 0 || clock_.MonotonicNs() < child.start_at_ns) return;
  auto pid = Spawn(child.spec);
  child.started_ns = clock_.MonotonicNs();
  if (!pid) {
    PlanRestart(child, pid.error().message, true, events);
    return;
  }
  child.pid = *pid;
  events.push_back({ProcessEvent::Kind::kStarted, child.spec.name, "", false});
}

void Supervisor::Stop(const std::string& name, int signal_number) {
  for (Child& child : children_) {
    if (child.spec.name != name) continue;
    child.wanted = false;
    if (child.pid > 0) kill(child.pid, signal_number);
  }
}

void Supervisor::MarkReady(const std::string& name) {
  for (Child& child : children_) {
    if (child.spec.name == name) child.ready = child.pid > 0;
  }
}

bool Supervisor::AllStopped() const {
  return std::all_of(children_.begin(), children_.end(),
                     [](const Child& child) { return !child.wanted && child.pid == 0; });
}

pid_t Supervisor::PidOf(const std::string& name) const {
  for (const Child& child : children_) {
    if (child.spec.name == name) return child.pid;
  }
  return 0;
}

int Supervisor::DeathsOf(const std::string& name) const {
  for (const Child& child : children_) {
    if (child.spec.name == name) return child.deaths;
  }
  return 0;
}

}  // namespace troupe::cli
