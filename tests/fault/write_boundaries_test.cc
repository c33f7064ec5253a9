// The router dies at every write boundary of its journal, one after the other, under load: its first life before its
// first write, its second right after its second, and so on. TROUPE_BOUNDARIES says how many.
#include <gtest/gtest.h>

#include <cstdio>

#include "tests/fault/company.h"
#include "tests/fault/own_company.h"
#include "tests/fault/verdict.h"
#include "tests/support/places.h"

namespace troupe::fault {
namespace {

using WriteBoundaries = OwnCompanyTest;

TEST_F(WriteBoundaries, NoTaskIsLostWhereverTheRouterDies) {
  // given
  const int boundaries = FromEnvironment("TROUPE_BOUNDARIES", 200);
  const std::filesystem::path lives = std::filesystem::temp_directory_path() / ("lives" + std::to_string(getpid()));
  Start("tests/fault/load.yaml", {"LD_PRELOAD=" + BuildPath("tests/libdie_at_write.so"),
                                  "TROUPE_LIVES=" + lives.string(), "TROUPE_LAST=" + std::to_string(boundaries)});
  Load load(address(), 8);
  const auto lived = [&] {
    std::error_code missing;
    const auto size = std::filesystem::file_size(lives, missing);
    return missing ? 0 : static_cast<int>(size);
  };
  // when every life but the last has ended at its boundary
  for (int life = 1; life <= boundaries; ++life) {
    ASSERT_TRUE(Eventually("life " + std::to_string(life) + " begins", [&] { return Poll() && lived() >= life; }))
        << RouterLog();
  }
  const int64_t seen = load.records_seen();
  ASSERT_TRUE(Eventually(
      "the last one works", [&] { return Poll() && load.records_seen() > seen + 2000; }, kLimit))
      << RouterLog();
  load.Stop(kLimit);
  // then
  std::printf("the router died at its first %d write boundaries, one a life\n", lived());
  EXPECT_EQ(lived(), boundaries);
  ExpectAllWell(load, Judge(load, address()));
  std::filesystem::remove(lives);
}

}  // namespace
}  // namespace troupe::fault
