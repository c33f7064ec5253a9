#include "runtime/hub/settings.h"

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <fstream>
#include <map>
#include <vector>

#include "runtime/base/lines.h"
#include "runtime/hub/url.h"

namespace troupe::hub {
namespace {

namespace fs = std::filesystem;

constexpr size_t kMaxConfigBytes = 256 << 10;
constexpr size_t kMaxTokenBytes = 4096;

std::string Trimmed(std::string_view text) {
  const size_t begin = text.find_first_not_of(" \t\r\n");
  if (begin == text.npos) return "";
  return std::string(text.substr(begin, text.find_last_not_of(" \t\r\n") - begin + 1));
}

// Empty where there is no such file.
std::string FileText(const fs::path& path, size_t max_bytes) {
  std::error_code error;
  if (!fs::is_regular_file(path, error)) return "";
  std::ifstream file(path, std::ios::binary);
  std::string text(max_bytes, '\0');
  file.read(text.data(), static_cast<std::streamsize>(max_bytes));
  text.resize(static_cast<size_t>(file.gcount()));
  return text;
}

bool IsSet(const std::string& value) { return !value.empty() && value != "0" && value != "false" && value != "FALSE"; }

// pip's configuration: "key = value" under [global], [install] or [download]; the last one counts.
void ReadPipConfig(const fs::path& path, std::map<std::string, std::string>& values) {
  const std::string text = FileText(path, kMaxConfigBytes);
  std::string section;
  for (size_t at = 0; const auto found = NextLine(text, at);) {
    const std::string line = Trimmed(*found);
    if (line.empty() || line[0] == '#' || line[0] == ';') continue;
    if (line[0] == '[') {
      section = line;
      continue;
    }
    const size_t equals = line.find_first_of("=:");
    if (equals == line.npos || (section != "[global]" && section != "[install]" && section != "[download]")) continue;
    std::string key = Trimmed(line.substr(0, equals));
    std::replace(key.begin(), key.end(), '_', '-');
    values[key] = Trimmed(line.substr(equals + 1));
  }
}

std::map<std::string, std::string> PipConfig(const Environment& environment, const fs::path& machine_config) {
  std::map<std::string, std::string> values;
  const std::string own = environment("PIP_CONFIG_FILE");
  if (own == "/dev/null") return values;
  const fs::path home = environment("HOME");
  const std::string xdg = environment("XDG_CONFIG_HOME");
  std::vector<fs::path> files = {machine_config, home / ".pip/pip.conf",
                                 (xdg.empty() ? home / ".config" : fs::path(xdg)) / "pip/pip.conf"};
  if (const std::string venv = environment("VIRTUAL_ENV"); !venv.empty()) files.push_back(fs::path(venv) / "pip.conf");
  if (!own.empty()) files.emplace_back(own);
  for (const fs::path& file : files) ReadPipConfig(file, values);
  return values;
}

Result<std::string> ReadToken(const Environment& environment) {
  std::string token = Trimmed(environment("HF_TOKEN"));
  std::string from = "HF_TOKEN";
  if (token.empty()) {
    const std::string path = environment("HF_TOKEN_PATH");
    const std::string hf_home = environment("HF_HOME");
    fs::path file = hf_home.empty() ? fs::path(environment("HOME")) / ".cache/huggingface" : fs::path(hf_home);
    file = path.empty() ? file / "token" : fs::path(path);
    token = Trimmed(FileText(file, kMaxTokenBytes + 1));
    from = file.string();
  }
  const bool printable = std::all_of(token.begin(), token.end(), [](char c) { return c > 0x20 && c < 0x7f; });
  if (!printable || token.size() > kMaxTokenBytes) {
    return Invalid("what is in " + from + " is no token: it must be one word of plain characters");
  }
  return token;
}

Status CheckUrl(const std::string& url, const char* from) {
  if (JoinUrl(url, url)) return {};
  return Invalid(std::string(from) + " is no http or https URL");
}

}  // namespace

std::string ProcessEnvironment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

Result<Settings> ReadSettings(const Environment& environment, const fs::path& machine_config) {
  Settings settings;
  if (const std::string endpoint = environment("HF_ENDPOINT"); !endpoint.empty()) settings.hf_endpoint = endpoint;
  while (settings.hf_endpoint.ends_with('/')) settings.hf_endpoint.pop_back();
  TRY(CheckUrl(settings.hf_endpoint, "HF_ENDPOINT"));
  TRY_ASSIGN(settings.hf_token, ReadToken(environment));

  const auto config = PipConfig(environment, machine_config);
  const auto configured = [&](const char* key) { return config.contains(key) ? config.at(key) : std::string(); };
  std::string index = environment("PIP_INDEX_URL");
  if (index.empty()) index = configured("index-url");
  if (!index.empty()) {
    TRY(CheckUrl(index, "the index URL of pip (PIP_INDEX_URL or index-url in its configuration)"));
    TRY_ASSIGN(UrlAndLogin split, SplitLogin(index));
    settings.pip_index = std::move(split.url);
    settings.pip_authorization = std::move(split.authorization);
  }
  while (settings.pip_index.ends_with('/')) settings.pip_index.pop_back();

  for (const std::string& file : {environment("SSL_CERT_FILE"), environment("PIP_CERT"), configured("cert"),
                                  environment("REQUESTS_CA_BUNDLE"), environment("CURL_CA_BUNDLE")}) {
    if (settings.ca_file.empty()) settings.ca_file = file;
  }
  if (const std::string text = environment("HF_HUB_DOWNLOAD_TIMEOUT"); !text.empty()) {
    int seconds = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
    if (error != std::errc() || end != text.data() + text.size() || seconds < 1 || seconds > 86'400) {
      return Invalid("HF_HUB_DOWNLOAD_TIMEOUT must be a number of seconds, got '" + text + "'");
    }
    settings.stall_timeout_s = seconds;
  }
  settings.offline = IsSet(environment("HF_HUB_OFFLINE")) || IsSet(environment("TROUPE_OFFLINE"));
  return settings;
}

}  // namespace troupe::hub
