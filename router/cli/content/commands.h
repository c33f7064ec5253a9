// What `troupe content` does, each command by itself: reads files and folders, prints, returns an exit code. Only
// `make` needs a router.
#pragma once

#include <string>
#include <vector>

#include "runtime/base/error.h"

namespace troupe::cli {

enum class Print { kText, kJson };

struct ContentLintFlags {
  std::vector<std::string> files;
};
Result<int> LintContent(const ContentLintFlags& flags, Print print);

struct ContentMakeFlags {
  std::string file;
  std::string router;
  size_t parallel = 4;
  // "5/s"; empty for no limit.
  std::string rate;
  // Tries beyond a text's first.
  int64_t retry = 3;
  // 0, or empty: no limit.
  int64_t max_tokens = 0;
  std::string max_device_seconds;
  std::string max_money;
};
// Until all is made, the budget is spent or an interrupt comes.
Result<int> MakeContent(const ContentMakeFlags& flags, Print print);

struct ContentReviewFlags {
  std::string file;
  // What is listed: "proposed", "accepted", "rejected" or "all".
  std::string state = "proposed";
  std::vector<std::string> accept;
  bool all_passing = false;
  std::vector<std::string> reject;
  std::vector<std::string> edit;
  std::string note;
  // Who decides; empty for the user's name on this machine.
  std::string by;
  std::string html;
};
Result<int> ReviewContent(const ContentReviewFlags& flags, Print print);

struct ContentPublishFlags {
  std::string file;
  // A folder, or "s3://bucket/prefix"; then `endpoint` may name the server.
  std::string to;
  std::string endpoint;
  size_t keep = 5;
  bool partial = false;
};
Result<int> PublishContent(const ContentPublishFlags& flags, Print print);

struct ContentVersionFlags {
  // As ContentPublishFlags::to.
  std::string where;
  std::string endpoint;
  std::string set;
  // Empty for the one before.
  std::string version;
};
Result<int> ListContentVersions(const ContentVersionFlags& flags, Print print);
Result<int> RollBackContent(const ContentVersionFlags& flags, Print print);

struct ContentFillFlags {
  // A content file, or the folder or bucket of a published one.
  std::string source;
  std::string endpoint;
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

struct ContentCountsFlags {
  // Edges' logs, and what GET /v1/uses gave.
  std::vector<std::string> files;
};
Result<int> CountContent(const ContentCountsFlags& flags, Print print);

struct ContentEdgeFlags {
  std::string target = "nginx";
  std::string origin;
  std::string listen = "80";
  std::string folder;
  std::vector<std::string> purgers = {"127.0.0.1", "::1"};
  std::vector<std::string> pages;
};
Result<int> WriteEdge(const ContentEdgeFlags& flags, Print print);

}  // namespace troupe::cli
