// SmolLM2 in float32 against transformers (golden/make_llama.py).
#include <ATen/Parallel.h>
#include <gtest/gtest.h>

#include "runtime/model/model_files.h"
#include "tests/unit/model/implementations.h"
#include "tests/unit/model/models.h"
#include "tests/unit/model/smollm2.h"

namespace troupe::model {
namespace {

TEST(SmolLm2GoldenTest, LogitsAndGreedyTokensEqualTransformers) {
  SKIP_WITHOUT(SmolLm2());
  at::set_num_threads(1);  // other tests run beside this one
  const Value golden = Golden("llama.json");
  const auto files = LoadFolderOrGguf(SmolLm2());
  ASSERT_TRUE(files) << ToString(files.error());
  for (const auto& model : InFloat32(files->config, *files->weights)) {
    SCOPED_TRACE(NameOf(*model));
    ExpectEqualsSmolLm2(*model, NameOf(*model), golden);
  }
}

}  // namespace
}  // namespace troupe::model
