// The elements of S3's answers: flat documents without attributes that matter. What is no element of that name is
// passed over, so no document is too odd, or too deep, to be read. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace troupe::content::s3 {

// What stands inside of each element of that name, in order, as it is written.
std::vector<std::string_view> Elements(std::string_view xml, const std::string& name);

// The first one's text, entities read; empty where there is none.
std::string ElementText(std::string_view xml, const std::string& name);

}  // namespace troupe::content::s3
