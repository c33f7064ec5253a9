// What is answered to a request: from tables in memory, without a disk, a clock or a socket. A URL is looked up as a
// name and nothing else, so it can lead to no file that was not published. Pure but for counting; thread-safe.
//
//   GET  /v1/content/SET/manifests/AUDIENCE.json    the current version's; short-lived, tagged
//   GET  /v1/content/SET/objects/SHA256.json        for ever (.html likewise)
//   POST /v1/fill                                   {"set", "audience", "user", "slots"}: the text, filled in
//   GET  /v1/troupe-content.js                      the browser module, which picks and fills in as POST /v1/fill does
//   GET  /v1/uses                                   how often each text was filled in here
//   GET  /v1/health                                 200 as long as content is served
#pragma once

#include <memory>

#include "router/content/http/message.h"
#include "router/content/http/options.h"
#include "router/content/library.h"
#include "router/content/use_counts.h"

namespace troupe::content::http {

class Answers {
 public:
  // Both outlive this.
  Answers(const Options& options, const UseCounts& counts) : options_(options), counts_(counts) {}

  Answer To(const Request& request, const std::shared_ptr<const Library>& library) const;

 private:
  Answer File(const Request& request, std::string_view path, const std::shared_ptr<const Library>& library) const;
  Answer Fill(const Request& request, const Library& library) const;
  Answer Uses() const;
  Answer Preflight(const Request& request, std::string_view methods) const;
  std::string CorsHeaders(const Request& request) const;

  const Options& options_;
  const UseCounts& counts_;
};

}  // namespace troupe::content::http
