// What a case decides in people's place.
#include "router/rehearsal/step_path.h"
#include "router/rehearsal/suite_reader.h"
#include "runtime/kind/suggest.h"

namespace troupe::rehearsal {
namespace {

using kind::YamlMap;
using kind::YamlNode;

void CheckIsApproval(SuiteReader& reader, const YamlNode& key) {
  const std::string plain = WithoutRounds(key.text);
  if (reader.approvals.contains(plain)) return;
  const std::vector<std::string> known(reader.approvals.begin(), reader.approvals.end());
  reader.Error(key, known.empty() ? "the graph asks nobody: it has no 'approve' step to decide on"
                                  : "the graph has no 'approve' step '" + key.text + "'" + kind::Suggest(plain, known));
}

}  // namespace

std::vector<CaseDecision> ReadDecisions(SuiteReader& reader, const YamlNode& node) {
  std::vector<CaseDecision> decisions;
  YamlMap map(node, "'decide'", reader.file, reader.findings);
  for (const kind::YamlEntry& entry : node.entries) {
    const YamlNode* one = map.Get(entry.key.text);
    if (one == nullptr) continue;
    CheckIsApproval(reader, entry.key);
    YamlMap says(*one, "the decision on '" + entry.key.text + "'", reader.file, reader.findings);
    if (!says.valid()) continue;
    CaseDecision decision{.path = entry.key.text};
    if (says.Require("approve", "write approve: true or approve: false")) {
      decision.approve = says.Boolean("approve").value_or(false);
    }
    decision.by = says.String("by").value_or("troupe test");
    decision.note = says.String("note").value_or("");
    says.Finish();
    decisions.push_back(std::move(decision));
  }
  map.Finish();
  return decisions;
}

const CaseDecision* FindDecision(const Case& one, std::string_view path) {
  const CaseDecision* found = nullptr;
  for (const CaseDecision& decision : one.decisions) {
    if (decision.path == path) return &decision;
    if (found == nullptr && Fits(decision.path, path)) found = &decision;
  }
  return found;
}

}  // namespace troupe::rehearsal
