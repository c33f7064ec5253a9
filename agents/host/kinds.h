// Every kind that this binary can be.
#pragma once

#include <span>
#include <string_view>

#include "agents/host/kind.h"

namespace troupe::host {

struct Registration {
  std::string_view kind;
  MakeKind make;
};

std::span<const Registration> Kinds();

// Loads the spec's kind. Errors: UNIMPLEMENTED for one that this binary lacks, and the kind's own.
Result<std::unique_ptr<Kind>> MakeKindFor(const Spec& spec);

}  // namespace troupe::host
