// fuzz: feeds damaged inputs to what reads them, and keeps those that it did not take well.
//   fuzz --list                       the targets
//   fuzz [TARGET...] [--minutes N] [--seed N] [--findings FOLDER]     all of them, 10 minutes each, findings in
//   fuzz-findings fuzz TARGET --replay FILE         one input again, in the open
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "tests/fuzz/runner.h"

namespace {

using troupe::fuzz::Target;
using troupe::fuzz::Targets;

struct Plan {
  std::vector<Target> targets;
  troupe::fuzz::RunOptions options;
  std::string replay;
  std::string program;
};

int Usage(const std::string& what) {
  std::fprintf(stderr,
               "fuzz: error: %s\nusage: fuzz --list | fuzz [TARGET...] [--minutes N] [--seed N] [--findings FOLDER] "
               "| fuzz TARGET --replay FILE\n",
               what.c_str());
  return 2;
}

int List() {
  for (const Target& target : Targets()) {
    std::printf("%-15s %s\n", std::string(target.name).c_str(), std::string(target.what).c_str());
  }
  return 0;
}

int ReplayOne(const Plan& plan) {
  const auto wrong = troupe::fuzz::Replay(plan.targets.front(), plan.replay);
  std::printf("%s\n", wrong ? wrong->c_str() : "taken well");
  return wrong ? 1 : 0;
}

int RunAll(const Plan& plan) {
  size_t findings = 0;
  for (const Target& target : plan.targets) {
    const std::string name(target.name);
    const auto outcome = troupe::fuzz::Feed(target, plan.options);
    std::printf("%-15s %9llu inputs, %zu kept, %zu ways, %zu findings\n", name.c_str(),
                static_cast<unsigned long long>(outcome.inputs), outcome.kept, outcome.ways, outcome.findings.size());
    for (const auto& finding : outcome.findings) {
      std::printf("  %s\n    again: %s %s --replay %s\n", finding.what.c_str(), plan.program.c_str(), name.c_str(),
                  finding.file.c_str());
    }
    std::fflush(stdout);
    findings += outcome.findings.size();
  }
  return findings == 0 ? 0 : 1;
}

bool AddTarget(const std::string& name, Plan& plan) {
  for (const Target& target : Targets()) {
    if (target.name != name) continue;
    plan.targets.push_back(target);
    return true;
  }
  return false;
}

}  // namespace

int main(int argc, char** argv) {
  Plan plan;
  plan.program = argv[0];
  plan.options.max_seconds = 600;
  plan.options.report_seconds = 30;
  plan.options.findings = "fuzz-findings";
  for (int i = 1; i < argc; ++i) {
    const std::string name = argv[i];
    if (name == "--list") return List();
    if (!name.starts_with("-")) {
      if (!AddTarget(name, plan)) return Usage("no target '" + name + "'; fuzz --list names them");
      continue;
    }
    if (++i == argc) return Usage(name + " needs a value");
    if (name == "--minutes") {
      plan.options.max_seconds = std::atof(argv[i]) * 60;
      if (plan.options.max_seconds <= 0) return Usage("--minutes needs a number above 0");
    } else if (name == "--seed") {
      plan.options.seed = std::strtoull(argv[i], nullptr, 10);
    } else if (name == "--findings") {
      plan.options.findings = argv[i];
    } else if (name == "--replay") {
      plan.replay = argv[i];
    } else {
      return Usage("unknown argument '" + name + "'");
    }
  }
  if (plan.targets.empty()) plan.targets = Targets();
  if (plan.replay.empty()) return RunAll(plan);
  return plan.targets.size() == 1 ? ReplayOne(plan) : Usage("--replay needs one target");
}
