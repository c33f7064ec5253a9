#include "router/content/edge.h"

#include <filesystem>

#include "router/cli/content/commands.h"
#include "router/cli/exit_code.h"
#include "router/cli/terminal.h"
#include "runtime/base/write_file.h"

namespace troupe::cli {
namespace {

std::string HowToStart(content::EdgeKind kind, const std::string& listen, const std::string& file) {
  if (kind == content::EdgeKind::kNginx) return "write into nginx' http { }:  include " + file + ";";
  // where Varnish is given a port alone, it stands behind a colon
  const std::string address = listen.find(':') == listen.npos ? ":" + listen : listen;
  return "start Varnish:  varnishd -a " + address + " -s default,1g -f " + file;
}

}  // namespace

Result<int> WriteEdge(const ContentEdgeFlags& flags, Print print) {
  namespace fs = std::filesystem;
  std::error_code fault;
  const fs::path folder = fs::weakly_canonical(fs::absolute(flags.folder, fault), fault);
  TRY_ASSIGN(const content::EdgeKind kind, content::EdgeKindNamed(flags.target));
  TRY_ASSIGN(const std::vector<content::EdgeFile> files, content::EdgeFiles({.kind = kind,
                                                                             .origin = flags.origin,
                                                                             .listen = flags.listen,
                                                                             .folder = folder.string(),
                                                                             .purgers = flags.purgers,
                                                                             .pages = flags.pages}));
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
    PrintText(stdout, "wrote " + std::to_string(files.size()) + (files.size() == 1 ? " file; " : " files; ") +
                          HowToStart(kind, flags.listen, (folder / files.back().name).string()));
  }
  return kExitOk;
}

}  // namespace troupe::cli
