#include "runtime/base/digest.h"

#include <gtest/gtest.h>

namespace troupe {

// Vectors of FIPS 180-4's examples.
TEST(Digest, KnownVectors) {
  EXPECT_EQ(Sha256Hex(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(Sha256Hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(Digest, MissingFileIsNotFound) {
  const auto digest = Sha256HexOfFile("/nonexistent/file");
  ASSERT_FALSE(digest);
  EXPECT_EQ(digest.error().code, Code::kNotFound);
}

}  // namespace troupe
