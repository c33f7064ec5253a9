#include "agents/host/kinds.h"

#include "agents/classify/classify.h"
#include "agents/embed/embed.h"
#include "agents/extract/extract.h"
#include "agents/generate/generate.h"
#include "agents/retrieve/retrieve.h"
#include "agents/scripted/scripted.h"

namespace troupe::host {
namespace {
// One line for each kind.
constexpr Registration kKinds[] = {
    {"scripted", &scripted::Make}, {"embed", &embed::Make},       {"classify", &classify::Make},
    {"extract", &extract::Make},   {"generate", &generate::Make}, {"retrieve", &retrieve::Make},
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
