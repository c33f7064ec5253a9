#include "router/cli/cores.h"

#include <sched.h>

#include <algorithm>
#include <fstream>

namespace troupe::cli {
namespace {

// Whole cores of the quota "max 100000" or "150000 100000"; 0 where there is none.
int QuotaCores() {
  std::ifstream file("/sys/fs/cgroup/cpu.max");
  std::string quota;
  double period = 0;
  if (!(file >> quota >> period) || quota == "max" || period <= 0) return 0;
  return std::max(1, static_cast<int>(std::strtod(quota.c_str(), nullptr) / period));
}

}  // namespace

std::vector<int> GrantedCores() {
  cpu_set_t set;
  CPU_ZERO(&set);
  std::vector<int> cores;
  if (sched_getaffinity(0, sizeof set, &set) == 0) {
    for (int core = 0; core < CPU_SETSIZE; ++core) {
      if (CPU_ISSET(core, &set)) cores.push_back(core);
    }
  }
  if (cores.empty()) cores.push_back(0);
  const int quota = QuotaCores();
  if (quota > 0 && static_cast<size_t>(quota) < cores.size()) cores.resize(static_cast<size_t>(quota));
  return cores;
}

std::vector<CoreShare> ShareCores(const std::vector<CoreUser>& users, const std::vector<int>& cores) {
  std::vector<CoreShare> shares(users.size());
  const auto busy = static_cast<size_t>(
      std::count_if(users.begin(), users.end(), [](const CoreUser& user) { return user.has_model; }));
  if (busy == 0 || busy > cores.size()) return shares;
  size_t next = 0;
  size_t rank = 0;
  for (size_t i = 0; i < users.size(); ++i) {
    if (!users[i].has_model) continue;
    const size_t count = cores.size() / busy + (rank < cores.size() % busy ? 1 : 0);
    ++rank;
    shares[i].threads = static_cast<int>(count);
    // a single busy agent has nobody to be kept from
    if (busy > 1)
      shares[i].cores.assign(cores.begin() + static_cast<std::ptrdiff_t>(next),
                             cores.begin() + static_cast<std::ptrdiff_t>(next + count));
    next += count;
  }
  return shares;
}

}  // namespace troupe::cli
