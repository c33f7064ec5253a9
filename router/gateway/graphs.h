// The graphs that tasks can be handed to: the current version by name, and every version that an unfinished task may
// still be on. All of them are in the journal.
//
// Owner: Router. Thread-safe. Apply waits for the disk.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "router/graph/graph.h"
#include "router/graph/parse.h"
#include "router/journal/journal.h"
#include "troupe/v1/graph.pb.h"

namespace troupe::gateway {

class Graphs {
 public:
  using GraphPtr = std::shared_ptr<const graph::Graph>;

  struct Applied {
    // Null where there are errors among the findings.
    GraphPtr graph;
    bool changed = false;
    std::vector<graph::Finding> findings;
  };
  struct Entry {
    GraphPtr graph;
    v1::GraphSource source;
    UnixMs applied_ms = 0;
  };

  Graphs(journal::Journal& journal, const Clock& clock) : journal_(journal), clock_(clock) {}

  // What the journal holds. A current graph that this release refuses is logged and left out.
  Status Load(const std::function<void(const std::string&)>& log);

  // Checks and makes current. Errors: those of the journal; a wrong graph is no error here but has findings.
  Result<Applied> Apply(graph::GraphSource source);

  // The one that new tasks run on. Errors: NOT_FOUND.
  Result<GraphPtr> Current(const std::string& name) const;
  // Errors: NOT_FOUND; FAILED_PRECONDITION where this release refuses it.
  Result<GraphPtr> Version(const std::string& name, const std::string& version);
  // With its source; the current one where `version` is empty.
  Result<Entry> Get(const std::string& name, const std::string& version);
  // The current ones, by name.
  std::vector<Entry> List() const;

 private:
  using Key = std::pair<std::string, std::string>;

  Result<Entry> ParseRow(const journal::GraphRow& row) const;

  journal::Journal& journal_;
  const Clock& clock_;
  // One Apply at a time, so that the last one answered is the current one.
  std::mutex apply_mutex_;
  mutable std::mutex mutex_;
  std::map<std::string, std::string> current_;
  std::map<Key, Entry> versions_;
};

}  // namespace troupe::gateway
