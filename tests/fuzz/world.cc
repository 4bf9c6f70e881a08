#include "tests/fuzz/world.h"

#include <grpcpp/server_builder.h>

#include <optional>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "services/base/check.h"
#include "services/base/status_wire.h"
#include "services/content/methods.h"
#include "services/scoring/errors.h"
#include "tests/fuzz/world_packs.h"

namespace greenroom::fuzz {
namespace {

using google::protobuf::Message;

// A call that has not ended by then has hung.
constexpr absl::Duration kPatience = absl::Seconds(60);
// A stream that says nothing more for so long is waiting for something to happen, and is cancelled.
constexpr absl::Duration kQuiet = absl::Milliseconds(30);
constexpr size_t kMostMessages = 64;

std::string CredentialOf(Who who) {
  const auto credential = FakeAuthenticator::Credential;
  switch (who) {
    case Who::kAda:
      return credential("acme", "ada", {Role::kLearner});
    case Who::kBob:
      return credential("acme", "bob", {Role::kLearner});
    case Who::kAuthor:
      return credential("acme", "ann", {Role::kAuthor});
    case Who::kInstructor:
      return credential("acme", "ian", {Role::kInstructor});
    case Who::kOperator:
      return credential("acme", "", {Role::kOperator});
    case Who::kServiceForAda:
      return credential("acme", "ada", {Role::kService});
    case Who::kRival:
      return credential("rival", "eve", {Role::kLearner, Role::kAuthor, Role::kInstructor});
    case Who::kNobody:
      break;
  }
  return "Bearer nobody";
}

grpc::ByteBuffer BufferOf(const Message& message) {
  const grpc::Slice slice(message.SerializeAsString());
  return grpc::ByteBuffer(&slice, 1);
}

std::unique_ptr<Message> MessageOf(const Rpc& rpc, const grpc::ByteBuffer& buffer) {
  std::vector<grpc::Slice> slices;
  CHECK_THAT(buffer.Dump(&slices).ok(), rpc.full_name);
  std::string bytes;
  for (const grpc::Slice& slice : slices) {
    bytes.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
  }
  std::unique_ptr<Message> message = rpc.NewReply();
  // Text that is not UTF-8 fails here too.
  CHECK_THAT(message->ParseFromString(bytes), absl::StrCat(rpc.full_name, " gave what is no reply"));
  return message;
}

// Sends one or two messages and takes what comes.
class Conversation final : public grpc::ClientBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer> {
 public:
  Conversation(grpc::GenericStub& stub, const Rpc& rpc, grpc::ClientContext& context,
               const grpc::ByteBuffer& request, bool twice)
      : rpc_(rpc), context_(context), request_(request), again_(twice && rpc.method->client_streaming()) {
    stub.PrepareBidiStreamingCall(&context, "/" + rpc.full_name, {}, this);
    Send();
    StartRead(&incoming_);
    StartCall();
  }

  Reply Wait() {
    absl::MutexLock lock(&mutex_);
    size_t seen = 0;
    auto more = [this, &seen] {
      mutex_.AssertHeld();
      return done_.has_value() || messages_.size() > seen;
    };
    while (!done_.has_value()) {
      seen = messages_.size();
      const bool moved =
          mutex_.AwaitWithTimeout(absl::Condition(&more), cancelled_ || seen == 0 ? kPatience : kQuiet);
      if (moved && seen < kMostMessages) continue;
      CHECK_THAT(seen > 0 && !cancelled_, absl::StrCat(rpc_.full_name, " does not end"));
      cancelled_ = true;
      context_.TryCancel();
    }
    const bool ended_by_us = cancelled_ && done_->error_code() == grpc::StatusCode::CANCELLED;
    return {ended_by_us ? absl::OkStatus() : FromGrpc(*done_), std::move(messages_)};
  }

  void OnWriteDone(bool ok) override {
    if (ok && std::exchange(again_, false)) Send();
  }
  void OnReadDone(bool ok) override {
    if (!ok) return;
    {
      absl::MutexLock lock(&mutex_);
      messages_.push_back(MessageOf(rpc_, incoming_));
    }
    incoming_.Clear();
    StartRead(&incoming_);
  }
  void OnDone(const grpc::Status& status) override {
    absl::MutexLock lock(&mutex_);
    done_ = status;
  }

 private:
  void Send() {
    if (again_) {
      StartWrite(&request_);
    } else {
      StartWriteLast(&request_, grpc::WriteOptions());
    }
  }

