// What about a proved graph may not be meant. Pure but for looking whether model files are there; called by lint, apply
// and up.
#pragma once

#include <vector>

#include "router/graph/graph.h"
#include "router/graph/parse.h"

namespace troupe::graph {

// `up` starts agents and so needs their files; lint and apply may run where the agents do not.
enum class FilesMust { kBeNamed, kExist };

// Models and folders that are not there (errors with kExist, else warnings; notes for models yet to be pulled), what
// answers are kept and on what they depend, where teachers are asked and what is kept of that, steps that nobody hears,
// limits below what the steps may take. In the order of the file.
std::vector<Finding> Lint(const Graph& graph, FilesMust files);

}  // namespace troupe::graph
