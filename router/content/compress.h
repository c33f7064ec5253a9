// Content compressed once, when it is published, as hard as it gets. The same bytes give the same result. Pure.
#pragma once

#include <string>
#include <string_view>

namespace troupe::content {

// RFC 1952 and RFC 7932. Empty where it would save less than a tenth: then the bytes are served as they are.
std::string Gzip(std::string_view bytes);
std::string Brotli(std::string_view bytes);

}  // namespace troupe::content
