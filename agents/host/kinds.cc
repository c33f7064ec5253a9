#include "agents/host/kinds.h"

#include "agents/scripted/scripted.h"

namespace troupe::host {
namespace {
// One line for each kind.
constexpr Registration kKinds[] = {
    {"scripted", &scripted::Make},
};
}  // namespace

std::span<const Registration> Kinds() { return kKinds; }

Result<std::unique_ptr<Kind>> MakeKindFor(const Spec& spec) {
  for (const auto& [kind, make] : kKinds) {
    if (kind == spec.kind) return make(spec);
  }
  return Error{Code::kUnimplemented, "agent " + spec.agent + ": this troupe-agent has no kind '" + spec.kind + "'"};
}

}  // namespace troupe::host
