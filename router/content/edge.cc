#include "router/content/edge.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "router/content/edge_address.h"
#include "runtime/base/check.h"

namespace troupe::content {
namespace {

// What stands between two @ in a template, and what is written there.
using Marks = std::vector<std::pair<std::string_view, std::string>>;

void Replace(std::string& text, std::string_view what, std::string_view with) {
  for (size_t at = text.find(what); at != text.npos; at = text.find(what, at + with.size())) {
    text.replace(at, what.size(), with);
  }
}

// Line after line, as deep as its mark stands.
void AddLine(std::string& lines, const std::string& line, std::string_view indent) {
  if (!lines.empty()) lines += "\n" + std::string(indent);
  lines += line;
}

Status CheckFolder(const EdgeOptions& options) {
  if (IsPlain(options.folder) && options.folder[0] == '/') return {};
  return Invalid("'" + options.folder +
                 "' cannot stand in a configuration; choose a folder whose path has only letters, digits, '.', '-' "
                 "and '_'");
}

// What may stand in nginx's `map` for pages.
Result<std::string> NginxPages(const std::vector<std::string>& pages) {
  if (pages.empty()) return std::string("default \"*\";");
  std::string lines = "default \"\";";
  for (const std::string& page : pages) {
    TRY(CheckPage(page));
    AddLine(lines, "\"" + page + "\" \"" + page + "\";", "  ");
  }
  return lines;
}

Result<Marks> NginxMarks(const EdgeOptions& options) {
  TRY(ReadOrigin(options.origin));
  if (!IsPlain(options.listen) || options.listen.find('/') != options.listen.npos) {
    return Invalid("'" + options.listen + "' is no address to listen at; write PORT or HOST:PORT");
  }
  std::string purgers;
  for (const std::string& purger : options.purgers) {
    TRY(ReadNetwork(purger));
    AddLine(purgers, "allow " + purger + ";", "    ");
  }
  TRY_ASSIGN(std::string pages, NginxPages(options.pages));
  return Marks{{"@ORIGIN@", options.origin},
               {"@LISTEN@", options.listen},
               {"@FOLDER@", options.folder},
               {"@PURGERS@", std::move(purgers)},
               {"@PAGES@", std::move(pages)}};
}

Result<Marks> VarnishMarks(const EdgeOptions& options) {
  TRY_ASSIGN(EdgeOrigin origin, ReadOrigin(options.origin));
  if (origin.encrypted) {
    return Invalid("Varnish speaks no TLS to its origin; write http://, with a proxy that does between them");
  }
  if (!options.pages.empty()) {
    return Invalid(
        "Varnish passes on which pages may read answers; say it to the origin: "
        "'troupe content serve --origin " +
        options.pages.front() + "'");
  }
  std::string purgers;
  for (const std::string& purger : options.purgers) {
    TRY_ASSIGN(const Network network, ReadNetwork(purger));
    AddLine(purgers, "\"" + network.address + "\"" + (network.prefix.empty() ? "" : "/" + network.prefix) + ";", "  ");
  }
  return Marks{{"@HOST@", std::move(origin.host)},
               {"@PORT@", std::move(origin.port)},
               {"@FOLDER@", options.folder},
               {"@PURGERS@", std::move(purgers)}};
}

// Those of an edge, by their names' ends.
bool IsFor(EdgeKind kind, const std::string& name) { return name.ends_with(".vcl") == (kind == EdgeKind::kVarnish); }

}  // namespace

Result<EdgeKind> EdgeKindNamed(std::string_view name) {
  if (name == "nginx") return EdgeKind::kNginx;
  if (name == "varnish") return EdgeKind::kVarnish;
  return Invalid("'" + std::string(name) + "' is no edge that is known here; write nginx or varnish");
}

const std::string& BrowserModule() {
  const auto& files = EdgeTemplates();
  const auto found =
      std::find_if(files.begin(), files.end(), [](const EdgeFile& file) { return file.name == "troupe-content.js"; });
  CHECK(found != files.end());
  return found->text;
}

Result<std::vector<EdgeFile>> EdgeFiles(const EdgeOptions& options) {
  TRY(CheckFolder(options));
  TRY_ASSIGN(const Marks marks, options.kind == EdgeKind::kNginx ? NginxMarks(options) : VarnishMarks(options));
  std::vector<EdgeFile> files;
  for (EdgeFile file : EdgeTemplates()) {
    if (!IsFor(options.kind, file.name)) continue;
    // scripts have no marks, and '@' may mean something in them
    const bool marked = !file.name.ends_with(".js");
    for (const auto& [mark, text] : marks) {
      if (marked) Replace(file.text, mark, text);
    }
    files.push_back(std::move(file));
  }
  return files;
}

}  // namespace troupe::content
