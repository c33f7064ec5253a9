// What a bucket says of a set's files to browsers and caches, as `troupe content serve` would. Pure.
#pragma once

#include <map>
#include <string>

namespace troupe::content::s3 {

// Content-Type, Content-Encoding and Cache-Control by a file's name (layout.h): what is named by its content is kept
// for ever, the pointer for half a minute.
std::map<std::string, std::string> HeadersOf(const std::string& name);

}  // namespace troupe::content::s3
