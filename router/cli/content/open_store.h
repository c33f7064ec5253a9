// Where content is published, as people write it: a folder, or a bucket as "s3://bucket/prefix".
#pragma once

#include <memory>
#include <string>

#include "router/content/store.h"
#include "runtime/base/error.h"

namespace troupe::cli {

// `endpoint` is the server of a bucket that is not AWS's own; empty for what the environment says. Errors:
// INVALID_ARGUMENT for a bucket without a name or a key (content/s3/settings.h), or an endpoint of a folder.
Result<std::unique_ptr<content::Store>> OpenStore(const std::string& where, const std::string& endpoint);

}  // namespace troupe::cli
