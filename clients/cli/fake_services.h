// For tests: content, session and scoring as the CLI sees them, in this process, on a real port.
#ifndef GREENROOM_CLIENTS_CLI_FAKE_SERVICES_H_
#define GREENROOM_CLIENTS_CLI_FAKE_SERVICES_H_

#include <grpcpp/grpcpp.h>

#include <algorithm>
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "clients/cli/fake_content_services.h"
#include "clients/cli/fake_gradebook_service.h"
#include "clients/cli/fake_progress_service.h"
#include "clients/cli/fake_refusal.h"
#include "greenroom/scoring/v1/scoring_service.grpc.pb.h"
#include "greenroom/session/v1/gradebook_service.grpc.pb.h"
#include "greenroom/session/v1/session_service.grpc.pb.h"

namespace greenroom::cli {

// One learner's sessions over the questions `first` and `second`. Every answer is graded 70 at once, or after
// `pending_reads` reads.
class FakeSessionService final : public session::v1::SessionService::Service {
 public:
  using Context = grpc::ServerContext;

  // The next `n` calls of `method` do their work and then fail with UNAVAILABLE, as if the reply was lost.
  void LoseReplies(const std::string& method, int n) { lost_[method] = n; }
  // The next calls of `method` fail with this before they do anything.
  void RefuseNext(const std::string& method, absl::StatusCode code, const std::string& reason) {
    refused_[method] = {code, reason};
  }

  std::vector<std::string> calls;
  std::vector<session::v1::SubmitAnswerRequest> submitted;  // each id once
  std::vector<session::v1::RateAnswerRequest> rated;
  std::vector<session::v1::SaveDraftRequest> drafts;
  std::vector<session::v1::CreateSessionRequest> created;
  std::vector<session::v1::WatchSessionRequest> watched;
  std::vector<session::v1::SyncLearnerRequest> synced;
  std::map<std::string, session::v1::Session> sessions;  // by id
  // The first answer to this question adds one that follows it up; empty: none does.
  std::string follow_up_to;
  std::string authorization;
  int pending_reads = 0;
  int64_t deadline_seconds = 0;  // of sessions and their questions; 0: none

  grpc::Status CreateSession(Context* context, const session::v1::CreateSessionRequest* request,
                             session::v1::CreateSessionResponse* response) override {
    return Serve(context, "CreateSession", [&] {
      created.push_back(*request);
      session::v1::Session& session = sessions[request->session_id()];
      session.set_name(absl::StrCat("tenants/default/learners/me/sessions/", request->session_id()));
      session.set_revision("tenants/default/packs/p/revisions/r1");
      session.set_mode(request->mode());
      session.set_state(session::v1::SESSION_STATE_ACTIVE);
      session.set_assignment(request->assignment());
      if (deadline_seconds != 0) session.mutable_deadline()->set_seconds(deadline_seconds);
      for (const std::string id : {"first", "second"}) {
        const auto& wanted = request->questions();
        if (!wanted.empty() && std::find(wanted.begin(), wanted.end(), id) == wanted.end()) continue;
        auto* const question = session.add_questions();
        question->set_question(id);
        question->set_number(session.questions_size());
        question->set_state(session::v1::QUESTION_STATE_OPEN);
      }
      *response->mutable_session() = session;
      response->set_sequence(++sequence_);
      return grpc::Status::OK;
    });
  }

  grpc::Status ListSessions(Context* context, const session::v1::ListSessionsRequest* request,
                            session::v1::ListSessionsResponse* response) override {
    return Serve(context, "ListSessions", [&] {
      for (const auto& [id, session] : sessions) {
        if (request->state() == 0 || session.state() == request->state()) *response->add_sessions() = session;
      }
      return grpc::Status::OK;
    });
  }

