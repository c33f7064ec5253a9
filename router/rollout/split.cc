#include "router/rollout/split.h"

#include <string>

#include "runtime/base/digest.h"

namespace troupe::rollout {

const std::string& PickVersion(const Rollout& rollout, std::string_view key) {
  if (!rollout.canary) return rollout.current;
  const std::string digest = Sha256Hex(rollout.canary->version + "/" + std::string(key));
  constexpr int kHex = 16;
  const bool chosen =
      std::stoul(digest.substr(0, 8), nullptr, kHex) % 100 < static_cast<unsigned long>(rollout.canary->rule.percent);
  return chosen ? rollout.canary->version : rollout.current;
}

}  // namespace troupe::rollout
