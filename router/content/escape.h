// How a value is written into what stands around it, so that it stays a value there. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace troupe::content {

enum class Escape {
  // Plain text.
  kNone,
  // HTML's text and quoted attribute values: & < > " ' become references.
  kHtml,
  // A piece of a URL: everything but unreserved characters is percent-encoded (RFC 3986, 2.3). Safe in HTML too.
  kUrlPiece,
  // Inside a JSON string (RFC 8259); < > and & as \u escapes too, so that the document may
  // stand in a page.
  kJson,
};

// The words that published objects use.
std::string_view EscapeName(Escape escape);
std::optional<Escape> EscapeFromName(std::string_view name);

// `value` must be UTF-8 without control characters (slot_rule.h has seen to that).
void AppendEscaped(std::string_view value, Escape escape, std::string& out);

}  // namespace troupe::content