  grpc::Status NextQuestion(Context* context, const session::v1::NextQuestionRequest* request,
                            session::v1::PresentedQuestion* response) override {
    return Serve(context, "NextQuestion", [&] {
      for (auto& question : *Find(request->session()).mutable_questions()) {
        if (request->question().empty() ? question.state() != session::v1::QUESTION_STATE_OPEN
                                        : question.question() != request->question()) {
          continue;
        }
        response->set_question(question.question());
        response->set_prompt(absl::StrCat("Prompt of ", question.question(), "?"));
        response->set_follow_up_of(question.follow_up_of());
        response->set_number(question.number());
        response->set_total(Find(request->session()).questions_size());
        response->set_minutes(4);
        if (deadline_seconds != 0) response->mutable_deadline()->set_seconds(deadline_seconds);
        response->set_kind(content::v1::QUESTION_KIND_CONCEPT);
        response->set_hints_left(1);
        response->add_tips()->set_text("A tip that applies.");
        *response->mutable_draft() = question.draft();
        return grpc::Status::OK;
      }
      return Refuse(absl::StatusCode::kFailedPrecondition, "NO_QUESTION_LEFT");
    });
  }

  grpc::Status SaveDraft(Context* context, const session::v1::SaveDraftRequest* request,
                         session::v1::SaveDraftResponse*) override {
    return Serve(context, "SaveDraft", [&] {
      drafts.push_back(*request);
      return grpc::Status::OK;
    });
  }

  grpc::Status SubmitAnswer(Context* context, const session::v1::SubmitAnswerRequest* request,
                            session::v1::SubmitAnswerResponse* response) override {
    return Serve(context, "SubmitAnswer", [&] {
      if (!Has(request->session())) return Refuse(absl::StatusCode::kNotFound, "SESSION_NOT_FOUND");
      const auto same = std::find_if(submitted.begin(), submitted.end(), [&](const auto& one) {
        return one.answer_id() == request->answer_id();
      });
      response->set_replayed(same != submitted.end());
      if (!response->replayed()) {
        submitted.push_back(*request);
        Question(request->session(), request->question()).set_state(session::v1::QUESTION_STATE_ANSWERED);
      }
      auto* const answer = response->mutable_answer();
      answer->set_name(absl::StrCat(request->session(), "/answers/", request->answer_id()));
      answer->set_attempt(1);
      response->set_sequence(++sequence_);
      if (request->question() == follow_up_to && !response->replayed()) {
        AddFollowUp(Find(request->session()));
        answer->add_follow_ups("follow-up");
      }
      Grade(answer);
      return grpc::Status::OK;
    });
  }

  grpc::Status PauseSession(Context* context, const session::v1::PauseSessionRequest* request,
                            session::v1::PauseSessionResponse* response) override {
    return Serve(context, "PauseSession", [&] {
      Find(request->name()).set_state(session::v1::SESSION_STATE_PAUSED);
      *response->mutable_session() = Find(request->name());
      return grpc::Status::OK;
    });
  }

  grpc::Status ResumeSession(Context* context, const session::v1::ResumeSessionRequest* request,
                             session::v1::ResumeSessionResponse* response) override {
    return Serve(context, "ResumeSession", [&] {
      Find(request->name()).set_state(session::v1::SESSION_STATE_ACTIVE);
      *response->mutable_session() = Find(request->name());
      return grpc::Status::OK;
    });
  }

  grpc::Status GetSessionReport(Context* context, const session::v1::GetSessionReportRequest* request,
                                session::v1::SessionReport* response) override {
    return Serve(context, "GetSessionReport", [&] {
      response->set_session(request->name());
      response->set_score(35);
      response->set_band(scoring::v1::BAND_PARTIAL);
      return grpc::Status::OK;
    });
  }

  // Carries what NextStream was given, one call of it a stream.
  grpc::Status WatchSession(Context* context, const session::v1::WatchSessionRequest* request,
                            grpc::ServerWriter<session::v1::WatchSessionResponse>* writer) override {
    grpc::Status begun = Serve(context, "WatchSession", [&] {
      watched.push_back(*request);
      return Has(request->name()) ? grpc::Status::OK
                                  : Refuse(absl::StatusCode::kNotFound, "SESSION_NOT_FOUND");
    });
    if (!begun.ok()) return begun;
    while (!context->IsCancelled()) {
      const std::lock_guard lock(mutex_);
      if (streams_.empty()) {
        if (on_silence) on_silence();
        continue;  // until it is cancelled
      }
      Stream& stream = streams_.front();
      if (stream.messages.empty()) {
        grpc::Status ended = stream.end;
        streams_.erase(streams_.begin());
        return ended;
      }
      writer->Write(stream.messages.front());
      stream.messages.erase(stream.messages.begin());
    }
    return grpc::Status::CANCELLED;
  }
  // The next stream carries these and ends so.
  void NextStream(std::vector<session::v1::WatchSessionResponse> messages, grpc::Status end) {
    streams_.push_back({std::move(messages), std::move(end)});
  }
  // Called when a stream waits and there is nothing more to tell.
  std::function<void()> on_silence;

