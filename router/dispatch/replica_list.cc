#include "router/dispatch/replica_list.h"

#include <fstream>
#include <set>
#include <sstream>
#include <utility>

#include "runtime/base/value.h"

namespace troupe::dispatch {

Result<std::vector<ReplicaEntry>> ParseReplicaList(std::string_view json, const std::string& file_name) {
  constexpr size_t kMaxReplicas = 10'000;
  constexpr int kMaxSpill = 100;
  Result<Value> list = ParseValue(json, {.max_bytes = 4u << 20, .max_depth = 4});
  if (!list) return Invalid(file_name + ": " + list.error().message);
  if (!list->is_array()) return Invalid(file_name + ": must be a list of {graph, agent, replica, address}");
  if (list->size() > kMaxReplicas)
    return Invalid(file_name + ": lists more than " + std::to_string(kMaxReplicas) + " replicas");
  std::vector<ReplicaEntry> out;
  std::set<std::pair<std::string, std::string>> names;
  for (size_t i = 0; i < list->size(); ++i) {
    const Value& item = (*list)[i];
    const std::string where = file_name + ": entry " + std::to_string(i + 1) + ": ";
    ReplicaEntry entry;
    const std::pair<const char*, std::string*> fields[] = {
        {"graph", &entry.graph}, {"agent", &entry.agent}, {"replica", &entry.replica}, {"address", &entry.address}};
    for (const auto& [name, to] : fields) {
      if (!item.is_object() || !item.contains(name) || !item[name].is_string() ||
          item[name].get_ref<const std::string&>().empty()) {
        return Invalid(where + "needs a text \"" + name + "\"");
      }
      *to = item[name].get<std::string>();
    }
    if (item.contains("spill")) {
      const Value& spill = item["spill"];
      if (!spill.is_number_integer() || spill < 0 || spill > kMaxSpill) {
        return Invalid(where + "\"spill\" must be a whole number from 0 to " + std::to_string(kMaxSpill));
      }
      entry.spill = spill.get<int>();
    }
    if (!names.insert({entry.graph, entry.replica}).second) {
      return Invalid(where + "graph " + entry.graph + " has another replica named " + entry.replica +
                     "; give each its own name");
    }
    out.push_back(std::move(entry));
  }
  return out;
}

Result<std::vector<ReplicaEntry>> ReadReplicaList(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return NotFound(path.string() + ": cannot be read; name the list of replicas with --agents");
  std::ostringstream text;
  text << file.rdbuf();
  return ParseReplicaList(text.str(), path.string());
}

}  // namespace troupe::dispatch
