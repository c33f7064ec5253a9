// Bytes of a connection to the HTTP side of content: read as requests and answered, without a socket.
#include <boost/asio/buffer.hpp>

#include "router/content/http/answers.h"
#include "router/content/http/request_reader.h"
#include "router/content/parse.h"
#include "router/content/release.h"
#include "tests/fuzz/target.h"
#include "tests/support/places.h"

namespace troupe::fuzz {
namespace {

namespace http = content::http;

const std::string kFill =
    R"({"set":"birthday","audience":"loyal.de","user":"u","slots":{"first_name":"Ann","amount":"1","until":"2026-12-24"}})";

std::vector<std::string> Seeds() {
  const std::string get = "GET /v1/content/birthday/manifests/new.en.json HTTP/1.1\r\nHost: x\r\n";
  return {
      get + "\r\n",
      get + "Accept-Encoding: gzip;q=0.5, br\r\nIf-None-Match: W/\"a\", *\r\n\r\n",
      get + "Range: bytes=2-5\r\nIf-Range: \"a\"\r\nOrigin: https://a.example\r\n\r\n" + get + "\r\n",
      "POST /v1/fill HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: " +
          std::to_string(kFill.size()) + "\r\n\r\n" + kFill,
      "POST /v1/fill HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n" +
          kFill.substr(0, 5) + "\r\n0\r\n\r\n",
      "OPTIONS /v1/fill HTTP/1.1\r\nHost: x\r\n\r\nHEAD /v1/uses HTTP/1.0\r\n\r\n"};
}

std::vector<std::string> Words() {
  return {"\r\n",
          "\r\n\r\n",
          "GET ",
          "POST ",
          " HTTP/1.1\r\n",
          "Host: x\r\n",
          "Content-Length: ",
          "Transfer-Encoding: chunked\r\n",
          "Range: bytes=",
          "-",
          ",",
          ";q=",
          "gzip",
          "br",
          "*",
          "\"",
          "If-None-Match: ",
          "Expect: 100-continue\r\n",
          "../",
          "%2e",
          "\0",
          "\"slots\":{",
          "\"user\":",
          "0\r\n\r\n",
          "99999999999999999999"};
}

std::shared_ptr<const content::Library> TheLibrary(content::UseCounts& counts) {
  const auto parsed = content::LoadContentSet(SourcePath("tests/unit/content/good/birthday.yaml"));
  const auto release = content::MakeRelease(*parsed.set, content::Gaps::kRefused);
  return *content::Library::Of(*release, &counts);
}

// What would be sent; nothing of it may be what the client made up.
std::optional<std::string> Check(const http::Answer& answer) {
  std::string head;
  http::AppendHead(answer, "now", http::Connection::kKeptOpen, head);
  if (head.find("\r\n\r\n") != head.size() - 4) return "an answer's head ends early: " + head;
  if (answer.status < 200 || answer.status > 503) return "an odd status: " + std::to_string(answer.status);
  if (answer.status >= 400 && !ParseValue(answer.body()))
    return "an error that is no JSON: " + std::string(answer.body());
  return std::nullopt;
}

std::optional<std::string> Take(const std::string& input) {
  static content::UseCounts counts;
  static const auto kLibrary = TheLibrary(counts);
  static const http::Options kOptions;
  static const http::Answers kAnswers(kOptions, counts);
  http::RequestReader reader(kOptions);
  // in two pieces, cut where the input says
  const size_t cut = input.empty() ? 0 : static_cast<unsigned char>(input[0]) % input.size();
  for (std::string_view rest : {std::string_view(input).substr(0, cut), std::string_view(input).substr(cut)}) {
    while (!rest.empty()) {
      const auto space = reader.Space();
      const size_t bytes = boost::asio::buffer_copy(space, boost::asio::buffer(rest));
      reader.Took(bytes);
      rest.remove_prefix(bytes);
      http::Progress progress = reader.Advance();
      for (; progress == http::Progress::kDone; progress = reader.Advance()) {
        if (auto wrong = Check(kAnswers.To(reader.request(), kLibrary))) return wrong;
        reader.Next();
      }
      if (progress == http::Progress::kFailed) return Check(reader.fault());
    }
  }
  return std::nullopt;
}

}  // namespace

const Target kContentHttpTarget = {.name = "content-http",
                                   .what = "bytes of a connection to content's HTTP side: read and answered",
                                   .seeds = Seeds,
                                   .words = Words,
                                   .take = Take};

}  // namespace troupe::fuzz
