#include <fstream>
#include <iterator>

#include "router/cli/content/commands.h"
#include "router/cli/exit_code.h"
#include "router/cli/format.h"
#include "router/cli/table.h"
#include "router/cli/terminal.h"
#include "router/content/use_log.h"

namespace troupe::cli {
namespace {

Status AddFile(const std::string& path, content::UseSum& sum) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return NotFound("cannot read " + path);
  if (file.peek() == '{') {
    const std::string json{std::istreambuf_iterator<char>(file), {}};
    if (const Status added = sum.AddUses(json); !added) return Invalid(path + " " + added.error().message);
    return {};
  }
  for (std::string line; std::getline(file, line);) {
    // a line without an end is still being written
    if (!file.eof()) sum.AddLine(line);
  }
  if (file.bad()) return Internal("cannot read " + path + " to its end");
  return {};
}

}  // namespace

Result<int> CountContent(const ContentCountsFlags& flags, Print print) {
  content::UseSum sum;
  for (const std::string& path : flags.files) TRY(AddFile(path, sum));
  if (sum.unread() > 0) PrintText(stderr, Plural(sum.unread(), "line") + " left out: no edge wrote them");
  if (print == Print::kJson) {
    PrintJson(stdout, content::UsesToJson(sum.totals()));
    return kExitOk;
  }
  Table table({"SET", "AUDIENCE", "USES", "TEXT"});
  for (const auto& [key, count] : sum.totals()) {
    table.Add({key.set, key.audience, FormatCount(count), key.text});
  }
  for (const std::string& line : table.Render(IsTerminal(stdout) ? StyleOf(stdout).width : 0)) PrintText(stdout, line);
  return kExitOk;
}

}  // namespace troupe::cli
