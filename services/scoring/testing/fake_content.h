// A content service whose answers are decided by the test, and a question for it.
#ifndef GREENROOM_SERVICES_SCORING_TESTING_FAKE_CONTENT_H_
#define GREENROOM_SERVICES_SCORING_TESTING_FAKE_CONTENT_H_

#include <atomic>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"
#include "greenroom/content/v1/content_service.grpc.pb.h"
#include "services/base/check.h"
#include "services/base/clock.h"
#include "services/base/log.h"
#include "services/base/metrics.h"
#include "services/base/server.h"
#include "services/base/status.h"
#include "services/base/status_wire.h"

namespace greenroom::scoring {

inline content::v1::Question Overfitting(absl::string_view name) {
  content::v1::Question question;
  question.set_name(std::string(name));
  question.set_id("overfitting");
  question.set_kind(content::v1::QUESTION_KIND_CONCEPT);
  question.set_language("en");
  question.set_prompt("What is overfitting?");
  question.set_model_answer("The model learns the noise of its training data and fails on new data.");
  content::v1::RubricItem& noise = *question.add_rubric();
  noise.set_id("noise");
  noise.set_point("It learns the noise of its training data");
  noise.add_accept("(learn|fit) ... noise");
  content::v1::RubricItem& fails = *question.add_rubric();
  fails.set_id("fails");
  fails.set_point("It fails on data it has not seen");
  fails.add_accept("(fail|bad|poor) ... (new|unseen) data");
  return question;
}

// Serves GetQuestion on a free port; thread-safe.
class FakeContent final : public content::v1::ContentService::Service {
 public:
  FakeContent() {
    ServerOptions options;
    options.drain_delay = absl::ZeroDuration();
    options.drain_timeout = absl::Seconds(1);
    absl::StatusOr<std::unique_ptr<Server>> server = Server::Start(options, {this}, metrics_, log_);
    CHECK_THAT(server.ok(), server.status().ToString());
    server_ = *std::move(server);
    target_ = absl::StrCat("127.0.0.1:", server_->port());
  }
  ~FakeContent() override {
    release.Notify();
    Stop();
  }

  grpc::Status GetQuestion(grpc::ServerContext* context, const content::v1::GetQuestionRequest* request,
                           content::v1::Question* response) override {
    ++calls;
    {
      absl::MutexLock lock(&mutex_);
      metadata_.clear();
      for (const auto& [key, value] : context->client_metadata()) {
        metadata_[std::string(key.data(), key.size())] = std::string(value.data(), value.size());
      }
      last_ = *request;
    }
    if (stalled) {
      if (!told_.exchange(true)) arrived.Notify();
      release.WaitForNotification();
    }
    absl::MutexLock lock(&mutex_);
    if (!error_.ok()) return ToGrpc(error_);
    const auto found = questions_.find(request->name());
    if (found == questions_.end()) {
      return ToGrpc(ErrorBuilder(absl::StatusCode::kNotFound, "REVISION_NOT_FOUND", "no such revision")
                        .Resource("greenroom.dev/Revision", request->name())
                        .Build());
    }
    *response = found->second;
    return grpc::Status::OK;
  }

  void Serve(absl::string_view name, content::v1::Question question) {
    absl::MutexLock lock(&mutex_);
    questions_[std::string(name)] = std::move(question);
  }
  void Fail(absl::Status error) {
    absl::MutexLock lock(&mutex_);
    error_ = std::move(error);
  }
  std::map<std::string, std::string> metadata() {
    absl::MutexLock lock(&mutex_);
    return metadata_;
  }
  content::v1::GetQuestionRequest last() {
    absl::MutexLock lock(&mutex_);
    return last_;
  }
  const std::string& target() const { return target_; }
  // The port is free afterwards: nothing answers there.
  void Stop() { server_.reset(); }

  std::atomic<int> calls = 0;
  std::atomic<bool> stalled = false;
  absl::Notification arrived;
  absl::Notification release;

 private:
  std::atomic<bool> told_ = false;
  absl::Mutex mutex_;
  std::map<std::string, content::v1::Question> questions_ ABSL_GUARDED_BY(mutex_);
  std::map<std::string, std::string> metadata_ ABSL_GUARDED_BY(mutex_);
  content::v1::GetQuestionRequest last_ ABSL_GUARDED_BY(mutex_);
  absl::Status error_ ABSL_GUARDED_BY(mutex_);
  RealClock clock_;
  MetricsRegistry metrics_;
  Logger log_{"content", "1", LogLevel::kError, clock_, [](absl::string_view) {}};
  std::string target_;
  std::unique_ptr<Server> server_;
};

}  // namespace greenroom::scoring

#endif  // GREENROOM_SERVICES_SCORING_TESTING_FAKE_CONTENT_H_
