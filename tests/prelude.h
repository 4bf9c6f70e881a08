// What most tests include, compiled once for all of them (greenroom_test in the root's CMakeLists.txt): reading it took a
// third of a test's compilation. Tests include what they use all the same.
#ifndef GREENROOM_TESTS_PRELUDE_H_
#define GREENROOM_TESTS_PRELUDE_H_

#include <gmock/gmock.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "greenroom/content/v1/authoring_service.grpc.pb.h"
#include "greenroom/content/v1/content_service.grpc.pb.h"
#include "greenroom/scoring/v1/scoring_service.grpc.pb.h"
#include "greenroom/session/v1/gradebook_service.grpc.pb.h"
#include "greenroom/session/v1/progress_service.grpc.pb.h"
#include "greenroom/session/v1/session_service.grpc.pb.h"

#endif  // GREENROOM_TESTS_PRELUDE_H_
