#include "router/cli/doubt.h"

#include <cstdio>

namespace troupe::cli {
namespace {

template <typename Message>
std::string LineOf(const Message& doubt) {
  char text[96];
  if (doubt.spot_check()) {
    std::snprintf(text, sizeof text, "sure (%.2f, not less than %.2f): ", doubt.confidence(), doubt.below());
    return text + doubt.teacher() + " is asked as a spot check";
  }
  std::snprintf(text, sizeof text, "unsure (%.2f, less than %.2f): ", doubt.confidence(), doubt.below());
  if (doubt.refused().empty()) return text + doubt.teacher() + " is asked";
  return text + ("its answer stands, as " + doubt.refused());
}

}  // namespace

std::string DoubtLine(const v1::Doubt& doubt) { return LineOf(doubt); }
std::string DoubtLine(const v1::AskTeacher& ask) { return LineOf(ask); }

}  // namespace troupe::cli
