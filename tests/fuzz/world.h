// All services in one process, with everything behind them in memory: what request_fuzz calls.
#ifndef GREENROOM_TESTS_FUZZ_WORLD_H_
#define GREENROOM_TESTS_FUZZ_WORLD_H_

#include <google/protobuf/message.h>
#include <grpcpp/channel.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/server.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "services/content/testing/content_server.h"
#include "services/scoring/methods.h"
#include "services/scoring/rubric_cache.h"
#include "services/scoring/service.h"
#include "services/session/testing/session_server.h"
#include "tests/fuzz/request_input.h"
#include "tests/fuzz/rpc_table.h"

namespace greenroom::fuzz {

// What a call gave. A stream may give messages and an error.
struct Reply {
  absl::Status status;
  std::vector<std::unique_ptr<google::protobuf::Message>> messages;
};

// Content's answers are scored by the number they begin with.
class NumberGrader final : public content::PackGrader {
 public:
  Task<absl::StatusOr<content::Grading>> Grade(const Caller& caller, const content::CheckPlan& plan,
                                               OutgoingCall call) override;
};

// The catalogue that scoring asks: the world's packs as they were at first.
class WorldCatalogue final : public scoring::Catalogue {
 public:
  Task<absl::StatusOr<content::v1::Question>> GetQuestion(std::string tenant, std::string name,
                                                          OutgoingCall call) override;
};

// Built for one input; two worlds that are asked the same answer the same. Calls go through gRPC's in-process transport
// and the real wrapper, so sizes, roles and errors are those of the wire. Used by one thread.
class World {
 public:
  World();
  ~World();
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  // Ends the process where a call does not end, or a reply is not of its type.
  Reply Call(const Rpc& rpc, Who who, const google::protobuf::Message& request, bool twice_in_stream = false);

  // Whether answers are graded at once.
  void SetGrader(bool up);
  void Advance(absl::Duration step);
  // Grades that were left over, as the worker makes them up.
  void CompleteGrades() { session_.worker.RunOnce(); }
  // The grade book's work in the background, all that there is.
  void CompleteRegrades();

  // The session store's contents, and the log.
  session::FakeLiveStore& live() { return session_.live; }
  std::vector<session::Event> Events(const std::string& learner) const;

 private:
  void PublishPacks();
  // Another learner's session of acme and one of another tenant, each with an answer.
  void PractiseAs(Who who, const std::string& tenant, const std::string& text);
  Reply CallStream(const Rpc& rpc, grpc::ClientContext& context, const grpc::ByteBuffer& request, bool twice);

  NumberGrader pack_grader_;
  content::testing::ContentWorld content_;
  session::testing::SessionWorld session_;
  MetricsRegistry scoring_metrics_;
  RpcMetrics scoring_rpc_metrics_{scoring_metrics_};
  RpcRuntime scoring_runtime_{content_.authenticator, content_.admission, scoring_rpc_metrics_, content_.log,
                              content_.rng};
  MethodTable scoring_methods_{scoring::ScoringMethods()};
  WorldCatalogue scoring_catalogue_;
  scoring::RubricCache scoring_cache_{scoring::RubricCacheOptions(), scoring_metrics_};
  scoring::ScoringServiceImpl scoring_{scoring_runtime_, scoring_methods_, scoring_catalogue_, scoring_cache_,
                                       scoring_metrics_};
  std::unique_ptr<grpc::Server> server_;
  std::unique_ptr<grpc::GenericStub> stub_;
};

}  // namespace greenroom::fuzz

#endif  // GREENROOM_TESTS_FUZZ_WORLD_H_
