#include "tests/fault/verdict.h"

#include <gtest/gtest.h>

#include <cstdio>

#include "tests/fault/company.h"

namespace troupe::fault {

Verdict Judge(const Load& load, const std::string& address) {
  Verdict verdict;
  cli::Client client(address);
  for (const auto& witness : load.witnesses()) {
    verdict.lost += witness->saw_end() ? 0 : 1;
    verdict.failed += witness->saw_end() && !witness->ended_well() ? 1 : 0;
    verdict.steps_twice += witness->steps_twice();
    verdict.breaks += witness->breaks();
    for (const std::string& text : witness->complaints()) {
      verdict.complaints.push_back(witness->task_id() + ": " + text);
    }
    Witness later(witness->task_id());
    const auto end = std::chrono::steady_clock::now() + kLimit;
    later.Follow(client, [&] { return std::chrono::steady_clock::now() > end; });
    verdict.contradictions += later.records() == witness->records() ? 0 : 1;
  }
  return verdict;
}

void ExpectAllWell(const Load& load, const Verdict& verdict) {
  std::printf("%d tasks accepted, %d lost, %d failed; %d steps recorded twice\n", load.accepted(), verdict.lost,
              verdict.failed, verdict.steps_twice);
  std::printf(
      "%d streams broken off and opened again, %d calls to Submit repeated; %zu gaps, repeats or contradictions, "
      "%d watchers told otherwise than later ones\n",
      verdict.breaks, load.repeated_submits(), verdict.complaints.size(), verdict.contradictions);
  for (const std::string& complaint : verdict.complaints) std::printf("  %s\n", complaint.c_str());
  EXPECT_EQ(static_cast<size_t>(load.accepted()), load.witnesses().size());
  EXPECT_EQ(verdict.lost, 0);
  EXPECT_EQ(verdict.failed, 0);
  EXPECT_EQ(verdict.steps_twice, 0);
  EXPECT_EQ(verdict.complaints.size(), 0u);
  EXPECT_EQ(verdict.contradictions, 0);
}

}  // namespace troupe::fault