  grpc::Status GetAnswer(Context* context, const session::v1::GetAnswerRequest* request,
                         session::v1::Answer* response) override {
    return Serve(context, "GetAnswer", [&] {
      --pending_reads;
      response->set_name(request->name());
      Grade(response);
      return grpc::Status::OK;
    });
  }

  grpc::Status TakeHint(Context* context, const session::v1::TakeHintRequest*,
                        session::v1::TakeHintResponse* response) override {
    return Serve(context, "TakeHint", [&] {
      response->set_hint("Compare two numbers.");
      response->set_number(1);
      return grpc::Status::OK;
    });
  }

  grpc::Status RevealAnswer(Context* context, const session::v1::RevealAnswerRequest* request,
                            session::v1::RevealAnswerResponse* response) override {
    return Serve(context, "RevealAnswer", [&] {
      Question(request->session(), request->question()).set_state(session::v1::QUESTION_STATE_REVEALED);
      response->mutable_reveal()->set_model_answer("The model answer.");
      for (const char* id : {"made", "missed", "other"}) {
        auto* const point = response->mutable_reveal()->add_points();
        point->set_id(id);
        point->set_point(absl::StrCat("Point ", id));
      }
      return grpc::Status::OK;
    });
  }

  grpc::Status RateAnswer(Context* context, const session::v1::RateAnswerRequest* request,
                          session::v1::RateAnswerResponse*) override {
    return Serve(context, "RateAnswer", [&] {
      rated.push_back(*request);
      return grpc::Status::OK;
    });
  }

  grpc::Status SkipQuestion(Context* context, const session::v1::SkipQuestionRequest* request,
                            session::v1::SkipQuestionResponse*) override {
    return Serve(context, "SkipQuestion", [&] {
      Question(request->session(), request->question()).set_state(session::v1::QUESTION_STATE_SKIPPED);
      return grpc::Status::OK;
    });
  }

  // Takes every item but those with the number 13. Each call tells of an answer, and says that there is more
  // until the third.
  grpc::Status SyncLearner(Context* context, const session::v1::SyncLearnerRequest* request,
                           session::v1::SyncLearnerResponse* response) override {
    return Serve(context, "SyncLearner", [&] {
      synced.push_back(*request);
      for (const session::v1::OutboxItem& item : request->items()) {
        auto* const status = response->add_statuses();
        status->set_id(item.id());
        const bool refused = item.device_seq() == 13;
        status->set_outcome(refused ? session::v1::SYNC_OUTCOME_REFUSED : session::v1::SYNC_OUTCOME_TAKEN);
        if (refused) status->set_reason("ID_REUSED");
        if (!refused) status->set_sequence(++sequence_);
      }
      auto* const answer = response->add_changes()->mutable_answer();
      answer->set_question(absl::StrCat("question-", synced.size()));
      answer->set_attempt(1);
      answer->mutable_grade()->set_state(session::v1::GRADE_STATE_PENDING);
      auto* const due = response->add_changes()->mutable_due();
      due->set_pack("tenants/default/packs/p");
      due->set_question(answer->question());
      due->mutable_due_time()->set_seconds(1785931200);
      response->set_token(absl::StrCat("token-", synced.size()));
      response->set_more(synced.size() < 3);
      response->set_reset(request->token() == "old");
      return grpc::Status::OK;
    });
  }

  grpc::Status FinishSession(Context* context, const session::v1::FinishSessionRequest* request,
                             session::v1::FinishSessionResponse* response) override {
    return Serve(context, "FinishSession", [&] {
      Find(request->name()).set_state(session::v1::SESSION_STATE_FINISHED);
      response->mutable_report()->set_score(70);
      response->mutable_report()->set_band(scoring::v1::BAND_GOOD);
      response->mutable_report()->set_answered(static_cast<int>(submitted.size()));
      return grpc::Status::OK;
    });
  }

