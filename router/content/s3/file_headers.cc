#include "router/content/s3/file_headers.h"

#include <string_view>

namespace troupe::content::s3 {

std::map<std::string, std::string> HeadersOf(const std::string& name) {
  std::map<std::string, std::string> headers;
  std::string_view plain = name;
  for (const auto& [ending, encoding] : {std::pair(".gz", "gzip"), std::pair(".br", "br")}) {
    if (!name.ends_with(ending)) continue;
    headers["content-encoding"] = encoding;
    plain.remove_suffix(3);
  }
  const std::string_view last = plain.substr(plain.rfind('/') + 1);
  const bool json = last.ends_with(".json") || last == "current" || last == "lock";
  headers["content-type"] = json                      ? "application/json"
                            : last.ends_with(".html") ? "text/html; charset=utf-8"
                                                      : "text/plain; charset=utf-8";
  headers["cache-control"] = last == "current" ? "public, max-age=30"
                             : last == "lock"  ? "no-store"
                                               : "public, max-age=31536000, immutable";
  return headers;
}

}  // namespace troupe::content::s3
