#include "router/content/siblings.h"

namespace troupe::content {
namespace {

std::string Percent(double share) { return std::to_string(static_cast<int>(share * 100)) + " %"; }

}  // namespace

std::optional<std::string> Siblings::TooAlike(const Wording& wording) const {
  if (similarity_ >= 1.0) return std::nullopt;
  for (const auto& [id, other] : siblings_) {
    const double likeness = Likeness(wording, other);
    if (likeness <= similarity_) continue;
    return "it is " + Percent(likeness) + " like '" + id + "', at most " + Percent(similarity_) +
           " are allowed; reject one of the two";
  }
  return std::nullopt;
}

}  // namespace troupe::content
