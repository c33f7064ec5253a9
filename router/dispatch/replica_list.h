// Which replicas there are: a JSON file that `troupe up` or an operator writes and the router reads again when it
// changes:
//   [{"graph": "help-desk", "agent": "writer", "replica": "writer-0", "address": "unix:/run/.../writer-0.sock"}, ...]
// One in a pool that takes what spills also has "spill": 1 for the first of its agent's spillTo, 2 for the second.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/base/error.h"

namespace troupe::dispatch {

struct ReplicaEntry {
  std::string graph;
  std::string agent;
  std::string replica;
  // "unix:/path" or "host:port".
  std::string address;
  // Where in its agent's spillTo its pool stands, from 1; 0 for the agent's own pool.
  int spill = 0;
  bool operator==(const ReplicaEntry&) const = default;
};

// Errors: INVALID_ARGUMENT naming the file and the entry.
Result<std::vector<ReplicaEntry>> ParseReplicaList(std::string_view json, const std::string& file_name);

// Errors: NOT_FOUND where there is no such file, and those of ParseReplicaList.
Result<std::vector<ReplicaEntry>> ReadReplicaList(const std::filesystem::path& path);

}  // namespace troupe::dispatch
