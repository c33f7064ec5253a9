#include "router/content/s3/xml.h"

#include <charconv>
#include <utility>

#include "runtime/base/utf8.h"

namespace troupe::content::s3 {
namespace {

constexpr std::pair<std::string_view, char> kEntities[] = {
    {"amp", '&'}, {"lt", '<'}, {"gt", '>'}, {"quot", '"'}, {"apos", '\''}};

// What "&name;" stands for; what is none stays as it is.
void AppendEntity(std::string_view name, std::string& out) {
  for (const auto& [known, c] : kEntities) {
    if (name == known) {
      out += c;
      return;
    }
  }
  const bool hex = name.starts_with("#x");
  const std::string_view digits = name.substr(hex ? 2 : name.starts_with("#") ? 1 : name.size());
  uint32_t point = 0;
  const auto [stop, fault] = std::from_chars(digits.data(), digits.data() + digits.size(), point, hex ? 16 : 10);
  const bool whole = !digits.empty() && fault == std::errc() && stop == digits.data() + digits.size();
  if (whole && point <= 0x10ffff && (point < 0xd800 || point > 0xdfff)) {
    AppendUtf8(point, out);
  } else {
    out += "&" + std::string(name) + ";";
  }
}

std::string Unescaped(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const size_t begin = text.find('&');
    out += text.substr(0, begin);
    if (begin == text.npos) break;
    const size_t end = text.find(';', begin);
    if (end == text.npos) {
      out += text.substr(begin);
      break;
    }
    AppendEntity(text.substr(begin + 1, end - begin - 1), out);
    text.remove_prefix(end + 1);
  }
  return out;
}

}  // namespace

std::vector<std::string_view> Elements(std::string_view xml, const std::string& name) {
  const std::string open = "<" + name + ">";
  const std::string close = "</" + name + ">";
  std::vector<std::string_view> elements;
  for (size_t at = xml.find(open); at != xml.npos; at = xml.find(open, at)) {
    at += open.size();
    const size_t end = xml.find(close, at);
    if (end == xml.npos) break;
    elements.push_back(xml.substr(at, end - at));
    at = end + close.size();
  }
  return elements;
}

std::string ElementText(std::string_view xml, const std::string& name) {
  const std::vector<std::string_view> elements = Elements(xml, name);
  return elements.empty() ? "" : Unescaped(elements.front());
}

}  // namespace troupe::content::s3
