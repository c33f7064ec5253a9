#include "runtime/hub/settings.h"

#include <gtest/gtest.h>

#include <map>

#include "tests/support/temp_folder.h"

namespace troupe::hub {
namespace {

class HubSettings : public testing::Test {
 protected:
  Result<Settings> Read() {
    variables_.try_emplace("HOME", folder_.path / "home");
    return ReadSettings(
        [this](const char* name) {
          const auto found = variables_.find(name);
          return found == variables_.end() ? std::string() : found->second;
        },
        folder_.path / "pip.conf");
  }
  TempFolder folder_;
  std::map<std::string, std::string> variables_;
};

TEST_F(HubSettings, WithNothingSetAreTheUsualServers) {
  const auto settings = Read().value();
  EXPECT_EQ(settings.hf_endpoint, "https://huggingface.co");
  EXPECT_EQ(settings.pip_index, "https://pypi.org/simple");
  EXPECT_EQ(settings.hf_token + settings.pip_authorization + settings.ca_file, "");
  EXPECT_FALSE(settings.offline);
}

TEST_F(HubSettings, VariablesComeFirst) {
  WriteAll(folder_.path / "pip.conf", "[global]\nindex-url = https://machine.org/simple\ncert=/machine.pem\n");
  WriteAll(folder_.path / "home/.cache/huggingface/token", "hf_file\n");
  variables_ = {
      {"HF_ENDPOINT", "https://mirror.org/"}, {"HF_TOKEN", " hf_abc\n"}, {"PIP_INDEX_URL", "https://u:p@i.org/simple/"},
      {"SSL_CERT_FILE", "/mine.pem"},         {"HF_HUB_OFFLINE", "1"},   {"HF_HUB_DOWNLOAD_TIMEOUT", "7"}};
  const auto settings = Read().value();
  EXPECT_EQ(settings.hf_endpoint, "https://mirror.org");
  EXPECT_EQ(settings.hf_token, "hf_abc");
  EXPECT_EQ(settings.pip_index, "https://i.org/simple");
  EXPECT_EQ(settings.pip_authorization, "Basic dTpw");
  EXPECT_EQ(settings.ca_file, "/mine.pem");
  EXPECT_EQ(settings.stall_timeout_s, 7);
  EXPECT_TRUE(settings.offline);
}

TEST_F(HubSettings, FilesComeNextTheUsersBeforeTheMachines) {
  WriteAll(folder_.path / "pip.conf", "[global]\nindex-url = https://machine.org/simple\ncert=/machine.pem\n");
  WriteAll(folder_.path / "home/.config/pip/pip.conf",
           "# mine\n[list]\nindex-url=https://no.org\n[global]\nindex_url: https://user.org/simple\n");
  WriteAll(folder_.path / "home/.cache/huggingface/token", "hf_file\n");
  auto settings = Read().value();
  EXPECT_EQ(settings.pip_index, "https://user.org/simple");
  EXPECT_EQ(settings.ca_file, "/machine.pem");
  EXPECT_EQ(settings.hf_token, "hf_file");
  // and pip's own way to leave all files out
  variables_["PIP_CONFIG_FILE"] = "/dev/null";
  EXPECT_EQ(Read().value().pip_index, "https://pypi.org/simple");
}

TEST_F(HubSettings, AFaultNamesWhereItIsAndNotWhatItSays) {
  for (const auto& [name, value] : std::map<std::string, std::string>{{"HF_TOKEN", "hf_secret\r\nX-Evil: 1"},
                                                                      {"HF_ENDPOINT", "file:///secret"},
                                                                      {"PIP_INDEX_URL", "ftp://u:secret@x"}}) {
    variables_ = {{name, value}};
    const auto settings = Read();
    ASSERT_FALSE(settings) << name;
    EXPECT_NE(settings.error().message.find(name), std::string::npos) << settings.error().message;
    EXPECT_EQ(settings.error().message.find("secret"), std::string::npos) << settings.error().message;
  }
}

}  // namespace
}  // namespace troupe::hub
