// What `troupe content` does, each command by itself: reads files and folders, prints, returns an exit code. Needs no
// router.
#pragma once

#include <string>
#include <vector>

#include "runtime/base/error.h"

namespace troupe::cli {

enum class Print { kText, kJson };

struct ContentLintFlags {
  std::vector<std::string> files;
};
int LintContent(const ContentLintFlags& flags, Print print);

struct ContentPublishFlags {
  std::string file;
  std::string folder;
  size_t keep = 5;
  bool partial = false;
};
Result<int> PublishContent(const ContentPublishFlags& flags, Print print);

struct ContentVersionFlags {
  std::string folder;
  std::string set;
  // Empty for the one before.
  std::string version;
};
Result<int> ListContentVersions(const ContentVersionFlags& flags, Print print);
Result<int> RollBackContent(const ContentVersionFlags& flags, Print print);

struct ContentFillFlags {
  // A content file, or the folder of a published one.
  std::string source;
  std::string set;
  std::string audience = "all";
  std::string user;
  // "name=value".
  std::vector<std::string> slots;
};
Result<int> FillContent(const ContentFillFlags& flags, Print print);

struct ContentServeFlags {
  std::string folder;
  std::string listen = "127.0.0.1:8080";
  // 0 for one a core.
  size_t threads = 0;
  std::vector<std::string> origins;
  int64_t max_age_s = 30;
  size_t max_connections = 16'384;
};
// Until a signal comes.
Result<int> ServeContent(const ContentServeFlags& flags, Print print);

struct ContentEdgeFlags {
  std::string target = "nginx";
  std::string origin;
  std::string listen = "80";
  std::string folder;
};
Result<int> WriteEdge(const ContentEdgeFlags& flags, Print print);

}  // namespace troupe::cli