  const Rpc& rpc_;
  grpc::ClientContext& context_;
  const grpc::ByteBuffer request_;
  bool again_;
  grpc::ByteBuffer incoming_;
  absl::Mutex mutex_;
  bool cancelled_ ABSL_GUARDED_BY(mutex_) = false;
  std::vector<std::unique_ptr<Message>> messages_ ABSL_GUARDED_BY(mutex_);
  std::optional<grpc::Status> done_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace

Task<absl::StatusOr<content::Grading>> NumberGrader::Grade(const Caller& /*caller*/,
                                                           const content::CheckPlan& plan,
                                                           OutgoingCall /*call*/) {
  content::Grading grading;
  for (const content::CheckTask& task : plan.tasks) {
    int score = 0;
    if (!absl::SimpleAtoi(task.answer.substr(0, 2), &score)) score = 0;
    grading.reports.emplace_back().set_score(score);
  }
  co_return grading;
}

Task<absl::StatusOr<content::v1::Question>> WorldCatalogue::GetQuestion(std::string tenant, std::string name,
                                                                        OutgoingCall /*call*/) {
  const content::v1::Question* question = FindWorldQuestion(name);
  if (question == nullptr || !absl::StartsWith(name, absl::StrCat("tenants/", tenant, "/"))) {
    co_return scoring::error::QuestionNotFound(name);
  }
  co_return *question;
}

// A watch that there is nothing to tell ends soon: time passes here as it does outside.
World::World()
    : content_(pack_grader_),
      session_({.heartbeat = absl::Milliseconds(5), .longest = absl::Milliseconds(20)}) {
  PublishPacks();
  SetGrader(true);
  grpc::ServerBuilder builder;
  builder.SetMaxReceiveMessageSize(static_cast<int>(content::kMaxSourceMessageBytes));
  for (grpc::Service* service :
       std::initializer_list<grpc::Service*>{&content_.service, &content_.authoring, &session_.service,
                                             &session_.progress_service, &session_.gradebook, &scoring_}) {
    builder.RegisterService(service);
  }
  server_ = builder.BuildAndStart();
  CHECK_THAT(server_ != nullptr, "the server does not start");
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(8 << 20);
  stub_ = std::make_unique<grpc::GenericStub>(server_->InProcessChannel(arguments));
  PractiseAs(Who::kBob, "acme", std::string(kBobWord));
  PractiseAs(Who::kRival, "rival", std::string(kRivalWord));
}

World::~World() {
  stub_.reset();
  server_->Shutdown(absl::ToChronoTime(absl::Now() + kPatience));
  server_->Wait();
}

void World::PublishPacks() {
  int requests = 0;
  for (const WorldPack& pack : WorldPacks()) {
    const Caller author{pack.tenant, "ann", "ann", {Role::kAuthor}};
    const auto key = [&requests] { return content::RequestKey{absl::StrCat("made-", ++requests), "made"}; };
    const absl::Time now = content_.clock.Now();
    const auto saved = SyncWait(
        content_.store.SaveDraft(author, pack.content, pack.revision, 0, key(), now, absl::InfiniteFuture()));
    CHECK_THAT(saved.ok(), saved.status().ToString());
    if (!pack.published) continue;
    const auto published = SyncWait(content_.store.Publish(author, pack.content.pack(), pack.revision, 0,
                                                           key(), now, absl::InfiniteFuture()));
    CHECK_THAT(published.ok(), published.status().ToString());
    session_.catalogue.Publish(pack.pack_name(), {pack.revision_name(), FullQuestions(pack)},
                               pack.content.visibility());
  }
  session_.grader.set_grading(
      [](const std::string& name, const std::string& answer) -> absl::StatusOr<scoring::v1::Report> {
        const scoring::CompiledQuestion* question = FindCompiled(name);
        if (question == nullptr) return scoring::error::QuestionNotFound(name);
        return scoring::Grade(*question, answer);
      });
}

void World::PractiseAs(Who who, const std::string& tenant, const std::string& text) {
  const std::string prefix = "greenroom.session.v1.SessionService/";
  const auto call = [&](absl::string_view method, const Message& request) {
    for (const Rpc& rpc : AllRpcs()) {
      if (rpc.full_name != absl::StrCat(prefix, method)) continue;
      const Reply reply = Call(rpc, who, request);
      CHECK_THAT(reply.status.ok(), reply.status.ToString());
    }
  };
  session::v1::CreateSessionRequest create;
  create.set_parent("tenants/-/learners/me");
  create.set_session_id(session::testing::Uuid(7));
  create.set_source(absl::StrCat("tenants/", tenant, "/packs/ml"));
  create.set_mode(session::v1::SESSION_MODE_PRACTICE);
  call("CreateSession", create);
  session::v1::SubmitAnswerRequest submit;
  submit.set_session(absl::StrCat("tenants/-/learners/me/sessions/", create.session_id()));
  submit.set_question("one");
  submit.set_answer_id(session::testing::Uuid(8));
  submit.set_text(text);
  call("SubmitAnswer", submit);
}

void World::SetGrader(bool up) {
  session_.grader.gate().Heal();
  if (!up) session_.grader.gate().Fail("Grade", absl::UnavailableError("down"));
}

void World::Advance(absl::Duration step) {
  content_.clock.Advance(step);
  session_.clock.Advance(step);
}

void World::CompleteRegrades() {
  while (session_.regrades.RunOnce()) {
  }
  while (session_.reviews.RunOnce()) {
  }
}

std::vector<session::Event> World::Events(const std::string& learner) const {
  return session_.log.Events({"acme", learner});
}

Reply World::Call(const Rpc& rpc, Who who, const Message& request, bool twice_in_stream) {
  grpc::ClientContext context;
  context.AddMetadata("authorization", CredentialOf(who));
  context.set_deadline(absl::ToChronoTime(absl::Now() + kPatience));
  const grpc::ByteBuffer outgoing = BufferOf(request);
  if (rpc.streams()) return CallStream(rpc, context, outgoing, twice_in_stream);
  grpc::ByteBuffer incoming;
  grpc::Status status;
  absl::Notification done;
  stub_->UnaryCall(&context, "/" + rpc.full_name, {}, &outgoing, &incoming, [&](grpc::Status how) {
    status = std::move(how);
    done.Notify();
  });
  done.WaitForNotification();
  Reply reply{FromGrpc(status), {}};
  if (status.ok()) reply.messages.push_back(MessageOf(rpc, incoming));
  return reply;
}

Reply World::CallStream(const Rpc& rpc, grpc::ClientContext& context, const grpc::ByteBuffer& request,
                        bool twice) {
  Conversation conversation(*stub_, rpc, context, request, twice);
  return conversation.Wait();
}

}  // namespace greenroom::fuzz
