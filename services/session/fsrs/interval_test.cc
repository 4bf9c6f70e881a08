#include "services/session/fsrs/interval.h"

#include <gtest/gtest.h>

#include <array>
#include <string>

#include "services/session/fsrs/fsrs_c.h"

namespace greenroom::fsrs {
namespace {

// SHA-256 of "acme", "ada", "p", "q1" and "3" with a NUL between each two, its first 8 bytes, as another program computes it.
constexpr std::array<unsigned char, 8> kDigest = {0xe0, 0x19, 0xfe, 0x7f, 0xac, 0x80, 0x06, 0x6a};

TEST(Interval, TheSeedNamesTheItemAndItsReviews) {
  EXPECT_EQ(FuzzSeed("acme", "ada", "p", "q1", 3), std::string("acme\0ada\0p\0q1\0003", 15));
  EXPECT_EQ(FuzzSeed("", "", "", "", 0), std::string("\0\0\0\0000", 5));
}

TEST(Interval, TheFuzzIsAShareOfTheWhole) {
  EXPECT_DOUBLE_EQ(FuzzOf(kDigest), 0.8753966390327151);
  EXPECT_EQ(FuzzOf(std::array<unsigned char, 8>{0x80}), 0.5);
  std::array<unsigned char, 8> most;
  most.fill(0xff);
  EXPECT_EQ(FuzzOf(most), 1);
  EXPECT_EQ(NextInterval(Model(), 0.9, 7, Rating::kGood, false, FuzzOf(most)), 9);
}

TEST(Interval, FailuresAreDueTheNextDay) {
  EXPECT_EQ(NextInterval(Model(), 0.9, 400, Rating::kAgain, false, 0.9), 1);
  EXPECT_EQ(NextInterval(Model(), 0.9, 400, Rating::kAgain, true, 0.9), 1);
}

TEST(Interval, PassesAreDueWhenRecallHasFallen) {
  EXPECT_EQ(NextInterval(Model(), 0.9, 1, Rating::kEasy, false, 0.9), 1);
  EXPECT_EQ(NextInterval(Model(), 0.9, 7, Rating::kHard, false, 0), 5);  // 7, fuzzed to 5 to 9
  EXPECT_EQ(NextInterval(Model(), 0.9, 7, Rating::kGood, false, 0.999), 9);
  EXPECT_EQ(NextInterval(Model(), 0.9, 36500, Rating::kGood, false, 1), kMostDays);
}

TEST(Interval, ASureFailureHalvesTheNext) {
  EXPECT_EQ(NextInterval(Model(), 0.9, 100, Rating::kGood, true, 0.5), 50);
  EXPECT_EQ(NextInterval(Model(), 0.9, 100, Rating::kGood, false, 0.5), 100);
  EXPECT_EQ(NextInterval(Model(), 0.9, 1, Rating::kGood, true, 0.5), 1);
}

TEST(IntervalC, IsTheSameCode) {
  char seed[64];
  ASSERT_EQ(greenroom_fsrs_fuzz_seed("acme", "ada", "p", "q1", 3, seed, sizeof seed), 15u);
  EXPECT_EQ(std::string(seed, 15), FuzzSeed("acme", "ada", "p", "q1", 3));
  std::array<unsigned char, 32> digest = {};
  std::copy(kDigest.begin(), kDigest.end(), digest.begin());
  const double u = greenroom_fsrs_fuzz(digest.data());
  EXPECT_DOUBLE_EQ(u, 0.8753966390327151);
  for (int rating = 1; rating <= 4; ++rating) {
    for (const int sure : {0, 1}) {
      int days = 0;
      ASSERT_EQ(greenroom_fsrs_next_interval(nullptr, 0.85, 33, rating, sure, u, &days), 1);
      EXPECT_EQ(days, NextInterval(Model(), 0.85, 33, static_cast<Rating>(rating), sure != 0, u));
    }
  }
}

TEST(IntervalC, RefusesWhatIsOutOfBoundsAndWritesNothing) {
  char seed[14] = {'s'};
  EXPECT_EQ(greenroom_fsrs_fuzz_seed("acme", "ada", "p", "q1", 3, seed, sizeof seed), 0u);
  EXPECT_EQ(greenroom_fsrs_fuzz_seed("a", "b", "c", "d", -1, seed, sizeof seed), 0u);
  EXPECT_EQ(seed[0], 's');
  int days = 7;
  EXPECT_EQ(greenroom_fsrs_next_interval(nullptr, 1, 5, 3, 0, 0.5, &days), 0);
  EXPECT_EQ(greenroom_fsrs_next_interval(nullptr, 0.9, 0, 3, 0, 0.5, &days), 0);
  EXPECT_EQ(greenroom_fsrs_next_interval(nullptr, 0.9, 5, 5, 0, 0.5, &days), 0);
  EXPECT_EQ(greenroom_fsrs_next_interval(nullptr, 0.9, 5, 3, 0, 1.5, &days), 0);
  EXPECT_EQ(greenroom_fsrs_next_interval(nullptr, 0.9, 5, 3, 0, -0.5, &days), 0);
  EXPECT_EQ(days, 7);
}

}  // namespace
}  // namespace greenroom::fsrs
