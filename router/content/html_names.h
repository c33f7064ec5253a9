// What HTML's attributes and elements are to a value that stands in them. Names in lower case. Pure.
#pragma once

#include <string_view>

namespace troupe::content {

enum class AttributeKind {
  kPlain,   // any value is harmless once escaped
  kUrl,     // the value is a URL
  kUnsafe,  // code, styles, or what changes how the element works
};

// After Go's html/template/attr.go: "data-" and a namespace before ":" are looked through, names that speak of URLs
// count as URLs.
AttributeKind KindOfAttribute(std::string_view name);

// Elements whose attributes load or run something, or speak for the whole page.
bool IsActiveElement(std::string_view name);
// Elements whose content is read by rules of its own (raw text, foreign content), not always the same ones.
bool IsOddElement(std::string_view name);

// A URL's scheme that a link may have: http, https, mailto, tel, or none.
bool HasHarmlessScheme(std::string_view url);
// What comes next belongs to the URL's path, query or fragment, so it cannot change where the link leads.
bool IsPastHost(std::string_view url);

}  // namespace troupe::content
