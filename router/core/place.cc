#include "router/core/place.h"

#include <charconv>

#include "router/core/asks.h"
#include "router/core/core.h"
#include "router/graph/outline.h"
#include "runtime/base/check.h"

namespace troupe::core {
namespace {

int IndexOf(const graph::Scope& scope, std::string_view name) {
  for (size_t i = 0; i < scope.steps.size(); ++i) {
    if (scope.steps[i].name == name) return static_cast<int>(i);
  }
  return -1;
}

}  // namespace

std::string RoundPath(std::string_view holder, int round) {
  std::string path(holder);
  path += '[';
  path += std::to_string(round);
  path += ']';
  return path;
}

bool IsRound(std::string_view path) { return !path.empty() && path.back() == ']' && !IsAsk(path); }

std::string_view ParentOf(std::string_view step_path) {
  const size_t dot = step_path.rfind('.');
  return dot == std::string_view::npos ? std::string_view() : step_path.substr(0, dot);
}

std::optional<RoundName> SplitRound(std::string_view path) {
  const size_t open = path.rfind('[');
  if (!IsRound(path) || open == std::string_view::npos) return std::nullopt;
  RoundName name{.holder = path.substr(0, open)};
  const char* end = path.data() + path.size() - 1;
  const auto parsed = std::from_chars(path.data() + open + 1, end, name.round);
  if (parsed.ec != std::errc() || parsed.ptr != end || name.round < 0) return std::nullopt;
  return name;
}

std::string Place::SiblingPath(int sibling) const {
  const std::string_view round = RoundPath();
  const std::string& name = scope().steps[sibling].name;
  std::string result;
  result.reserve(round.size() + 1 + name.size());
  if (!round.empty()) {
    result += round;
    result += '.';
  }
  result += name;
  return result;
}

Place Place::Sibling(int sibling) const {
  return Place{.path = SiblingPath(sibling), .frames = frames, .step = &scope().steps[sibling], .index = sibling};
}

Place Place::Holder() const {
  const Frame& inner = frames.back();
  CHECK(inner.holder != nullptr);
  Place place{.path = std::string(HolderPath(inner)), .frames = frames, .step = inner.holder};
  place.frames.pop_back();
  place.index = static_cast<int>(inner.holder - place.scope().steps.data());
  return place;
}

Place Place::Round(int round) const {
  const graph::Scope* body = step == nullptr ? nullptr : graph::StepsInside(*step);
  CHECK(body != nullptr);
  Place place{.path = core::RoundPath(path, round), .frames = frames};
  place.frames.push_back(
      {.scope = body, .holder = step, .round = round, .holder_length = path.size(), .round_length = place.path.size()});
  return place;
}

Place Place::Inside() const {
  CHECK(step != nullptr && step->graph);
  Place place{.path = path, .frames = frames};
  place.frames.push_back(
      {.scope = step->graph->body.get(), .holder = step, .holder_length = path.size(), .round_length = path.size()});
  return place;
}

Place RootPlace(const graph::Graph& graph) {
  Place place;
  place.frames.push_back({.scope = &graph.root});
  return place;
}

std::optional<Place> Locate(const graph::Graph& graph, std::string_view path) {
  if (path.ends_with('.')) return std::nullopt;
  Place place{.path = std::string(path)};
  place.frames.reserve(4);
  place.frames.push_back({.scope = &graph.root});
  size_t begin = 0;
  while (begin < path.size()) {
    const size_t end = std::min(path.find('.', begin), path.size());
    const std::string_view segment = path.substr(begin, end - begin);
    const std::string_view name = segment.substr(0, segment.find('['));
    place.index = IndexOf(place.scope(), name);
    if (place.index < 0) return std::nullopt;
    place.step = &place.scope().steps[place.index];
    const bool is_round = name.size() < segment.size();
    const bool is_last = end == path.size();
    if (is_round || !is_last) {
      const auto round = is_round ? SplitRound(segment) : std::optional(RoundName());
      const graph::Scope* body = graph::StepsInside(*place.step);
      // only a graph is gone into by name, everything else by its rounds
      if (!round || body == nullptr || is_round == place.step->graph.has_value()) return std::nullopt;
      place.frames.push_back({.scope = body,
                              .holder = place.step,
                              .round = round->round,
                              .holder_length = begin + name.size(),
                              .round_length = end});
      place.step = nullptr;
      place.index = -1;
    }
    begin = end + 1;
  }
  return place;
}

const graph::Step* FindStep(const graph::Graph& graph, std::string_view path) {
  const auto place = Locate(graph, path);
  if (!place) return nullptr;
  return place->step != nullptr ? place->step : place->frames.back().holder;
}

}  // namespace troupe::core
