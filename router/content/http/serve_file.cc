#include "router/content/http/serve_file.h"

#include <utility>

#include "router/content/http/conditions.h"

namespace troupe::content::http {
namespace {

// Another form is another tag: a strong one promises the same bytes.
std::string TagOf(const StoredFile& file, Encoding encoding) {
  return "\"" + file.digest + (encoding == Encoding::kGzip ? "-gz\"" : encoding == Encoding::kBrotli ? "-br\"" : "\"");
}

std::string_view BytesOf(const StoredFile& file, Encoding encoding) {
  return encoding == Encoding::kGzip ? file.gzip : encoding == Encoding::kBrotli ? file.brotli : file.bytes;
}

std::string RangeHeader(const std::string& range, size_t size) {
  return "Content-Range: bytes " + range + "/" + std::to_string(size) + "\r\n";
}

}  // namespace

Answer ServeFile(const Request& request, const StoredFile& file, const FileKind& kind,
                 std::shared_ptr<const void> owner) {
  const Encoding encoding =
      ChooseEncoding(request.accept_encoding, {.gzip = !file.gzip.empty(), .brotli = !file.brotli.empty()});
  const std::string tag = TagOf(file, encoding);
  Answer answer;
  answer.headers.reserve(512);
  answer.headers += "ETag: " + tag + "\r\nCache-Control: " + kind.life + "\r\nVary: Accept-Encoding\r\n";
  if (NamesTag(request.if_none_match, tag)) {
    answer.status = 304;
    return answer;
  }
  answer.headers += "Content-Type: ";
  answer.headers += kind.type;
  // a fragment that is opened as a page may do nothing
  answer.headers +=
      "\r\nX-Content-Type-Options: nosniff\r\nContent-Security-Policy: sandbox; default-src 'none'\r\n"
      "Cross-Origin-Resource-Policy: cross-origin\r\nAccept-Ranges: bytes\r\n";
  if (encoding != Encoding::kIdentity) {
    answer.headers += encoding == Encoding::kGzip ? "Content-Encoding: gzip\r\n" : "Content-Encoding: br\r\n";
  }
  answer.shared = BytesOf(file, encoding);
  answer.owner = std::move(owner);
  const bool wants_part =
      request.method == Method::kGet && !request.range.empty() && (request.if_range.empty() || request.if_range == tag);
  if (!wants_part) return answer;
  const size_t size = answer.shared.size();
  const RangeWish wish = ReadRange(request.range, size);
  if (wish.state == RangeState::kUnsatisfiable) {
    return ErrorAnswer(
        416, {Code::kOutOfRange, "the range lies behind the end; the file has " + std::to_string(size) + " bytes"},
        RangeHeader("*", size));
  }
  if (wish.state == RangeState::kPart) {
    const size_t last = wish.range.first + wish.range.size - 1;
    answer.status = 206;
    answer.headers += RangeHeader(std::to_string(wish.range.first) + "-" + std::to_string(last), size);
    answer.shared = answer.shared.substr(wish.range.first, wish.range.size);
  }
  return answer;
}

}  // namespace troupe::content::http
