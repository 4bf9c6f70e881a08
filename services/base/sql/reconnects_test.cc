#include "services/base/sql/reconnects.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "absl/synchronization/notification.h"

namespace greenroom::sql {
namespace {

const absl::Status kAway = absl::UnavailableError("away");

TEST(ReconnectsTest, AllTryUntilOneHasFailed) {
  Reconnects reconnects;
  absl::Status inner = absl::UnknownError("not called");
  EXPECT_TRUE(reconnects
                  .Try([&] {
                    inner = reconnects.Try([] { return absl::OkStatus(); });
                    return absl::OkStatus();
                  })
                  .ok());
  EXPECT_TRUE(inner.ok()) << inner;
}

TEST(ReconnectsTest, BehindAFailureOneTriesAndTheOthersAreToldOfIt) {
  Reconnects reconnects;
  EXPECT_EQ(reconnects.Try([] { return kAway; }), kAway);
  absl::Notification trying, answered;
  std::thread one([&] {
    EXPECT_TRUE(reconnects
                    .Try([&] {
                      trying.Notify();
                      answered.WaitForNotification();
                      return absl::OkStatus();
                    })
                    .ok());
  });
  trying.WaitForNotification();
  bool called = false;
  const auto other = [&] {
    called = true;
    return absl::OkStatus();
  };
  EXPECT_EQ(reconnects.Try(other), kAway);
  EXPECT_FALSE(called);
  answered.Notify();
  one.join();
  EXPECT_TRUE(reconnects.Try(other).ok());
  EXPECT_TRUE(called);
}

}  // namespace
}  // namespace greenroom::sql
