// How often texts were filled in where no router sees it, summed up: by an edge, which writes a line for each use
// (deploy/content/troupe-edge.conf), and by whatever answers GET /v1/uses. Pure.
//
//   2026-11-29T10:00:00+00:00 birthday loyal.en 0f3a9c2e51d7b840 loyal-en-1      time, set, audience, version, text
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "router/content/use_counts.h"
#include "runtime/base/error.h"
#include "runtime/base/value.h"

namespace troupe::content {

class UseSum {
 public:
  // A line of an edge's log, without its end.
  void AddLine(std::string_view line);
  // Errors: INVALID_ARGUMENT for what GET /v1/uses did not give; nothing of it is added then.
  Status AddUses(std::string_view json);

  const std::map<UseCounts::Key, int64_t>& totals() const { return totals_; }
  // Lines that no edge wrote.
  int64_t unread() const { return unread_; }

 private:
  std::map<UseCounts::Key, int64_t> totals_;
  int64_t unread_ = 0;
};

// As GET /v1/uses gives it: {"uses": [{"set", "audience", "text", "uses"}]}.
Value UsesToJson(const std::map<UseCounts::Key, int64_t>& totals);

}  // namespace troupe::content
