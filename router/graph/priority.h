// Whose steps are served first where steps wait for an agent: those of the task with the higher number, from 0.
#pragma once

namespace troupe::graph {

inline constexpr int kDefaultPriority = 5;
inline constexpr int kMaxPriority = 9;

}  // namespace troupe::graph
