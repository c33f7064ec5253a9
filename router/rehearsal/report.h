// How the cases of a suite went, for people, programs and CI. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "router/rehearsal/compare.h"

namespace troupe::rehearsal {

struct CaseResult {
  std::string name;
  graph::Position position;
  enum class Outcome { kPassed, kFailed, kSkipped } outcome = Outcome::kPassed;
  // Why it was skipped.
  std::string note;
  std::string task_id;
  int64_t time_ms = 0;
  int64_t calls = 0;
  int64_t tokens = 0;
  std::vector<Difference> differences;
};

struct SuiteResult {
  std::string file;
  std::string graph;
  std::vector<CaseResult> cases;

  int64_t Count(CaseResult::Outcome outcome) const;
};

// One case: "ok    two requests (0.104 s, 9 calls, 34 tokens)", "FAIL  ..." or "skip  ...", and below a failed one what
// was expected and what came.
std::vector<std::string> RenderCase(const CaseResult& result);
// "3 cases: 2 passed, 1 failed"
std::string RenderSummary(const SuiteResult& result);

Value ToJson(const SuiteResult& result);

// As JUnit's ant task writes it (testsuites, testsuite, testcase, failure, skipped), which CI systems read.
std::string ToJunit(const SuiteResult& result);

}  // namespace troupe::rehearsal
