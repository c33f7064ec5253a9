#include <gtest/gtest.h>

#include "router/cache/guard.h"

namespace troupe::cache {
namespace {

GuardCheck CheckOf(std::string_view left, std::string_view right) { return Compare(left, right).check; }

TEST(GuardWordsTest, OppositesDoNotPass) {
  EXPECT_EQ(CheckOf("How do I lock my card?", "How do I unlock my card?"), GuardCheck::kOpposites);
  EXPECT_EQ(CheckOf("Please enable roaming", "Please disable roaming"), GuardCheck::kOpposites);
  EXPECT_EQ(CheckOf("Can I turn on alerts?", "Can I turn off alerts?"), GuardCheck::kOpposites);
  EXPECT_EQ(CheckOf("When did you send it?", "When did you receive it?"), GuardCheck::kOpposites);
  EXPECT_EQ(CheckOf("Why did the price increase?", "Why did the price decrease?"), GuardCheck::kOpposites);
  EXPECT_EQ(CheckOf("I lost my debit card", "I lost my credit card"), GuardCheck::kOpposites);
  EXPECT_EQ(CheckOf("Can I pay before delivery?", "Can I pay after delivery?"), GuardCheck::kOpposites);
}

TEST(GuardWordsTest, APrefixTurnsAWordRoundThatNoListHas) {
  EXPECT_EQ(CheckOf("How do I zip my folder?", "How do I unzip my folder?"), GuardCheck::kOpposites);
}

TEST(GuardWordsTest, TheOtherWayDoesNotPass) {
  EXPECT_EQ(CheckOf("Transfer money from my savings", "Transfer money to my savings"), GuardCheck::kDirection);
  EXPECT_EQ(CheckOf("I want to transfer money from my vault", "Transfer money to my vault"), GuardCheck::kDirection);
  EXPECT_EQ(CheckOf("Move it from vault to wallet", "Move it from wallet to vault"), GuardCheck::kDirection);
  EXPECT_EQ(CheckOf("From the vault, move it to the wallet", "Move it to the wallet from the vault"),
            GuardCheck::kNone);
}

TEST(GuardWordsTest, WhatIsContrastedKeepsItsPlace) {
  EXPECT_EQ(CheckOf("The soup came but the bread is late", "The bread came but the soup is late"), GuardCheck::kOrder);
}

TEST(GuardWordsTest, AWordInPlaceOfAnotherNeedsAReason) {
  EXPECT_EQ(CheckOf("Where is the nearest harbour?", "Where is the nearest stadium?"), GuardCheck::kWords);
  EXPECT_EQ(CheckOf("Please buy a ticket", "Please purchase a ticket"), GuardCheck::kNone);
  EXPECT_EQ(CheckOf("Please close my acount", "Please close my account"), GuardCheck::kNone);
  EXPECT_EQ(CheckOf("Send it to jorna", "Send it to jorma"), GuardCheck::kWords);
}

TEST(GuardWordsTest, AWordIsNotLostAmongThoseAddedInPassing) {
  EXPECT_EQ(CheckOf("I got a bill from jorna", "A bill from jelka came, I would be glad of some explanation"),
            GuardCheck::kWords);
}

TEST(GuardWordsTest, OtherWordsForTheSamePass) {
  EXPECT_EQ(CheckOf("How do I activate my card?", "Could you please tell me how to activate my card?"),
            GuardCheck::kNone);
  EXPECT_EQ(CheckOf("I am still waiting on my card", "I'm still waiting for my card"), GuardCheck::kNone);
  EXPECT_EQ(CheckOf("My card hasn't arrived", "My card has not arrived yet"), GuardCheck::kNone);
  EXPECT_EQ(CheckOf("I need help logging in", "I need help to log in"), GuardCheck::kNone);
}

TEST(GuardWordsTest, SaysWhatSpokeAgainst) {
  EXPECT_EQ(ToString(Compare("I paid $5", "I paid $6")), "money: '5 USD' here, '6 USD' there");
  EXPECT_EQ(ToString(Compare("I paid", "I never paid")), "polarity: nothing here, 'not' there");
  EXPECT_EQ(ToString(Compare("I paid", "I have paid")), "passes");
}

}  // namespace
}  // namespace troupe::cache
