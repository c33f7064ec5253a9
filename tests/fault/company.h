// A whole company as a person starts it: `troupe up` with its router and agents as processes, in a folder of its own.
// What runs may be killed and stopped by name. Its logs and journal stay where the test has failed.
#pragma once

#include <gtest/gtest.h>
#include <sys/types.h>

#include <chrono>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "tests/support/eventually.h"

namespace troupe::fault {

inline constexpr std::chrono::seconds kLimit{120};

class CompanyTest : public testing::Test {
 protected:
  ~CompanyTest() override;

  // `environment`: "NAME=value" for all processes.
  void Start(const std::string& graph, const std::vector<std::string>& environment = {});
  std::string Address() const;
  std::string UpLog() const;
  // Names and pids of what runs, agents first.
  std::map<std::string, pid_t> Running() const;
  // What runs under that name is another process than this one.
  testing::AssertionResult IsBack(const std::string& name, pid_t instead_of) const;

  std::filesystem::path folder_;

 private:
  pid_t up_ = 0;
};

// A whole number from the environment.
int FromEnvironment(const char* name, int otherwise);

}  // namespace troupe::fault
