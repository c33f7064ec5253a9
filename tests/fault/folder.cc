#include "tests/fault/folder.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <cstdio>

namespace troupe::fault {

std::filesystem::path MakeFolder() {
  std::string pattern = "/tmp/trpXXXXXX";
  return mkdtemp(pattern.data());
}

void RemoveUnlessFailed(const std::filesystem::path& folder) {
  if (testing::Test::HasFailure()) {
    std::fprintf(stderr, "logs and journal are kept in %s\n", folder.c_str());
  } else {
    std::filesystem::remove_all(folder);
  }
}

std::vector<std::string> WithEnvironment(const std::vector<std::string>& environment,
                                         const std::vector<std::string>& command) {
  std::vector<std::string> whole = {"/usr/bin/env"};
  whole.insert(whole.end(), environment.begin(), environment.end());
  whole.insert(whole.end(), command.begin(), command.end());
  return whole;
}

}  // namespace troupe::fault
