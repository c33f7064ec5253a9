#include "router/content/http/answers.h"

#include <algorithm>

#include "router/content/compress.h"
#include "router/content/edge.h"
#include "router/content/http/fill_body.h"
#include "router/content/http/serve_file.h"
#include "router/content/use_log.h"
#include "runtime/base/digest.h"
#include "runtime/base/value.h"

namespace troupe::content::http {
namespace {

constexpr std::string_view kContent = "/v1/content/";
constexpr std::string_view kModulePath = "/v1/troupe-content.js";
constexpr std::string_view kReads = "GET, HEAD, OPTIONS";
constexpr std::string_view kPosts = "POST, OPTIONS";

bool Reads(const Request& request) { return request.method == Method::kGet || request.method == Method::kHead; }

Answer WrongMethod(std::string_view allowed) {
  return ErrorAnswer(405, Invalid("this address takes " + std::string(allowed)),
                     "Allow: " + std::string(allowed) + "\r\n");
}

Answer Missing() {
  return ErrorAnswer(404, NotFound("nothing is published at this address; a manifest's is "
                                   "/v1/content/SET/manifests/AUDIENCE.json, an object's is named by its manifest"));
}

std::string_view TypeOf(OutputKind output) {
  switch (output) {
    case OutputKind::kHtml:
      return "text/html; charset=utf-8";
    case OutputKind::kJson:
      return "application/json";
    case OutputKind::kText:
      break;
  }
  return "text/plain; charset=utf-8";
}

// The browser module, compressed the first time that it is asked for.
const std::shared_ptr<const StoredFile>& Module() {
  static const std::shared_ptr<const StoredFile> kModule = [] {
    const std::string& script = BrowserModule();
    return std::make_shared<const StoredFile>(
        StoredFile{.bytes = script, .digest = Sha256Hex(script), .gzip = Gzip(script), .brotli = Brotli(script)});
  }();
  return kModule;
}

int StatusOf(Code code) { return code == Code::kNotFound ? 404 : code == Code::kInvalidArgument ? 400 : 500; }

}  // namespace

std::string Answers::CorsHeaders(const Request& request) const {
  constexpr std::string_view kExposed = "Access-Control-Expose-Headers: ETag, Troupe-Text, Troupe-Version\r\n";
  if (options_.origins.empty()) return "Access-Control-Allow-Origin: *\r\n" + std::string(kExposed);
  const auto found = std::find(options_.origins.begin(), options_.origins.end(), request.origin);
  // what is written is our own copy, never the client's bytes
  const std::string allowed = found == options_.origins.end() ? "" : "Access-Control-Allow-Origin: " + *found + "\r\n";
  return "Vary: Origin\r\n" + allowed + std::string(kExposed);
}

Answer Answers::Preflight(const Request& request, std::string_view methods) const {
  return {.status = 204,
          .headers = CorsHeaders(request) + "Allow: " + std::string(methods) +
                     "\r\nAccess-Control-Allow-Methods: " + std::string(methods) +
                     "\r\nAccess-Control-Allow-Headers: Content-Type\r\nAccess-Control-Max-Age: 86400\r\n"};
}

Answer Answers::File(const Request& request, std::string_view path,
                     const std::shared_ptr<const Library>& library) const {
  const size_t slash = path.find('/');
  const PublishedSet* set = library->Find(path.substr(0, slash));
  if (set == nullptr || slash == path.npos) return Missing();
  path.remove_prefix(slash + 1);
  constexpr std::string_view kManifests = "manifests/";
  constexpr std::string_view kObjects = "objects/";
  if (path.starts_with(kManifests) && path.ends_with(".json")) {
    const auto found = set->manifests.find(path.substr(kManifests.size(), path.size() - kManifests.size() - 5));
    if (found == set->manifests.end()) return Missing();
    const std::string life = "public, max-age=" + std::to_string(options_.manifest_max_age_s) +
                             ", stale-while-revalidate=" + std::to_string(options_.manifest_stale_s);
    return ServeFile(request, found->second, {TypeOf(OutputKind::kJson), life}, library);
  }
  if (path.starts_with(kObjects)) {
    const auto found = set->objects.find(path.substr(kObjects.size()));
    if (found == set->objects.end()) return Missing();
    const OutputKind kind = found->first.ends_with(".html") ? OutputKind::kHtml : OutputKind::kJson;
    return ServeFile(request, found->second, {TypeOf(kind), "public, max-age=31536000, immutable"}, library);
  }
  return Missing();
}

Answer Answers::Fill(const Request& request, const Library& library) const {
  const auto body = ReadFillBody(request.content_type, request.body);
  if (!body) {
    return ErrorAnswer(body.error().code == Code::kUnimplemented ? 415 : 400, body.error());
  }
  auto filled = library.Fill(body->request());
  if (!filled) return ErrorAnswer(StatusOf(filled.error().code), filled.error());
  Answer answer{.own = std::move(filled->text)};
  answer.headers.reserve(512);
  answer.headers += "Content-Type: ";
  answer.headers += TypeOf(filled->output);
  answer.headers += "\r\nContent-Language: " + filled->language;
  answer.headers += "\r\nTroupe-Text: " + filled->variant;
  answer.headers += "\r\nTroupe-Version: " + filled->version;
  // somebody's own text: kept by no cache, and opened as a page it may do nothing
  answer.headers +=
      "\r\nCache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\n"
      "Content-Security-Policy: sandbox; default-src 'none'\r\nReferrer-Policy: no-referrer\r\n";
  return answer;
}

Answer Answers::Uses() const { return JsonAnswer(200, Dump(UsesToJson(counts_.Totals())) + "\n"); }

Answer Answers::To(const Request& request, const std::shared_ptr<const Library>& library) const {
  const std::string_view path = request.target.substr(0, request.target.find('?'));
  const bool fills = path == "/v1/fill";
  if (request.method == Method::kOptions) return Preflight(request, fills ? kPosts : kReads);
  Answer answer;
  if (fills) {
    answer = request.method == Method::kPost ? Fill(request, *library) : WrongMethod(kPosts);
    answer.headers += CorsHeaders(request);
  } else if (path.starts_with(kContent)) {
    answer = Reads(request) ? File(request, path.substr(kContent.size()), library) : WrongMethod(kReads);
    answer.headers += CorsHeaders(request);
  } else if (path == kModulePath) {
    const FileKind kind{"text/javascript; charset=utf-8", "public, max-age=3600, stale-while-revalidate=86400"};
    answer = Reads(request) ? ServeFile(request, *Module(), kind, Module()) : WrongMethod(kReads);
    answer.headers += CorsHeaders(request);
  } else if (path == "/v1/uses" || path == "/v1/health") {
    answer = !Reads(request) ? WrongMethod(kReads) : path == "/v1/uses" ? Uses() : JsonAnswer(200, "{\"ok\":true}\n");
  } else {
    answer = Missing();
  }
  answer.without_body = request.method == Method::kHead;
  return answer;
}

}  // namespace troupe::content::http
