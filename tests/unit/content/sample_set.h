// The set of good/birthday.yaml, and sets made from it.
#pragma once

#include <gtest/gtest.h>

#include <memory>

#include "router/content/library.h"
#include "router/content/parse.h"
#include "router/content/release.h"
#include "tests/support/places.h"

namespace troupe::content {

inline ContentSet SampleSet() {
  const ParsedSet parsed = LoadContentSet(SourcePath("tests/unit/content/good/birthday.yaml"));
  EXPECT_NE(parsed.set, nullptr);
  return parsed.set == nullptr ? ContentSet() : *parsed.set;
}

inline Release SampleRelease(const ContentSet& set = SampleSet()) {
  auto release = MakeRelease(set, Gaps::kRefused);
  EXPECT_TRUE(release) << release.error().message;
  return release ? *release : Release();
}

inline std::shared_ptr<const Library> SampleLibrary(const ContentSet& set = SampleSet(), UseCounts* counts = nullptr) {
  auto library = Library::Of(SampleRelease(set), counts);
  EXPECT_TRUE(library) << library.error().message;
  return library ? *library : nullptr;
}

}  // namespace troupe::content
