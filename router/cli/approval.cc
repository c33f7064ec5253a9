#include "router/cli/approval.h"

#include "router/cli/format.h"

namespace troupe::cli {

std::string DecideCommand(const std::string& task_id, const std::string& path, const std::string& router) {
  const std::string where = router.empty() ? "" : " --router '" + router + "'";
  return "troupe decide " + task_id + " '" + path + "'" + where + " --approve # or --reject";
}

std::string VerdictOf(const v1::PersonDecided& decided) {
  return (decided.approved() ? "approved by " : "rejected by ") + decided.by() +
         (decided.note().empty() ? "" : ": " + decided.note());
}

std::string VerdictOf(const v1::WaitExpired&) { return "nobody decided in time"; }

std::string VerdictLine(const v1::Approval& approval) {
  if (approval.verdict() != v1::VERDICT_UNSPECIFIED) {
    v1::PersonDecided decided;
    decided.set_approved(approval.verdict() == v1::VERDICT_APPROVE);
    decided.set_by(approval.by());
    decided.set_note(approval.note());
    return VerdictOf(decided);
  }
  if (approval.decided_ms() > 0) return "nobody decided";
  if (approval.expires_ms() == 0) return "waits for a person";
  return "waits for a person until " + FormatTime(approval.expires_ms());
}

}  // namespace troupe::cli
