#include <filesystem>

#include "router/cli/content_commands.h"
#include "router/cli/exit_code.h"
#include "router/cli/terminal.h"
#include "router/content/edge.h"
#include "runtime/base/write_file.h"

namespace troupe::cli {

Result<int> WriteEdge(const ContentEdgeFlags& flags, Print print) {
  namespace fs = std::filesystem;
  std::error_code fault;
  const fs::path folder = fs::weakly_canonical(fs::absolute(flags.folder, fault), fault);
  TRY_ASSIGN(const std::vector<content::EdgeFile> files,
             content::EdgeFiles({.origin = flags.origin, .listen = flags.listen, .folder = folder.string()}));
  fs::create_directories(folder, fault);
  if (fault) return FailedPrecondition("cannot make the folder " + folder.string() + ": " + fault.message());
  Value written = Value::array();
  for (const content::EdgeFile& file : files) {
    TRY(WriteFile(folder / file.name, file.text));
    written.push_back((folder / file.name).string());
  }
  if (print == Print::kJson) {
    PrintJson(stdout, {{"target", flags.target}, {"files", written}});
  } else {
    PrintText(stdout, "wrote " + std::to_string(files.size()) + " files; write into nginx' http { }:  include " +
                          (folder / "troupe-edge.conf").string() + ";");
  }
  return kExitOk;
}

}  // namespace troupe::cli
