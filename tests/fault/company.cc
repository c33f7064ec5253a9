#include "tests/fault/company.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>

#include "router/cli/process.h"
#include "router/cli/run_folder.h"
#include "runtime/base/value.h"
#include "tests/fault/folder.h"
#include "tests/support/places.h"

namespace troupe::fault {

int FromEnvironment(const char* name, int otherwise) {
  const char* value = getenv(name);
  return value == nullptr ? otherwise : atoi(value);
}

void CompanyTest::Start(const std::string& graph, const std::vector<std::string>& environment) {
  folder_ = MakeFolder();
  setenv("XDG_RUNTIME_DIR", folder_.c_str(), 1);
  setenv("XDG_STATE_HOME", (folder_ / "state").c_str(), 1);
  unsetenv("TROUPE_ROUTER");
  const auto command = WithEnvironment(environment, {BuildPath("bin/troupe"), "up", SourcePath(graph)});
  const auto up = cli::Spawn({"up", command, (folder_ / "up.log").string(), {}});
  ASSERT_TRUE(up) << up.error().message;
  up_ = *up;
  ASSERT_TRUE(Eventually("the router listens", [&] { return UpLog().find("listening on") != std::string::npos; }))
      << UpLog();
}

CompanyTest::~CompanyTest() {
  if (up_ > 0) {
    // what a test has stopped must be able to end
    for (const auto& [name, pid] : Running()) kill(pid, SIGCONT);
    kill(up_, SIGTERM);
    waitpid(up_, nullptr, 0);
  }
  RemoveUnlessFailed(folder_);
}

std::string CompanyTest::Address() const { return cli::RouterAddress("").value(); }

std::string CompanyTest::UpLog() const {
  std::ifstream file(folder_ / "up.log");
  return {std::istreambuf_iterator<char>(file), {}};
}

std::map<std::string, pid_t> CompanyTest::Running() const {
  std::ifstream file(cli::DefaultRunFolder() / "processes.json");
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  std::map<std::string, pid_t> running;
  const auto list = ParseValue(text);
  if (!list) return running;
  for (const Value& entry : *list) {
    if (entry["pid"].get<pid_t>() > 0) running[entry["name"]] = entry["pid"];
  }
  return running;
}

testing::AssertionResult CompanyTest::IsBack(const std::string& name, pid_t instead_of) const {
  return Eventually(
      name + " is back",
      [&] {
        const auto running = Running();
        const auto found = running.find(name);
        return found != running.end() && found->second != instead_of;
      },
      kLimit);
}

}  // namespace troupe::fault
