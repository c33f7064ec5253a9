// What nginx needs to fill content in by itself: the files of deploy/content with addresses written in. Pure; they are
// compiled in, so that the command works wherever it was copied to.
#pragma once

#include <string>
#include <vector>

#include "runtime/base/error.h"

namespace troupe::content {

struct EdgeFile {
  std::string name;
  std::string text;
};

struct EdgeOptions {
  // Where `troupe content serve` answers, as nginx reaches it: "http://127.0.0.1:8080".
  std::string origin;
  // Where nginx is to listen: "80" or "127.0.0.1:80".
  std::string listen;
  // The absolute path of the folder that the files will stand in; nginx keeps its cache there too.
  std::string folder;
};

// As they are in deploy/content.
const std::vector<EdgeFile>& EdgeTemplates();

// Errors: INVALID_ARGUMENT for an address or a folder that would mean something else in nginx's configuration.
Result<std::vector<EdgeFile>> EdgeFiles(const EdgeOptions& options);

}  // namespace troupe::content
