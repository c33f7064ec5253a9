// One published file as an answer: the form that the client takes, whether it has it already, the part it wants. Pure.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "router/content/http/message.h"
#include "router/content/library.h"

namespace troupe::content::http {

struct FileKind {
  std::string_view type;
  // Cache-Control.
  std::string life;
};

// `owner` keeps the file while the answer is sent.
Answer ServeFile(const Request& request, const StoredFile& file, const FileKind& kind,
                 std::shared_ptr<const void> owner);

}  // namespace troupe::content::http
