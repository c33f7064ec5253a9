// What a set becomes when it is published: objects named by their digest, which never change, and one manifest for each
// audience, which says what it may be given. The same set gives the same release, so publishing twice is publishing
// once. Pure.
//
//   objects/<sha256>.json   {"id", "parts": ["Hello ", {"slot": "name", "as": "html"}, ...]}: a text, ready to be
//   filled objects/<sha256>.html   the text as it was written, {{slots}} and all: a fragment for whoever fills it
//   otherwise manifest                {"set", "audience", "version", "language", "output", "slots": [slot_rule.h],
//                            "variants": [{"id", "weight", "object", "fragment"}]}
#pragma once

#include <map>
#include <string>

#include "router/content/content_set.h"
#include "runtime/base/error.h"

namespace troupe::content {

struct Release {
  std::string set;
  // 16 hex digits, of everything in it.
  std::string version;
  // By "<sha256>.json" or "<sha256>.html".
  std::map<std::string, std::string> objects;
  // By audience.
  std::map<std::string, std::string> manifests;
};

// Whether audiences that have no accepted text are an error or left out.
enum class Gaps { kRefused, kLeftOut };

// Of the accepted texts. Errors: FAILED_PRECONDITION naming audiences without one; INVALID_ARGUMENT for a text that
// cannot be bound (lint says so too).
Result<Release> MakeRelease(const ContentSet& set, Gaps gaps);

}  // namespace troupe::content
