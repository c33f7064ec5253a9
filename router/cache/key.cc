#include "router/cache/key.h"

#include <initializer_list>
#include <string_view>

#include "runtime/base/digest.h"

namespace troupe::cache {
namespace {

// `kind` keeps digests for different uses apart; its number goes up when fields change their meaning.
std::string Digest(std::string_view kind, std::initializer_list<std::string_view> fields) {
  Digester digester;
  const auto add = [&digester](std::string_view field) {
    digester.Add(std::to_string(field.size()));
    digester.Add(":");
    digester.Add(field);
  };
  add(kind);
  for (const std::string_view field : fields) add(field);
  return digester.Hex();
}

}  // namespace

std::string KeyOf(const KeyParts& parts) {
  return Digest("troupe-answer-1", {parts.graph_version, parts.step, parts.model_digest, Dump(parts.settings),
                                    Dump(parts.input), parts.tenant});
}

std::string PartitionOf(const KeyParts& parts) {
  return Digest("troupe-partition-1",
                {parts.graph_version, parts.step, parts.model_digest, Dump(parts.settings), parts.tenant});
}

}  // namespace troupe::cache
