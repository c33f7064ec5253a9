#include "router/cli/content/commands.h"
#include "router/cli/exit_code.h"
#include "router/cli/findings.h"
#include "router/cli/format.h"
#include "router/cli/terminal.h"
#include "router/content/parse.h"

namespace troupe::cli {
namespace {

int64_t CountIn(const content::ContentSet& set, content::TextState state) {
  int64_t count = 0;
  for (const content::Text& text : set.texts) count += text.state == state ? 1 : 0;
  return count;
}

Value ToJson(const std::string& file, const content::ParsedSet& parsed) {
  Value json{{"file", file}, {"ok", parsed.set != nullptr}, {"findings", cli::ToJson(parsed.findings)}};
  if (parsed.set == nullptr) return json;
  json["set"] = parsed.set->name;
  json["audiences"] = parsed.set->cells.size();
  json["texts_wanted"] = static_cast<int64_t>(parsed.set->cells.size()) * parsed.set->variants;
  for (size_t state = 0; state < content::TextStateNames().size(); ++state) {
    json["texts"][content::TextStateNames()[state]] = CountIn(*parsed.set, static_cast<content::TextState>(state));
  }
  return json;
}

void PrintFindings(const std::string& file, const content::ParsedSet& parsed) {
  for (const kind::Finding& finding : parsed.findings) PrintText(stdout, kind::ToString(finding));
  if (parsed.set == nullptr) return;
  const content::ContentSet& set = *parsed.set;
  const auto wanted = static_cast<int64_t>(set.cells.size()) * set.variants;
  PrintText(stdout, file + ": ok; " + Plural(static_cast<int64_t>(set.cells.size()), "audience") + ", " +
                        Plural(wanted, "text") + " wanted, " +
                        FormatCount(CountIn(set, content::TextState::kAccepted)) + " accepted, " +
                        FormatCount(CountIn(set, content::TextState::kProposed)) + " proposed");
}

}  // namespace

Result<int> LintContent(const ContentLintFlags& flags, Print print) {
  int exit_code = kExitOk;
  Value all = Value::array();
  for (const std::string& file : flags.files) {
    const content::ParsedSet parsed = content::LoadContentSet(file);
    if (parsed.set == nullptr) exit_code = kExitBadInput;
    if (print == Print::kJson) {
      all.push_back(ToJson(file, parsed));
    } else {
      PrintFindings(file, parsed);
    }
  }
  if (print == Print::kJson) PrintJson(stdout, all);
  return exit_code;
}

}  // namespace troupe::cli
