#include "runtime/model/open_graph_runner.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/places.h"

namespace troupe::model {
namespace {

using ::testing::HasSubstr;

void ExpectRefused(const std::string& library, const std::string& reason) {
  const auto runner = OpenGraphRunner(BuildPath("tests/graph_libraries/") + library, 0);
  ASSERT_FALSE(runner);
  EXPECT_EQ(runner.error().code, Code::kFailedPrecondition);
  EXPECT_THAT(runner.error().message, HasSubstr(library));
  EXPECT_THAT(runner.error().message, HasSubstr(reason));
}

TEST(OpenGraphRunnerTest, ALibraryThatIsNotThereIsNamed) { ExpectRefused("libnone.so", "cannot open shared object"); }

TEST(OpenGraphRunnerTest, ALibraryOfAnotherVersionIsRefused) {
  ExpectRefused("libother_version.so",
                "is version 0 for torch 1.13.0 and this program wants " + std::string(kGraphAbi));
}

TEST(OpenGraphRunnerTest, ADeviceThatDoesNotAnswerIsAnError) { ExpectRefused("libno_device.so", "no device answers"); }

TEST(OpenGraphRunnerTest, ALibraryIsLookedForWhereTheBuildPutsIt) {
  EXPECT_EQ(GraphLibrary(), BuildPath("lib/libtroupe_cuda.so"));
  EXPECT_TRUE(std::filesystem::exists(GraphLibrary()));
}

}  // namespace
}  // namespace troupe::model