 private:
  struct Stream {
    std::vector<session::v1::WatchSessionResponse> messages;
    grpc::Status end;
  };

  bool Has(const std::string& name) const { return sessions.contains(name.substr(name.rfind('/') + 1)); }
  static void AddFollowUp(session::v1::Session& session) {
    session::v1::Session before = session;
    session.clear_questions();
    for (const session::v1::SessionQuestion& question : before.questions()) {
      *session.add_questions() = question;
      if (question.question() != "first") continue;
      auto* const added = session.add_questions();
      added->set_question("follow-up");
      added->set_follow_up_of("first");
      added->set_state(session::v1::QUESTION_STATE_OPEN);
    }
    for (int i = 0; i < session.questions_size(); ++i) session.mutable_questions(i)->set_number(i + 1);
  }
  session::v1::Session& Find(const std::string& name) { return sessions[name.substr(name.rfind('/') + 1)]; }
  session::v1::SessionQuestion& Question(const std::string& session, const std::string& id) {
    for (auto& question : *Find(session).mutable_questions()) {
      if (question.question() == id) return question;
    }
    std::abort();
  }

  void Grade(session::v1::Answer* answer) {
    if (pending_reads > 0) {
      answer->mutable_grade()->set_state(session::v1::GRADE_STATE_PENDING);
      return;
    }
    answer->mutable_grade()->set_state(session::v1::GRADE_STATE_GRADED);
    auto* const report = answer->mutable_grade()->mutable_report();
    report->set_score(70);
    report->set_band(scoring::v1::BAND_GOOD);
    auto* const item = report->add_items();
    item->set_id("made");
    item->set_credit(1);
    item->set_weight(1);
  }

  template <typename Work>
  grpc::Status Serve(Context* context, const std::string& method, Work work) {
    const std::lock_guard lock(mutex_);
    calls.push_back(method);
    const auto header = context->client_metadata().find("authorization");
    if (header != context->client_metadata().end())
      authorization = {header->second.data(), header->second.size()};
    if (const auto refused = refused_.find(method); refused != refused_.end()) {
      const auto [code, reason] = refused->second;
      refused_.erase(refused);
      return Refuse(code, reason);
    }
    grpc::Status status = work();
    if (lost_[method] > 0) {
      --lost_[method];
      return grpc::Status(grpc::StatusCode::UNAVAILABLE, "lost");
    }
    return status;
  }

  std::mutex mutex_;
  std::map<std::string, int> lost_;
  std::map<std::string, std::pair<absl::StatusCode, std::string>> refused_;
  int64_t sequence_ = 0;
  std::vector<Stream> streams_;
};

class FakeScoringService final : public scoring::v1::ScoringService::Service {
 public:
  grpc::Status GradeAnswer(grpc::ServerContext*, const scoring::v1::GradeAnswerRequest* request,
                           scoring::v1::GradeAnswerResponse* response) override {
    graded = *request;
    response->mutable_report()->set_score(55);
    response->mutable_report()->set_band(scoring::v1::BAND_PARTIAL);
    return grpc::Status::OK;
  }
  scoring::v1::GradeAnswerRequest graded;
};

// All of them on one port.
class FakeServices {
 public:
  FakeServices() {
    grpc::ServerBuilder builder;
    int port = 0;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
    builder.RegisterService(&session);
    builder.RegisterService(&progress);
    builder.RegisterService(&content);
    builder.RegisterService(&authoring);
    builder.RegisterService(&scoring);
    builder.RegisterService(&gradebook);
    server_ = builder.BuildAndStart();
    address = absl::StrCat("127.0.0.1:", port);
  }
  ~FakeServices() { server_->Shutdown(); }

  FakeSessionService session;
  FakeProgressService progress;
  FakeGradebookService gradebook;
  FakeContentService content;
  FakeAuthoringService authoring;
  FakeScoringService scoring;
  std::string address;

 private:
  std::unique_ptr<grpc::Server> server_;
};

}  // namespace greenroom::cli

#endif  // GREENROOM_CLIENTS_CLI_FAKE_SERVICES_H_
