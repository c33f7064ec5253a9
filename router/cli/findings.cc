#include "router/cli/findings.h"

namespace troupe::cli {

Value ToJson(const std::vector<kind::Finding>& findings) {
  Value json = Value::array();
  for (const kind::Finding& finding : findings) {
    json.push_back({{"severity", kind::SeverityName(finding.severity)},
                    {"file", finding.file},
                    {"line", finding.line},
                    {"column", finding.column},
                    {"message", finding.message}});
  }
  return json;
}

}  // namespace troupe::cli
