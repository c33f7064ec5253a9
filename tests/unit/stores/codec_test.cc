#include "router/stores/codec.h"

#include <gtest/gtest.h>

#include <random>

#include "runtime/base/digest.h"
#include "troupe/v1/store.pb.h"

namespace troupe::stores {
namespace {

cache::Entry Full() {
  cache::Entry entry{.answer = "{\"text\":\"hi\"}",
                     .question = "Who?",
                     .partition = "p",
                     .vector = "1234f",
                     .made_at_ms = 1'700'000'000'000,
                     .ttl_ms = 1,
                     .stale_ms = 2,
                     .device_ms = 3,
                     .tokens = 4,
                     .money_micros = 5};
  entry.answer_digest = Sha256Hex(entry.answer);
  return entry;
}

TEST(StoreCodec, GivesBackWhatWasWritten) {
  EXPECT_EQ(Decode("k", Encode("k", Full())), Full());
  cache::Entry without_question = Full();
  without_question.question = without_question.partition = without_question.vector = "";
  EXPECT_EQ(Decode("k", Encode("k", without_question)), without_question);
}

TEST(StoreCodec, WhatSaysTheSameAsAnotherDoesSoStill) {
  cache::Entry alike = Full();
  alike.answer_digest = Sha256Hex("the first one");
  EXPECT_EQ(Decode("k", Encode("k", alike)), alike);
}

TEST(StoreCodec, TakesNoAnswerFromUnderAnotherKey) { EXPECT_EQ(Decode("other", Encode("k", Full())), std::nullopt); }

TEST(StoreCodec, TakesNothingThatIsNoAnswer) {
  const auto changed = [](auto change) {
    v1::StoredAnswer stored;
    EXPECT_TRUE(stored.ParseFromString(Encode("k", Full())));
    change(stored);
    return Decode("k", stored.SerializeAsString());
  };
  EXPECT_TRUE(changed([](v1::StoredAnswer&) {}));
  EXPECT_FALSE(changed([](v1::StoredAnswer& stored) { stored.set_format(2); }));
  EXPECT_FALSE(changed([](v1::StoredAnswer& stored) { stored.set_answer("{\"text\":\"ho\"}"); }));
  EXPECT_FALSE(changed([](v1::StoredAnswer& stored) { stored.set_ttl_ms(-1); }));
  EXPECT_FALSE(changed([](v1::StoredAnswer& stored) {
    stored.set_answer("no JSON");
    stored.set_answer_sha256(Sha256Hex("no JSON"));
  }));
  EXPECT_FALSE(Decode("k", ""));
  EXPECT_FALSE(Decode("k", "\xff\xff\xff\xff"));
}

TEST(StoreCodec, DamagedBytesGiveNoOtherAnswer) {
  const std::string whole = Encode("k", Full());
  std::mt19937 random(7);
  for (int i = 0; i < 20'000; ++i) {
    std::string damaged = whole;
    const int hits = 1 + static_cast<int>(random() % 3);
    for (int hit = 0; hit < hits; ++hit) damaged[random() % damaged.size()] = static_cast<char>(random());
    if (random() % 4 == 0) damaged.resize(random() % damaged.size());
    if (const auto entry = Decode("k", damaged)) {
      EXPECT_EQ(entry->answer, Full().answer);
    }
  }
}

TEST(StoreCodec, ThresholdsComeBackAsTheyWere) {
  const cache::ThresholdState state{.weights = {1.5, 2}, .wrong = {0, 1}, .squares = {2, 3}};
  EXPECT_EQ(DecodeThreshold(Encode(state)), state);
  EXPECT_EQ(DecodeThreshold("nothing"), std::nullopt);
  EXPECT_EQ(DecodeThreshold(""), std::nullopt);
}

}  // namespace
}  // namespace troupe::stores
