// Hands the cores out, so that busy agents do not starve each other: threads that wait for one another lose a factor of
// a hundred when they share a core. Pure, but for GrantedCores.
#pragma once

#include <string>
#include <vector>

namespace troupe::cli {

// The cores that this process may use: the affinity mask, cut down to the CPU quota of its cgroup (v2). At least one.
std::vector<int> GrantedCores();

struct CoreUser {
  std::string name;
  // Computes with a model; others wait most of the time.
  bool has_model = false;
};

struct CoreShare {
  int threads = 1;
  // The cores it is bound to; empty: wherever the system puts it.
  std::vector<int> cores;
};

// One share for each user, in order. Users with a model split the cores evenly, the first ones get what is left over.
// Where there is a core for each they are bound to their own; where there are more users than cores each gets one
// thread and the system schedules, since a bound one could not use a core that stands idle.
std::vector<CoreShare> ShareCores(const std::vector<CoreUser>& users, const std::vector<int>& cores);

}  // namespace troupe::cli
