#include "runtime/base/models_path.h"

#include <gtest/gtest.h>

#include <cstdlib>

namespace troupe {
namespace {

TEST(ModelsPath, AModelsNameIsLookedForAmongWhatWasFetched) {
  EXPECT_EQ(ResolveModel("models:small", "/recipes", "/cache/models"), "/cache/models/small");
  EXPECT_EQ(ResolveModel("small", "/recipes", "/cache/models"), "/recipes/small");
  EXPECT_EQ(ResolveModel("../small", "/recipes", "/cache/models"), "/small");
  EXPECT_EQ(ResolveModel("/else/small", "/recipes", "/cache/models"), "/else/small");
}

TEST(ModelsPath, TheNearestVariableOfTheEnvironmentCounts) {
  ASSERT_EQ(setenv("HOME", "/home/a", 1), 0);
  ASSERT_EQ(unsetenv("TROUPE_CACHE"), 0);
  ASSERT_EQ(unsetenv("TROUPE_MODELS"), 0);
  EXPECT_EQ(DefaultModelsPath(), "/home/a/.cache/troupe/models");
  ASSERT_EQ(setenv("TROUPE_CACHE", "/cache", 1), 0);
  EXPECT_EQ(DefaultModelsPath(), "/cache/models");
  ASSERT_EQ(setenv("TROUPE_MODELS", "/models", 1), 0);
  EXPECT_EQ(DefaultModelsPath(), "/models");
}

}  // namespace
}  // namespace troupe
