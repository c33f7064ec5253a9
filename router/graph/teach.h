// Students and their teachers, as lint tells of them: where a teacher is asked, and what is kept of its answers to
// learn from. Pure; on a proved graph.
#pragma once

#include <string>
#include <vector>

#include "router/graph/graph.h"
#include "router/graph/sources.h"

namespace troupe::graph {

// Whether the pairs of answers of that step are kept: the graph may say that none are, and what depends on private
// fields of the input is kept only where it says that too.
bool KeepsLessons(const Graph& graph, const TaughtStep& taught);

// One line for each step with a teacher.
struct TeachNote {
  Position position;
  std::string text;
};
std::vector<TeachNote> TeachNotes(const Graph& graph);

}  // namespace troupe::graph
