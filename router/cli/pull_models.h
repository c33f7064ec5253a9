// Fetches the models that graphs name and this machine lacks: for `models pull`, for `up` and for `run --up`.
// Blocks until done; ctrl-C stops it and keeps what came. Main thread only.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "router/cli/pull_screen.h"
#include "router/graph/graph.h"
#include "runtime/base/clock.h"
#include "runtime/hub/pull.h"

namespace troupe::cli {

// A model to have, and the digest that the graph states for it; empty for none.
struct WantedModel {
  hub::Source source;
  std::string sha256;

  bool operator==(const WantedModel&) const = default;
};

// The models of a graph that come from a registry, each once.
std::vector<WantedModel> ModelsOf(const graph::Graph& graph);

// Those of them that are not here.
std::vector<WantedModel> Missing(const std::vector<WantedModel>& models);

// Pulls one after the other; `pulled` gets each as it is done. Stops at the first error, which names the source.
Status PullModels(
    const std::vector<WantedModel>& models, hub::IfHere if_here, const Clock& clock, PullScreen& screen,
    const std::function<void(const hub::Pulled&)>& pulled = [](const hub::Pulled&) {});

}  // namespace troupe::cli
