#include "services/session/memory/memory_item.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "services/session/memory/learner_log.h"
#include "services/session/memory/learner_memory.h"

namespace greenroom::session {
namespace {

using fsrs::Rating;
using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::IsEmpty;
using ::testing::SizeIs;

const absl::Time kDay0 = absl::FromUnixMillis(1700042400000);  // 2023-11-15 10:00 UTC
absl::Time Day(int day) { return kDay0 + absl::Hours(24) * day; }

ItemFold Item(const LearnerLog& log, const std::string& question = "q1") {
  return FoldLearner(LearnerLog::Learner(), log.events()).items.at({LearnerLog::Pack(), question});
}

// The sequence that all three reference implementations publish, reviewed on the learner's days.
LearnerLog PublishedSequence() {
  LearnerLog log;
  const int days[] = {0, 0, 1, 4, 12, 33};
  const int ratings[] = {1, 3, 3, 3, 3, 3};
  for (int i = 0; i < 6; ++i) log.At(Day(days[i]) + absl::Hours(i)).RevealAndRate("q1", ratings[i]);
  return log;
}

TEST(MemoryItem, ThePublishedSequence) {
  const ItemFold fold = Item(PublishedSequence());
  EXPECT_NEAR(fold.item.memory.stability, 53.62691, 1e-4);
  EXPECT_NEAR(fold.item.memory.difficulty, 6.3574867, 1e-6);
  EXPECT_EQ(fold.item.reviews, 6);
  EXPECT_EQ(fold.item.lapses, 0);  // a failure at the first review forgets nothing
  EXPECT_EQ(fold.item.last_rating, Rating::kGood);
  EXPECT_EQ(fold.item.last_review_day, absl::CivilDay(2023, 12, 18));
  // 54 days, fuzzed to 49 to 59 by u = 0.3294 of SHA-256 of acme, ada, p, q1, 6.
  EXPECT_EQ(fold.item.due_day - fold.item.last_review_day, 52);
  EXPECT_EQ(fold.item.due_time, absl::FromCivil(absl::CivilHour(fold.item.due_day) + 4, absl::UTCTimeZone()));
  EXPECT_THAT(fold.predictions, ElementsAre(Field(&Prediction::days, 1), Field(&Prediction::days, 3),
                                            Field(&Prediction::days, 8), Field(&Prediction::days, 21)));
  EXPECT_EQ(fold.predictions[0].reviews, 3);
}

TEST(MemoryItem, WithParametersOfOnesOwn) {
  LearnerLog log;
  v1::LearnerSettings wire;
  for (const double weight : fsrs::kDefaultWeights) wire.add_memory_parameters(weight);
  for (const int frozen : {17, 18, 19}) wire.set_memory_parameters(frozen, 0);
  log.At(Day(-1)).Set(wire, {"memory_parameters"});
  const LearnerLog published = PublishedSequence();
  for (Event event : published.events()) {
    event.event_id[0] = 'a';
    if (!event.session.empty()) event.session[0] = 'a';
    log.events().push_back(event);
  }
  EXPECT_NEAR(Item(log).item.memory.stability, 53.335106, 1e-4);
}

TEST(MemoryItem, AFailureIsDueAfterTheNextRolloverInTheLearnersZone) {
  LearnerLog log;
  v1::LearnerSettings wire;
  wire.set_time_zone("America/New_York");
  log.Set(wire, {"time_zone"});
  log.At(Day(10) + absl::Hours(16)).Practise("q1", 10);  // 2023-11-26 02:00 UTC: the 25th at 21:00 there
  const MemoryItem item = Item(log).item;
  EXPECT_EQ(item.last_review_day, absl::CivilDay(2023, 11, 25));
  EXPECT_EQ(item.due_day, absl::CivilDay(2023, 11, 26));
  EXPECT_EQ(item.due_time, absl::FromCivil(absl::CivilSecond(2023, 11, 26, 9, 0, 0), absl::UTCTimeZone()));
}

TEST(MemoryItem, LapsesAndPredictions) {
  LearnerLog log;
  log.At(Day(0)).Practise("q1", 90);
  log.At(Day(2)).Practise("q1", 0);
  log.At(Day(3)).Practise("q1", 50);
  const ItemFold fold = Item(log);
  EXPECT_EQ(fold.item.lapses, 1);
  EXPECT_EQ(fold.item.last_rating, Rating::kHard);
  ASSERT_THAT(fold.predictions, SizeIs(2));
  EXPECT_NEAR(fold.predictions[0].recall, fsrs::Model().Retrievability(2, 2.3065), 1e-12);
  EXPECT_FALSE(fold.predictions[0].recalled);
  EXPECT_EQ(fold.predictions[0].lapses, 0);
  EXPECT_TRUE(fold.predictions[1].recalled);
  EXPECT_EQ(fold.predictions[1].lapses, 1);
}

TEST(MemoryItem, SureAndWrongComesBackSooner) {
  const auto after = [](v1::Confidence confidence) {
    LearnerLog log;
    log.At(Day(0)).Import("q1", 100, 5, Day(-100), 3);
    log.At(Day(0) + absl::Hours(1)).Practise("q1", 10, confidence);
    EXPECT_EQ(Item(log).item.due_day, Item(log).item.last_review_day + 1);
    EXPECT_EQ(Item(log).item.sure_failure, confidence == v1::CONFIDENCE_SURE);
    log.At(Day(1)).Practise("q1", 70);
    return Item(log).item;
  };
  const MemoryItem plain = after(v1::CONFIDENCE_FAIRLY_SURE);
  const MemoryItem sure = after(v1::CONFIDENCE_SURE);
  EXPECT_EQ(plain.memory, sure.memory);  // the memory is FSRS's own
  EXPECT_EQ(plain.due_day - plain.last_review_day, 5);
  EXPECT_EQ(sure.due_day - sure.last_review_day, 2);
  EXPECT_FALSE(sure.sure_failure);
}

TEST(MemoryItem, ASureFailureStandsUntilThePassAfterIt) {
  LearnerLog log;
  log.At(Day(0)).Practise("q1", 10, v1::CONFIDENCE_SURE);
  log.At(Day(1)).Practise("q1", 10, v1::CONFIDENCE_UNSURE);
  EXPECT_TRUE(Item(log).item.sure_failure);
  log.At(Day(2)).Practise("q1", 70);
  EXPECT_FALSE(Item(log).item.sure_failure);
  log.At(Day(3)).Practise("q1", 10);
  EXPECT_FALSE(Item(log).item.sure_failure);
}

TEST(MemoryItem, AGradeThatComesLateIsTakenAtItsAnswersPlace) {
  LearnerLog log;
  log.At(Day(0));
  const std::string session = log.Begin({"q1"});
  const std::string answer = log.Submit(session, "q1");
  EXPECT_THAT(FoldLearner(LearnerLog::Learner(), log.events()).items, IsEmpty());
  log.At(Day(3)).Practise("q1", 70);
  EXPECT_EQ(Item(log).item.reviews, 1);
  log.At(Day(5)).Grade(session, answer, 90);
  const ItemFold fold = Item(log);
  EXPECT_EQ(fold.item.reviews, 2);
  EXPECT_EQ(fold.item.last_review_day, absl::CivilDay(2023, 11, 18));
  EXPECT_EQ(fold.predictions[0].days, 3);
}

TEST(MemoryItem, AnImportIsTakenAtItsLastReview) {
  LearnerLog log;
  log.At(Day(-20)).Practise("q1", 90);  // known to the other program's state, or replaced by it
  log.At(Day(5)).Practise("q1", 70);
  log.At(Day(6)).Import("q1", 30, 5, Day(-10), 4);
  const ItemFold fold = Item(log);
  EXPECT_EQ(fold.item.reviews, 5);
  EXPECT_EQ(fold.item.memory, fsrs::Model().Next({30, 5}, 15, Rating::kGood));
  ASSERT_THAT(fold.predictions, SizeIs(1));
  EXPECT_EQ(fold.predictions[0].reviews, 5);
}

TEST(MemoryItem, AnImportAlone) {
  LearnerLog log;
  log.Import("q1", 30, 5, Day(-10), 4);
  const MemoryItem item = Item(log).item;
  EXPECT_EQ(item.memory, (fsrs::Memory{30, 5}));
  EXPECT_EQ(item.last_review_day, absl::CivilDay(2023, 11, 5));
  EXPECT_EQ(item.due_day - item.last_review_day, 31);  // 30, fuzzed to 27 to 33
  // Of two at one place the later event counts; an impossible one never.
  log.Import("q1", 60, 4, Day(-10), 2);
  log.Import("q1", -1, 4, Day(-9), 2);
  EXPECT_EQ(Item(log).item.memory, (fsrs::Memory{60, 4}));
  std::reverse(log.events().begin(), log.events().end());
  EXPECT_EQ(Item(log).item.memory, (fsrs::Memory{60, 4}));
}

TEST(MemoryItem, EachReviewByTheSettingsAsTheyStoodThen) {
  LearnerLog log;
  v1::LearnerSettings wire;
  wire.set_desired_retention(0.97);
  wire.set_time_zone("Asia/Tokyo");
  log.At(Day(0)).Practise("q1", 90);
  const MemoryItem before = Item(log).item;
  log.At(Day(1)).Set(wire, {"desired_retention", "time_zone"});
  EXPECT_EQ(Item(log).item, before);
  log.At(Day(2)).Practise("q1", 90);
  const MemoryItem strict = Item(log).item;
  log.At(Day(3)).Set(v1::LearnerSettings(), {"desired_retention", "time_zone"});
  EXPECT_EQ(Item(log).item, strict);
  EXPECT_EQ(strict.due_time, absl::FromCivil(absl::CivilHour(strict.due_day) + 4 - 9, absl::UTCTimeZone()));
  EXPECT_LT(strict.due_day - strict.last_review_day, 9);  // by 0.90 it would be 9 to 13
}

TEST(MemoryItem, ADayThatIsRelivedCountsAsTheSame) {
  LearnerLog log;
  v1::LearnerSettings wire;
  wire.set_time_zone("Pacific/Auckland");
  log.At(Day(0)).Set(wire, {"time_zone"});
  log.At(Day(0) + absl::Hours(10)).Practise("q1", 70);  // the 16th there
  wire.set_time_zone("Pacific/Honolulu");
  log.At(Day(0) + absl::Hours(11)).Set(wire, {"time_zone"});
  log.At(Day(0) + absl::Hours(12)).Practise("q1", 70);  // the 15th there
  const ItemFold fold = Item(log);
  EXPECT_EQ(fold.item.memory, fsrs::Model().Next(fsrs::Model().First(Rating::kGood), 0, Rating::kGood));
  EXPECT_THAT(fold.predictions, IsEmpty());
}

TEST(MemoryItem, RecallFallsByTheDay) {
  LearnerLog log;
  log.At(Day(0)).Practise("q1", 70);
  const MemoryItem item = Item(log).item;
  EXPECT_EQ(RecallAt(item, Settings(), Day(0) + absl::Hours(5)), 1);
  EXPECT_EQ(RecallAt(item, Settings(), Day(-3)), 1);
  EXPECT_NEAR(RecallAt(item, Settings(), Day(2)), fsrs::Model().Retrievability(2, 2.3065), 1e-12);
}

TEST(LearnerMemory, APackIsTheSameItemWhateverTheRevision) {
  LearnerLog log;
  log.At(Day(0)).Practise("q1", 70);
  log.At(Day(2)).Practise("q1", 70);
  for (Event& event : log.events()) {
    if (event.payload.has_created() && event.seq > 3) {
      event.payload.mutable_created()->set_revision(LearnerLog::Pack() + "/revisions/r2");
    }
  }
  log.Practise("q1", 70, v1::CONFIDENCE_UNSPECIFIED, "other");
  const LearnerMemory memory = FoldLearner(LearnerLog::Learner(), log.events());
  EXPECT_THAT(memory.items, SizeIs(2));
  EXPECT_EQ(memory.items.at({LearnerLog::Pack(), "q1"}).item.reviews, 2);
  EXPECT_THAT(memory.reviews, SizeIs(3));
}

}  // namespace
}  // namespace greenroom::session
