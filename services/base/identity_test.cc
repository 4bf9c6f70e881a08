// caller.h, uuid.h, rng.h, clock.h, trace.h: the small values everything is named and timed by.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>

#include "services/base/caller.h"
#include "services/base/fake_authenticator.h"
#include "services/base/fake_clock.h"
#include "services/base/fake_rng.h"
#include "services/base/trace.h"
#include "services/base/uuid.h"

namespace greenroom {
namespace {

TEST(RoleTest, WordsRoundTrip) {
  for (const Role role : kAllRoles) EXPECT_EQ(ParseRole(RoleName(role)), role);
  EXPECT_EQ(ParseRole("Learner"), std::nullopt);
  EXPECT_EQ(ParseRole(""), std::nullopt);
}

TEST(RoleSetTest, IntersectsWhereARoleIsInBoth) {
  const RoleSet staff = {Role::kAuthor, Role::kInstructor};
  EXPECT_TRUE(staff.Intersects({Role::kInstructor, Role::kLearner}));
  EXPECT_FALSE(staff.Intersects({Role::kLearner, Role::kService}));
  EXPECT_FALSE(staff.Intersects({}));
  EXPECT_FALSE(RoleSet().Intersects(RoleSet()));
  EXPECT_EQ(staff.ToString(), "author,instructor");
}

TEST(RequestMetadataTest, AKeyThatIsThereTwiceIsNotFound) {
  RequestMetadata metadata;
  metadata.Add("authorization", "a");
  EXPECT_EQ(metadata.Find("authorization"), "a");
  EXPECT_EQ(metadata.Find("other"), std::nullopt);
  metadata.Add("authorization", "b");
  EXPECT_EQ(metadata.Find("authorization"), std::nullopt);
  EXPECT_EQ(metadata.Count("authorization"), 2);
}

TEST(FakeAuthenticatorTest, ReadsItsOwnCredentialsAndRefusesOthers) {
  const FakeAuthenticator authenticator;
  RequestMetadata metadata;
  EXPECT_EQ(ReasonOf(authenticator.Authenticate(metadata).status()), "CREDENTIAL_MISSING");
  metadata.Add("authorization",
               FakeAuthenticator::Credential("acme", "ada", {Role::kLearner, Role::kAuthor}));
  const auto caller = authenticator.Authenticate(metadata);
  ASSERT_TRUE(caller.ok());
  EXPECT_EQ(caller->tenant, "acme");
  EXPECT_EQ(caller->learner, "ada");
  EXPECT_EQ(caller->roles, (RoleSet{Role::kLearner, Role::kAuthor}));
  for (const char* bad : {"", "Bearer ", "Bearer a:b", "Bearer a:b:king", "acme:ada:learner"}) {
    RequestMetadata wrong;
    wrong.Add("authorization", bad);
    EXPECT_EQ(ReasonOf(authenticator.Authenticate(wrong).status()), "CREDENTIAL_INVALID") << bad;
  }
}

TEST(UuidTest, IsReadInEitherCaseAndWrittenInLower) {
  EXPECT_EQ(CanonicalUuid("2ED6657D-E927-568B-95E1-2665A8AEA6A2"), "2ed6657d-e927-568b-95e1-2665a8aea6a2");
  for (const char* bad : {"", "2ed6657d-e927-568b-95e1-2665a8aea6a", "2ed6657de927568b95e12665a8aea6a2",
                          "{2ed6657d-e927-568b-95e1-2665a8aea6a2}", "2ed6657d-e927-568b-95e1-2665a8aea6ag",
                          "2ed6657d-e927-568b-95e12-665a8aea6a2", "2ed6657d-e927-568b-95e1-2665a8aea6a2 "}) {
    EXPECT_FALSE(IsUuid(bad)) << bad;
  }
}

TEST(UuidTest, Version5IsThatOfTheStandard) {
  // RFC 9562, appendix A.4: the DNS namespace and "www.example.com".
  EXPECT_EQ(UuidV5("6ba7b810-9dad-11d1-80b4-00c04fd430c8", "www.example.com"),
            "2ed6657d-e927-568b-95e1-2665a8aea6a2");
  EXPECT_EQ(UuidV5("6BA7B810-9DAD-11D1-80B4-00C04FD430C8", "www.example.com"),
            "2ed6657d-e927-568b-95e1-2665a8aea6a2");
}

TEST(RngTest, UuidsAreOfVersion4AndDiffer) {
  SystemRng rng;
  std::set<std::string> seen;
  for (int i = 0; i < 100; ++i) {
    const std::string uuid = rng.Uuid();
    EXPECT_TRUE(IsUuid(uuid)) << uuid;
    EXPECT_EQ(uuid[14], '4');
    EXPECT_THAT(std::string("89ab"), testing::HasSubstr(std::string(1, uuid[19])));
    seen.insert(uuid);
  }
  EXPECT_EQ(seen.size(), 100u);
}

TEST(RngTest, FractionsLieBelowOneAndSpread) {
  SystemRng rng;
  double sum = 0;
  for (int i = 0; i < 10'000; ++i) {
    const double fraction = rng.Fraction();
    ASSERT_GE(fraction, 0);
    ASSERT_LT(fraction, 1);
    sum += fraction;
  }
  EXPECT_NEAR(sum / 10'000, 0.5, 0.05);  // 17 standard deviations
}

TEST(FakeRngTest, IsDecidedByItsSeed) {
  FakeRng a(7);
  FakeRng b(7);
  FakeRng c(8);
  const std::string bytes = a.Bytes(19);
  EXPECT_EQ(bytes, b.Bytes(19));
  EXPECT_NE(bytes, c.Bytes(19));
  EXPECT_NE(a.Bytes(19), bytes);
}

TEST(ClockTest, TheRealClockMoves) {
  const RealClock clock;
  const absl::Duration before = clock.Monotonic();
  EXPECT_LT(absl::AbsDuration(clock.Now() - absl::Now()), absl::Seconds(5));
  EXPECT_GE(clock.Monotonic(), before);
}

TEST(FakeClockTest, StandsUntilItIsMoved) {
  FakeClock clock;
  const absl::Time start = clock.Now();
  EXPECT_EQ(absl::FormatTime(absl::RFC3339_sec, start, absl::UTCTimeZone()), "2026-01-01T09:00:00+00:00");
  EXPECT_EQ(clock.Now(), start);
  clock.Advance(absl::Seconds(3));
  EXPECT_EQ(clock.Now() - start, absl::Seconds(3));
  EXPECT_EQ(clock.Monotonic(), absl::Seconds(3));
  clock.SetWall(start - absl::Hours(1));
  EXPECT_EQ(clock.Now(), start - absl::Hours(1));
  EXPECT_EQ(clock.Monotonic(), absl::Seconds(3));
}

constexpr char kTraceparent[] = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

TEST(TraceTest, ReadsAndWritesTheHeader) {
  const auto trace = ParseTraceparent(kTraceparent);
  ASSERT_TRUE(trace.has_value());
  EXPECT_EQ(trace->trace_id, "4bf92f3577b34da6a3ce929d0e0e4736");
  EXPECT_EQ(trace->span_id, "00f067aa0ba902b7");
  EXPECT_EQ(trace->flags, 1);
  EXPECT_EQ(trace->ToHeader(), kTraceparent);
  EXPECT_EQ(TraceContext().ToHeader(), "");
}

TEST(TraceTest, RefusesWhatTheRecommendationRefuses) {
  for (const char* bad : {"", "00", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7",
                          "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
                          "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
                          "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
                          "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
                          "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more",
                          "01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01more"}) {
    EXPECT_EQ(ParseTraceparent(bad), std::nullopt) << bad;
  }
  EXPECT_TRUE(ParseTraceparent("01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more").has_value());
}

TEST(TraceTest, AChildKeepsTheTraceAndHasItsOwnSpan) {
  FakeRng rng;
  const TraceContext parent = *ParseTraceparent(kTraceparent);
  const TraceContext child = parent.Child(rng);
  EXPECT_EQ(child.trace_id, parent.trace_id);
  EXPECT_NE(child.span_id, parent.span_id);
  EXPECT_EQ(child.flags, 1);
  EXPECT_TRUE(ParseTraceparent(child.ToHeader()).has_value());
  EXPECT_TRUE(ParseTraceparent(TraceContext().Child(rng).ToHeader()).has_value());
}

}  // namespace
}  // namespace greenroom
