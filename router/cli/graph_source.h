// Graph files as the commands need them: read and linted here, handed to a router, asked for where a message goes.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "router/cli/client.h"
#include "router/cli/input.h"
#include "router/graph/graph.h"
#include "router/graph/lint.h"
#include "router/graph/parse.h"

namespace troupe::cli {

// A graph file, parsed and linted.
struct LoadedGraph {
  std::string path;
  // Null where there are errors.
  std::shared_ptr<const graph::Graph> graph;
  // Everything found, errors first to last.
  std::vector<graph::Finding> findings;
  graph::GraphSource source;
};

LoadedGraph LoadGraphFile(const std::string& path, graph::FilesMust files);

// The graph, or INVALID_ARGUMENT with all findings (NOT_FOUND where there is no such file).
Result<LoadedGraph> LoadGoodGraph(const std::string& path, graph::FilesMust files);

// What Apply and Lint send.
v1::GraphSource ToMessage(const graph::GraphSource& source);

// True where the argument names a file and not a graph: it ends in .yaml or .yml, or has a slash.
bool LooksLikeFile(const std::string& argument);

// The text fields of a graph's input, in the order declared.
std::vector<std::string> TextFields(const graph::Graph& graph);

// A decimal number as millionths; 0 where the flag was not given. Errors: INVALID_ARGUMENT naming the flag.
Result<int64_t> MicrosOf(const std::string& text, const std::string& flag);

// What Submit sends. Where there is a message and `graph` is null, the router is asked which field it goes to.
Result<v1::SubmitRequest> BuildSubmit(Client& client, const TaskFlags& flags, const graph::Graph* graph = nullptr);

}  // namespace troupe::cli
