#include "runtime/engine/stop_text.h"

#include <gtest/gtest.h>

namespace troupe::engine {
namespace {

TEST(StopTextTest, WithoutStopsEverythingPasses) {
  StopText stop({});
  EXPECT_EQ(stop.Push("abc"), "abc");
  EXPECT_EQ(stop.Flush(), "");
}

TEST(StopTextTest, WhatMayBeginAStopIsHeldBackUntilItIsClear) {
  StopText stop({"\nUser:"});
  EXPECT_EQ(stop.Push("Hello\n"), "Hello");
  EXPECT_EQ(stop.Push("Us"), "");
  EXPECT_EQ(stop.Push("ually"), "\nUsually");
  EXPECT_EQ(stop.Push(" so.\nUser"), " so.");
  EXPECT_EQ(stop.Push(": more"), "");
  EXPECT_EQ(stop.found(), "\nUser:");
  EXPECT_EQ(stop.Push("never shown"), "");
}

TEST(StopTextTest, TheFirstOfSeveralCounts) {
  StopText stop({"END", "STOP"});
  EXPECT_EQ(stop.Push("a STOP b END"), "a ");
  EXPECT_EQ(stop.found(), "STOP");
}

TEST(StopTextTest, OverlappingBeginningsAreFoundByteByByte) {
  StopText stop({"aab"});
  std::string shown;
  for (char c : std::string("aaaab!")) shown += stop.Push(std::string(1, c));
  EXPECT_EQ(shown, "aa");
  EXPECT_EQ(stop.found(), "aab");
}

TEST(StopTextTest, AtTheEndWhatWasHeldBackIsShown) {
  StopText stop({"###"});
  EXPECT_EQ(stop.Push("text ##"), "text ");
  EXPECT_EQ(stop.Flush(), "##");
  EXPECT_TRUE(stop.found().empty());
}

}  // namespace
}  // namespace troupe::engine
