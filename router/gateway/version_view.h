// Versions of graphs as the contracts have them, and back: what is written down, and what clients see.
#pragma once

#include <optional>
#include <string>

#include "router/rollout/rollout.h"
#include "router/rollout/verdict.h"
#include "troupe/v1/graph.pb.h"

namespace troupe::gateway {

void Encode(const std::string& name, const rollout::Event& event, v1::GraphEvent& out);
// Nothing for an event of a kind that this release does not know.
std::optional<rollout::Event> Decode(const v1::GraphEvent& event);

// What is left at 0 is as usual.
rollout::CanaryRule FromProto(const v1::CanaryRule& rule);

// What is tried out, and how it does.
struct CanaryView {
  rollout::Canary canary;
  rollout::Tally on_canary;
  rollout::Tally on_current;
};
void Fill(const CanaryView& view, v1::CanaryStatus& out);

}  // namespace troupe::gateway
