#include "router/content/edge.h"

#include <algorithm>
#include <string_view>

namespace troupe::content {
namespace {

// Letters, digits and what addresses and paths are made of: nothing that nginx's configuration reads as its own.
bool IsPlain(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    return letter || c == '.' || c == ':' || c == '/' || c == '-' || c == '_' || c == '[' || c == ']';
  });
}

void Replace(std::string& text, std::string_view what, std::string_view with) {
  for (size_t at = text.find(what); at != text.npos; at = text.find(what, at + with.size())) {
    text.replace(at, what.size(), with);
  }
}

}  // namespace

Result<std::vector<EdgeFile>> EdgeFiles(const EdgeOptions& options) {
  std::string_view host = options.origin;
  const bool scheme = host.starts_with("http://") || host.starts_with("https://");
  if (scheme) host.remove_prefix(host.find("//") + 2);
  if (!scheme || !IsPlain(host) || host.find('/') != host.npos) {
    return Invalid("'" + options.origin + "' is no origin; write http://HOST:PORT without a path");
  }
  if (!IsPlain(options.listen) || options.listen.find('/') != options.listen.npos) {
    return Invalid("'" + options.listen + "' is no address to listen at; write PORT or HOST:PORT");
  }
  if (!IsPlain(options.folder) || options.folder[0] != '/') {
    return Invalid("'" + options.folder +
                   "' cannot stand in nginx's configuration; choose a folder whose path has only "
                   "letters, digits, '.', '-' and '_'");
  }
  std::vector<EdgeFile> files = EdgeTemplates();
  for (EdgeFile& file : files) {
    if (!file.name.ends_with(".conf")) continue;
    Replace(file.text, "@ORIGIN@", options.origin);
    Replace(file.text, "@LISTEN@", options.listen);
    Replace(file.text, "@FOLDER@", options.folder);
  }
  return files;
}

}  // namespace troupe::content
