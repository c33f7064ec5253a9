// The same processes as `troupe up` starts, looked after by the test itself: who dies is there again at once, so that
// hundreds of short lives take seconds. One thread; what waits must call Poll.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "router/cli/supervisor.h"

namespace troupe::fault {

class OwnCompanyTest : public testing::Test {
 protected:
  ~OwnCompanyTest() override;

  // `environment`: "NAME=value", for the router alone.
  void Start(const std::string& graph, const std::vector<std::string>& environment = {});
  // Starts again who has died. True always, to stand in conditions.
  bool Poll();
  const std::string& address() const { return address_; }
  pid_t PidOf(const std::string& name) const { return supervisor_->PidOf(name); }
  std::string RouterLog() const;

  std::filesystem::path folder_;

 private:
  std::string address_;
  std::unique_ptr<cli::Supervisor> supervisor_;
};

}  // namespace troupe::fault
