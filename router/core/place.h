// Where a step's path leads in a graph: the scopes around it, outermost first, and the step itself. Paths are how
// records name steps ("handle[2].answer[0].draft"); places are how the core finds a step's neighbours without searching
// the whole task.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "router/graph/graph.h"

namespace troupe::core {

// One scope around a step: the root, one round of a step that holds steps, or the graph that a step holds.
struct Frame {
  const graph::Scope* scope = nullptr;
  // The step whose round this is, and which round; null for the root. A graph has one round, without a number.
  const graph::Step* holder = nullptr;
  int round = 0;
  // How much of Place::path names the holder ("handle") and the round ("handle[2]"); both 0 for the root, and the same
  // for a graph ("triage").
  size_t holder_length = 0;
  size_t round_length = 0;
};

struct Place {
  std::string path;
  // Never empty: the first is the root.
  std::vector<Frame> frames;
  // Null where the place is a whole scope: a round, the graph that a step holds, or the root.
  const graph::Step* step = nullptr;
  // The step's index in its scope.
  int index = -1;

  const graph::Scope& scope() const { return *frames.back().scope; }
  // "handle[2]"; empty for the root.
  std::string_view RoundPath() const { return RoundPath(frames.back()); }
  std::string_view RoundPath(const Frame& frame) const { return std::string_view(path).substr(0, frame.round_length); }
  std::string_view HolderPath(const Frame& frame) const {
    return std::string_view(path).substr(0, frame.holder_length);
  }
  // Another step of the same scope.
  std::string SiblingPath(int sibling) const;
  Place Sibling(int sibling) const;
  // The step that holds this place's innermost scope; there must be one.
  Place Holder() const;
  // Round `round` of this step, which must hold steps.
  Place Round(int round) const;
  // The graph that this step holds.
  Place Inside() const;
};

Place RootPlace(const graph::Graph& graph);

// Nothing where the path names no step or round of this graph. "triage" is the step, whatever it holds.
std::optional<Place> Locate(const graph::Graph& graph, std::string_view path);

// "handle" and 2 give "handle[2]".
std::string RoundPath(std::string_view holder, int round);

// "handle[2]" for "handle[2].facts"; empty for a step of the root.
std::string_view ParentOf(std::string_view step_path);

// True for "handle[2]", not for the question "facts.ask[1]".
bool IsRound(std::string_view path);

// "handle" and 2 for "handle[2]".
struct RoundName {
  std::string_view holder;
  int round = 0;
};
std::optional<RoundName> SplitRound(std::string_view path);

}  // namespace troupe::core
