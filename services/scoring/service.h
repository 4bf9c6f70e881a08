// ScoringService: turns (question, answer) into a report.
#ifndef GREENROOM_SERVICES_SCORING_SERVICE_H_
#define GREENROOM_SERVICES_SCORING_SERVICE_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "greenroom/scoring/v1/scoring_service.grpc.pb.h"
#include "services/base/metrics.h"
#include "services/base/rpc.h"
#include "services/base/rpc_stream.h"
#include "services/scoring/catalogue.h"
#include "services/scoring/domain/compile.h"
#include "services/scoring/rubric_cache.h"

namespace greenroom::scoring {

// Stateless but for the cache. Grading runs on the thread of the call: it takes less than a millisecond.
class ScoringServiceImpl final : public v1::ScoringService::CallbackService {
 public:
  // Everything must outlive the server. `methods` is a table of ScoringMethods().
  ScoringServiceImpl(const RpcRuntime& runtime, const MethodTable& methods, Catalogue& catalogue,
                     RubricCache& cache, MetricsRegistry& metrics);
  // In the .cc, as the constructor, so that those who include this need not compile gRPC's part of every method.
  ~ScoringServiceImpl() override;

  grpc::ServerUnaryReactor* GradeAnswer(grpc::CallbackServerContext* context,
                                        const v1::GradeAnswerRequest* request,
                                        v1::GradeAnswerResponse* response) override;
  grpc::ServerBidiReactor<v1::GradeAnswersRequest, v1::GradeAnswersResponse>* GradeAnswers(
      grpc::CallbackServerContext* context) override;
  grpc::ServerUnaryReactor* ListGraders(grpc::CallbackServerContext* context,
                                        const v1::ListGradersRequest* request,
                                        v1::ListGradersResponse* response) override;

 private:
  using Compiled = std::shared_ptr<const CompiledQuestion>;

  Task<absl::StatusOr<v1::GradeAnswerResponse>> GradeOne(Call& call, const v1::GradeAnswerRequest& request);
  Task<absl::StatusOr<v1::GradeAnswersResponse>> GradeItem(Call& call, v1::GradeAnswersRequest item);
  Task<absl::StatusOr<v1::ListGradersResponse>> DescribeGraders();

  // Checks the request, finds its question and grades. Field paths begin with `prefix`.
  Task<absl::StatusOr<v1::Report>> GradeRequest(Call& call, const v1::GradeAnswerRequest& request,
                                                absl::string_view prefix);
  Task<absl::StatusOr<Compiled>> FindQuestion(Call& call, const v1::GradeAnswerRequest& request,
                                              absl::string_view prefix);
  Task<absl::StatusOr<Compiled>> FindStored(Call& call, const std::string& name, std::string field);
  // `question` corrected by graded answers, of which there are some. Of a stored question it is kept as the question is.
  Compiled FindCalibrated(const CompiledQuestion& question, const v1::GradeAnswerRequest& request);
  v1::Report Measure(const CompiledQuestion& question, absl::string_view answer);
  google::rpc::Status ItemError(const Call& call, const absl::Status& status);

  const RpcRuntime& runtime_;
  const MethodTable& methods_;
  Catalogue& catalogue_;
  RubricCache& cache_;
  Histogram grade_seconds_;
  Histogram grade_score_;
  Counter ungraded_;
};

}  // namespace greenroom::scoring

#endif  // GREENROOM_SERVICES_SCORING_SERVICE_H_
