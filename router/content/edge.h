// What a CDN's node needs to answer without the origin: nginx fills content in by itself, Varnish keeps what browsers
// fill in. The files of deploy/content with addresses written in. Pure; they are compiled in, so that the command works
// wherever it was copied to.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "runtime/base/error.h"

namespace troupe::content {

struct EdgeFile {
  std::string name;
  std::string text;
};

enum class EdgeKind { kNginx, kVarnish };

// "nginx", "varnish".
Result<EdgeKind> EdgeKindNamed(std::string_view name);

struct EdgeOptions {
  EdgeKind kind = EdgeKind::kNginx;
  // Where `troupe content serve` answers, as the edge reaches it: "http://127.0.0.1:8080".
  std::string origin;
  // Where to listen: "80" or "127.0.0.1:80". Varnish takes it from its command line.
  std::string listen;
  // The absolute path of the folder that the files will stand in; nginx keeps its cache there too.
  std::string folder;
  // Who may take URLs out of the cache: "127.0.0.1", "10.0.0.0/8".
  std::vector<std::string> purgers = {"127.0.0.1", "::1"};
  // Pages that may read answers (CORS), as "https://shop.example"; empty for all. Varnish does as its origin says.
  std::vector<std::string> pages;
};

// As they are in deploy/content.
const std::vector<EdgeFile>& EdgeTemplates();

// troupe-content.js among them.
const std::string& BrowserModule();

// The file to start with is the last one. Errors: INVALID_ARGUMENT for what would mean something else in the edge's
// configuration, and for what that edge cannot do.
Result<std::vector<EdgeFile>> EdgeFiles(const EdgeOptions& options);

}  // namespace troupe::content
