// Which servers, which logins, which certificates: read from the variables and files that users of the Hugging Face hub
// and of pip have set already. Read once by a command; holds secrets, so it is never printed.
#pragma once

#include <filesystem>
#include <functional>
#include <string>

#include "runtime/base/error.h"

namespace troupe::hub {

struct Settings {
  // HF_ENDPOINT, without a slash at the end.
  std::string hf_endpoint = "https://huggingface.co";
  // HF_TOKEN, else the file that HF_TOKEN_PATH names, else ${HF_HOME:-~/.cache/huggingface}/token. Empty for none.
  std::string hf_token;
  // PIP_INDEX_URL, else index-url of pip's configuration files (PIP_CONFIG_FILE, the user's, the machine's).
  std::string pip_index = "https://pypi.org/simple";
  // From the index URL's user and password: an Authorization header's value.
  std::string pip_authorization;
  // SSL_CERT_FILE, else PIP_CERT, else `cert` of pip's configuration, REQUESTS_CA_BUNDLE, CURL_CA_BUNDLE; empty for the
  // system's certificates.
  std::string ca_file;
  // HF_HUB_DOWNLOAD_TIMEOUT: how long nothing may come, seconds.
  int stall_timeout_s = 30;
  // HF_HUB_OFFLINE or TROUPE_OFFLINE: no network is touched.
  bool offline = false;
};

// The value of an environment variable, empty where it is not set.
using Environment = std::function<std::string(const char*)>;

std::string ProcessEnvironment(const char* name);

// `machine_config` is pip's file for the whole machine. Errors: INVALID_ARGUMENT naming the variable or file at fault,
// never its content.
Result<Settings> ReadSettings(const Environment& environment,
                              const std::filesystem::path& machine_config = "/etc/pip.conf");

}  // namespace troupe::hub
