#include "router/content/http/message.h"

#include <cstdio>
#include <ctime>
#include <utility>

#include "runtime/base/value.h"

namespace troupe::content::http {
namespace {

std::string_view ReasonOf(int status) {
  switch (status) {
    case 200:
      return "OK";
    case 204:
      return "No Content";
    case 206:
      return "Partial Content";
    case 304:
      return "Not Modified";
    case 400:
      return "Bad Request";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 408:
      return "Request Timeout";
    case 413:
      return "Content Too Large";
    case 414:
      return "URI Too Long";
    case 415:
      return "Unsupported Media Type";
    case 416:
      return "Range Not Satisfiable";
    case 431:
      return "Request Header Fields Too Large";
    case 503:
      return "Service Unavailable";
    default:
      return "Internal Server Error";
  }
}

}  // namespace

Answer JsonAnswer(int status, std::string body, std::string headers) {
  headers += "Content-Type: application/json\r\nCache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\n";
  return {.status = status, .headers = std::move(headers), .own = std::move(body)};
}

Answer ErrorAnswer(int status, const Error& error, std::string headers) {
  return JsonAnswer(status, Dump({{"error", {{"code", CodeName(error.code)}, {"message", error.message}}}}) + "\n",
                    std::move(headers));
}

void AppendHead(const Answer& answer, std::string_view date, Connection connection, std::string& out) {
  out += "HTTP/1.1 ";
  out += std::to_string(answer.status);
  out += ' ';
  out += ReasonOf(answer.status);
  out += "\r\n";
  out += answer.headers;
  // neither may have a length (RFC 9110, 8.6 and 15.4.5)
  if (answer.status != 204 && answer.status != 304) {
    out += "Content-Length: ";
    out += std::to_string(answer.body().size());
    out += "\r\n";
  }
  out += "Date: ";
  out += date;
  out += connection == Connection::kKeptOpen ? "\r\n\r\n" : "\r\nConnection: close\r\n\r\n";
}

std::string HttpDate(int64_t unix_ms) {
  const std::time_t seconds = unix_ms / 1000;
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  char text[32];
  // names by hand: strftime's depend on the locale
  constexpr const char* kDays[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr const char* kMonths[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const int size =
      std::snprintf(text, sizeof text, "%s, %02d %s %04d %02d:%02d:%02d GMT", kDays[parts.tm_wday], parts.tm_mday,
                    kMonths[parts.tm_mon], (parts.tm_year + 1900) % 10'000, parts.tm_hour, parts.tm_min, parts.tm_sec);
  return std::string(text, static_cast<size_t>(size));
}

}  // namespace troupe::content::http
