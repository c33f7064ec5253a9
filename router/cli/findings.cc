#include "router/cli/findings.h"

namespace troupe::cli {
namespace {

const char* SeverityName(kind::Severity severity) {
  switch (severity) {
    case kind::Severity::kError:
      return "error";
    case kind::Severity::kWarning:
      return "warning";
    case kind::Severity::kNote:
      return "note";
  }
  return "error";
}

}  // namespace

Value ToJson(const std::vector<kind::Finding>& findings) {
  Value json = Value::array();
  for (const kind::Finding& finding : findings) {
    json.push_back({{"severity", SeverityName(finding.severity)},
                    {"file", finding.file},
                    {"line", finding.line},
                    {"column", finding.column},
                    {"message", finding.message}});
  }
  return json;
}

}  // namespace troupe::cli
