#include "router/content/html_names.h"

#include <algorithm>
#include <initializer_list>
#include <string>

namespace troupe::content {
namespace {

bool IsOneOf(std::string_view name, std::initializer_list<std::string_view> names) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

bool Has(std::string_view name, std::string_view part) { return name.find(part) != name.npos; }

// The scheme in lower case without its colon; empty where there is none.
std::string SchemeOf(std::string_view url) {
  const size_t end = url.find_first_of(":/?#");
  if (end == url.npos || url[end] != ':') return "";
  std::string scheme(url.substr(0, end));
  std::transform(scheme.begin(), scheme.end(), scheme.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return scheme;
}

// Browsers drop blanks and control characters, take "\" for "/", and references (&colon;) for what they stand for: a
// URL that has any of these before its query is not what it looks like.
bool LooksStraight(std::string_view url) {
  const std::string_view head = url.substr(0, url.find('?'));
  return std::none_of(head.begin(), head.end(),
                      [](char c) { return static_cast<unsigned char>(c) <= ' ' || c == '\\' || c == '&'; });
}

}  // namespace

AttributeKind KindOfAttribute(std::string_view name) {
  if (name.starts_with("data-")) {
    name.remove_prefix(5);
  } else if (const size_t colon = name.find(':'); colon != name.npos) {
    if (name.substr(0, colon) == "xmlns") return AttributeKind::kUrl;
    name.remove_prefix(colon + 1);
  }
  if (name.starts_with("on")) return AttributeKind::kUnsafe;
  if (IsOneOf(name,
              {"style",         "srcdoc",      "srcset",      "imagesrcset", "http-equiv", "content", "charset",
               "type",          "rel",         "sandbox",     "allow",       "async",      "defer",   "integrity",
               "language",      "crossorigin", "formenctype", "enctype",     "formmethod", "method",  "formtarget",
               "form",          "nonce",       "is",          "pattern",     "name",       "id",      "accept-charset",
               "attributename", "to",          "from",        "values",      "by",         "ping"})) {
    return AttributeKind::kUnsafe;
  }
  if (IsOneOf(name, {"action", "archive", "background", "cite", "classid", "codebase", "data", "formaction", "href",
                     "icon", "longdesc", "manifest", "poster", "profile", "usemap"})) {
    return AttributeKind::kUrl;
  }
  return Has(name, "src") || Has(name, "uri") || Has(name, "url") ? AttributeKind::kUrl : AttributeKind::kPlain;
}

bool IsActiveElement(std::string_view name) {
  return IsOneOf(name, {"script", "style", "link", "base", "meta", "object", "embed", "iframe", "frame", "frameset",
                        "applet", "param", "portal"});
}

bool IsOddElement(std::string_view name) {
  return IsOneOf(name, {"svg", "math", "noscript", "xmp", "noembed", "noframes", "plaintext", "textarea", "title",
                        "iframe", "select", "listing"});
}

bool HasHarmlessScheme(std::string_view url) {
  const std::string scheme = SchemeOf(url);
  return LooksStraight(url) && (scheme.empty() || IsOneOf(scheme, {"http", "https", "mailto", "tel"}));
}

bool IsPastHost(std::string_view url) {
  if (url.empty() || !HasHarmlessScheme(url)) return false;
  const std::string scheme = SchemeOf(url);
  if (scheme == "mailto" || scheme == "tel") return true;
  if (!scheme.empty()) url.remove_prefix(scheme.size() + 1);
  if (!url.starts_with("//")) return scheme.empty();
  return url.find_first_of("/?#", 2) != url.npos;
}

}  // namespace troupe::content
