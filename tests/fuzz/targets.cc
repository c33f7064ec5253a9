#include "tests/fuzz/target.h"

namespace troupe::fuzz {

std::vector<Target> Targets() {
  return {kGraphTarget, kExpressionsTarget, kContentTarget, kContentHttpTarget,  kSafetensorsTarget,
          kGgufTarget,  kTokenizerTarget,   kRecordsTarget, kTaskRequestsTarget, kAgentRequestsTarget};
}

}  // namespace troupe::fuzz
