// What must hold of every world once nothing is left to happen.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "tests/sim/agents.h"
#include "tests/sim/calls.h"
#include "tests/sim/client.h"
#include "tests/sim/disk.h"
#include "tests/sim/router.h"

namespace troupe::sim {

void CheckWorld(World& world, const Disk& disk, const Router& router, const std::map<std::string, graph::Graph>& graphs,
                const std::vector<std::unique_ptr<Client>>& clients);
// Nobody works any more, and nobody is thought to.
void CheckAtRest(World& world, const Agents& agents, const Calls& calls);

}  // namespace troupe::sim
