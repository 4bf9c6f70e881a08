#include "services/content/scoring_grader.h"

#include <algorithm>
#include <atomic>
#include <optional>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "services/base/status.h"

namespace greenroom::content {

using Async = scoring::v1::ScoringService::StubInterface::async_interface;

// One grading, shared by its lanes.
struct ScoringGrader::Progress {
  Progress(const CheckPlan& what, const OutgoingCall& how)
      : plan(what), call(how), reports(what.tasks.size()) {}

  // The next task that nobody has taken; nullopt when there is none, or something has failed.
  std::optional<size_t> Next() {
    absl::MutexLock lock(&mutex);
    if (!error.ok() || rejected >= 0 || next == plan.tasks.size()) return std::nullopt;
    return next++;
  }

  const CheckPlan& plan;
  const OutgoingCall& call;
  std::vector<scoring::v1::Report> reports;  // each lane writes the ones it has taken
  absl::Mutex mutex;
  size_t next ABSL_GUARDED_BY(mutex) = 0;
  absl::Status error ABSL_GUARDED_BY(mutex);
  int rejected ABSL_GUARDED_BY(mutex) = -1;
  std::string rejection ABSL_GUARDED_BY(mutex);
  std::atomic<int> lanes = 0;
};

ScoringGrader::ScoringGrader(const std::shared_ptr<grpc::Channel>& channel,
                             auth::ServiceCredentials& credentials, ScoringGraderOptions options)
    : stub_(scoring::v1::ScoringService::NewStub(channel)), credentials_(credentials), options_(options) {}

Task<absl::StatusOr<Grading>> ScoringGrader::Grade(const Caller& caller, const CheckPlan& plan,
                                                   OutgoingCall call) {
  ASSIGN_OR_CO_RETURN_NOW(auth::ServiceCredentials::Metadata metadata,
                          credentials_.MetadataFor(caller.tenant, ""));
  for (auto& entry : metadata) call.metadata.push_back(std::move(entry));
  Progress progress(plan, call);
  const int lanes = std::max(1, std::min(options_.parallel, static_cast<int>(plan.tasks.size())));
  progress.lanes = lanes;
  auto run = [this, &progress, lanes](auto done) {
    for (int lane = 0; lane < lanes; ++lane) {
      StartTask(Lane(progress), [&progress, done](absl::Status status) mutable {
        if (!status.ok()) {
          absl::MutexLock lock(&progress.mutex);
          if (progress.error.ok()) progress.error = std::move(status);
        }
        if (progress.lanes.fetch_sub(1) == 1) done(true);
      });
    }
  };
  co_await AwaitCallback<bool>(run);
  absl::MutexLock lock(&progress.mutex);
  if (!progress.error.ok()) co_return progress.error;
  Grading grading;
  grading.rejected_question = progress.rejected;
  grading.rejection = std::move(progress.rejection);
  if (grading.rejected_question < 0) grading.reports = std::move(progress.reports);
  co_return grading;
}

Task<absl::Status> ScoringGrader::Lane(Progress& progress) {
  while (const std::optional<size_t> index = progress.Next()) {
    const CheckTask& task = progress.plan.tasks[*index];
    scoring::v1::GradeAnswerRequest request;
    *request.mutable_inline_question() = *task.subject;
    request.set_answer(task.answer);
    absl::StatusOr<scoring::v1::GradeAnswerResponse> response =
        co_await CallUnary<scoring::v1::GradeAnswerResponse>(
            OutgoingCall(progress.call).Within(options_.timeout), stub_->async(), &Async::GradeAnswer,
            std::move(request));
    if (response.ok()) {
      progress.reports[*index] = std::move(*response->mutable_report());
      continue;
    }
    const std::string reason = ReasonOf(response.status());
    if (response.status().code() != absl::StatusCode::kInvalidArgument && reason != "REQUEST_TOO_LARGE") {
      co_return response.status();
    }
    absl::MutexLock lock(&progress.mutex);
    if (progress.rejected < 0) {
      progress.rejected = task.question;
      progress.rejection = std::string(response.status().message());
    }
  }
  co_return absl::OkStatus();
}

}  // namespace greenroom::content
