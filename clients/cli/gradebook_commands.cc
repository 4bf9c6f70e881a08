// override, regrade, queue, stats: what staff do with grades.
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "clients/cli/commands.h"
#include "clients/cli/gradebook_text.h"
#include "clients/cli/layout.h"
#include "clients/cli/peer.h"
#include "clients/cli/session_text.h"
#include "greenroom/session/v1/gradebook_service.grpc.pb.h"
#include "services/base/task.h"

namespace greenroom::cli {
namespace {

using namespace session::v1;  // NOLINT: the API's messages are this file's vocabulary
using Stub = GradebookService::StubInterface;

constexpr absl::Duration kFollowPause = absl::Seconds(1);

absl::StatusOr<std::pair<std::string, std::string>> Split(const std::string& text, absl::string_view flag) {
  const std::pair<std::string, std::string> parts = absl::StrSplit(text, absl::MaxSplits('=', 1));
  if (parts.first.empty() || parts.second.empty()) {
    return absl::InvalidArgumentError(absl::StrCat("--", flag, " takes ID=VALUE"));
  }
  return parts;
}

absl::Status AddItem(const std::string& text, OverrideGradeRequest& request) {
  ASSIGN_OR_RETURN(const auto parts, Split(text, "item"));
  double credit = 0;
  if (!absl::SimpleAtod(parts.second, &credit)) {
    return absl::InvalidArgumentError("--item takes ID=CREDIT, a number from 0 to 1");
  }
  request.add_items()->set_item(parts.first);
  request.mutable_items()->rbegin()->set_credit(credit);
  return absl::OkStatus();
}

absl::Status AddFlag(const std::string& text, OverrideGradeRequest& request) {
  ASSIGN_OR_RETURN(const auto parts, Split(text, "flag"));
  if (parts.second != "yes" && parts.second != "no") {
    return absl::InvalidArgumentError("--flag takes ID=yes or ID=no");
  }
  request.add_flags()->set_flag(parts.first);
  request.mutable_flags()->rbegin()->set_raised(parts.second == "yes");
  return absl::OkStatus();
}

// A regrade's full name from its id or name.
std::string RegradeNameOf(const std::string& word) {
  return absl::StrContains(word, '/') ? word : absl::StrCat("tenants/-/regrades/", word);
}

std::string PackNameOf(const std::string& id) { return absl::StrCat("tenants/-/packs/", id); }

std::string RevisionNameOf(const std::string& pack, const std::string& word) {
  return absl::StrContains(word, '/') ? word : absl::StrCat(PackNameOf(pack), "/revisions/", word);
}

int Tell(Invocation& invocation, const Regrade& regrade) {
  invocation.Reply(regrade);
  invocation.Say(RenderRegrade(regrade, invocation.page()));
  return kExitOk;
}

bool IsAtWork(const Regrade& regrade) {
  return regrade.state() == REGRADE_STATE_COMPUTING || regrade.state() == REGRADE_STATE_APPLYING;
}

absl::StatusOr<int> ListChanges(Invocation& invocation, Peer& peer, Stub& stub, const std::string& name) {
  int64_t count = 0;
  RETURN_IF_ERROR(ForEachPage([&](const std::string& token) -> absl::StatusOr<std::string> {
    ListRegradeChangesRequest request;
    request.set_parent(name);
    request.set_page_size(500);
    request.set_page_token(token);
    ASSIGN_OR_RETURN(const ListRegradeChangesResponse response,
                     peer.Call<Stub>(stub, &Stub::ListRegradeChanges, request));
    for (const RegradeChange& change : response.changes()) {
      ++count;
      invocation.Reply(change);
      invocation.Say(RenderChange(change, invocation.page()));
    }
    return response.next_page_token();
  }));
  if (count == 0) invocation.Say("No grade changes.");
  return kExitOk;
}

absl::StatusOr<int> ListRegrades(Invocation& invocation, Peer& peer, Stub& stub, const std::string& pack) {
  int64_t count = 0;
  RETURN_IF_ERROR(ForEachPage([&](const std::string& token) -> absl::StatusOr<std::string> {
    ListRegradesRequest request;
    request.set_parent("tenants/-");
    if (!pack.empty()) request.set_pack(PackNameOf(pack));
    request.set_page_token(token);
    ASSIGN_OR_RETURN(const ListRegradesResponse response,
                     peer.Call<Stub>(stub, &Stub::ListRegrades, request));
    for (const Regrade& regrade : response.regrades()) {
      ++count;
      invocation.Reply(regrade);
      invocation.Say(RenderListedRegrade(regrade, invocation.page()));
    }
    return response.next_page_token();
  }));
  if (count == 0) invocation.Say("Nothing was graded anew.");
  return kExitOk;
}

}  // namespace

absl::StatusOr<int> RunOverride(Invocation& invocation, const std::vector<std::string>& words) {
  std::string answer, comment, note;
  std::vector<std::string> items, flags;
  double score = -1;
  Arguments& arguments = invocation.arguments();
  arguments.Word("ANSWER", &answer);
  arguments.Texts("item", "ID=CREDIT", &items,
                  "what an item of the rubric is worth, 0 to 1; may come several times");
  arguments.Texts("flag", "ID=yes|no", &flags, "whether a red flag is raised; may come several times");
  arguments.Number("score", "N", &score, "the score, 0 to 100, whatever the items say");
  arguments.Text("comment", "TEXT", &comment, "what the learner is told");
  arguments.Text("note", "TEXT", &note, "what only staff see");
  RETURN_IF_ERROR(invocation.Parse(words));
  OverrideGradeRequest request;
  request.set_answer(absl::StartsWith(answer, "tenants/") ? answer : absl::StrCat("tenants/-/", answer));
  request.set_request_id(invocation.world().rng.Uuid());
  for (const std::string& item : items) RETURN_IF_ERROR(AddItem(item, request));
  for (const std::string& flag : flags) RETURN_IF_ERROR(AddFlag(flag, request));
  if (score >= 0) {
    if (score > 100 || score != static_cast<int32_t>(score)) {
      return absl::InvalidArgumentError("--score takes a whole number from 0 to 100");
    }
    request.set_score(static_cast<int32_t>(score));
  }
  request.set_comment(comment);
  request.set_note(note);
  ASSIGN_OR_RETURN(Peer peer, Peer::Connect(invocation, Peer::Service::kSession, Role::kInstructor));
  const auto stub = GradebookService::NewStub(peer.channel());
  ASSIGN_OR_RETURN(const OverrideGradeResponse response,
                   peer.Call<Stub>(*stub, &Stub::OverrideGrade, request));
  invocation.Reply(response.answer());
  invocation.Say(RenderGrade(response.answer(), response.answer().text(), invocation.page()));
  return kExitOk;
}

absl::StatusOr<int> RunRegrade(Invocation& invocation, const std::vector<std::string>& words) {
  std::string action, subject, against;
  std::vector<std::string> revisions, questions;
  bool follow = false;
  bool calibrate = false;
  Arguments& arguments = invocation.arguments();
  arguments.Word("ACTION", &action);
  arguments.OptionalWord("PACK|REGRADE", &subject);
  arguments.Texts("revision", "R", &revisions,
                  "create: only sessions of this revision; may come several times");
  arguments.Texts("question", "Q", &questions, "create: only this question; may come several times");
  arguments.Text("against", "R", &against, "create: the revision to grade against [each answer's own]");
  arguments.Switch("calibrate", &calibrate,
                   "create: correct credits by what people decided about answers to the same question");
  arguments.Switch("follow", &follow, "stay until the server has done its part");
  RETURN_IF_ERROR(invocation.Parse(words));
  if (subject.empty() && action != "list") {
    return absl::InvalidArgumentError(action == "create" ? "PACK is missing" : "REGRADE is missing");
  }
  ASSIGN_OR_RETURN(Peer peer, Peer::Connect(invocation, Peer::Service::kSession, Role::kInstructor));
  const auto stub = GradebookService::NewStub(peer.channel());
  if (action == "list") return ListRegrades(invocation, peer, *stub, subject);
  Regrade regrade;
  if (action == "create") {
    CreateRegradeRequest request;
    request.set_parent("tenants/-");
    request.set_regrade_id(invocation.world().rng.Uuid());
    request.set_pack(PackNameOf(subject));
    for (const std::string& revision : revisions) request.add_revisions(RevisionNameOf(subject, revision));
    for (const std::string& question : questions) request.add_questions(question);
    if (!against.empty()) request.set_against(RevisionNameOf(subject, against));
    request.set_calibrate(calibrate);
    ASSIGN_OR_RETURN(const CreateRegradeResponse response,
                     peer.Call<Stub>(*stub, &Stub::CreateRegrade, request));
    regrade = response.regrade();
  } else if (action == "apply") {
    ApplyRegradeRequest request;
    request.set_name(RegradeNameOf(subject));
    ASSIGN_OR_RETURN(regrade, peer.Call<Stub>(*stub, &Stub::ApplyRegrade, request));
  } else if (action == "cancel") {
    CancelRegradeRequest request;
    request.set_name(RegradeNameOf(subject));
    ASSIGN_OR_RETURN(regrade, peer.Call<Stub>(*stub, &Stub::CancelRegrade, request));
  } else if (action == "changes") {
    return ListChanges(invocation, peer, *stub, RegradeNameOf(subject));
  } else if (action != "show") {
    return absl::InvalidArgumentError("say create, list, show, changes, apply or cancel");
  }
  GetRegradeRequest get;
  get.set_name(regrade.name().empty() ? RegradeNameOf(subject) : regrade.name());
  while (regrade.name().empty() || (follow && IsAtWork(regrade))) {
    if (!regrade.name().empty()) absl::SleepFor(kFollowPause);
    ASSIGN_OR_RETURN(regrade, peer.Call<Stub>(*stub, &Stub::GetRegrade, get));
  }
  return Tell(invocation, regrade);
}

absl::StatusOr<int> RunQueue(Invocation& invocation, const std::vector<std::string>& words) {
  std::string pack, reason;
  double most = 50;
  invocation.arguments().Text("pack", "PACK", &pack, "only answers of this pack");
  invocation.arguments().Text("reason", "WHY", &reason, "only failed, claimed or low");
  invocation.arguments().Number("most", "N", &most, "how many at most [50]");
  RETURN_IF_ERROR(invocation.Parse(words));
  ListReviewQueueRequest request;
  request.set_parent("tenants/-");
  if (!pack.empty()) request.set_pack(PackNameOf(pack));
  if (reason == "failed") {
    request.set_reason(REVIEW_REASON_FAILED);
  } else if (reason == "claimed") {
    request.set_reason(REVIEW_REASON_CLAIMED);
  } else if (reason == "low") {
    request.set_reason(REVIEW_REASON_LOW_CONFIDENCE);
  } else if (!reason.empty()) {
    return absl::InvalidArgumentError("--reason takes failed, claimed or low");
  }
  ASSIGN_OR_RETURN(Peer peer, Peer::Connect(invocation, Peer::Service::kSession, Role::kInstructor));
  const auto stub = GradebookService::NewStub(peer.channel());
  int count = 0;
  RETURN_IF_ERROR(ForEachPage([&](const std::string& token) -> absl::StatusOr<std::string> {
    request.set_page_token(token);
    ASSIGN_OR_RETURN(const ListReviewQueueResponse response,
                     peer.Call<Stub>(*stub, &Stub::ListReviewQueue, request));
    for (const ReviewItem& item : response.items()) {
      if (count >= most) return std::string();
      ++count;
      invocation.Reply(item);
      invocation.Say(RenderReviewItem(item, invocation.page()));
    }
    return response.next_page_token();
  }));
  if (count == 0) invocation.Say("Nothing waits for a person.");
  return kExitOk;
}

absl::StatusOr<int> RunStats(Invocation& invocation, const std::vector<std::string>& words) {
  std::string pack, question;
  invocation.arguments().Word("PACK", &pack);
  invocation.arguments().Word("Q", &question);
  RETURN_IF_ERROR(invocation.Parse(words));
  GetQuestionStatsRequest request;
  request.set_pack(PackNameOf(pack));
  request.set_question(question);
  ASSIGN_OR_RETURN(Peer peer, Peer::Connect(invocation, Peer::Service::kSession, Role::kInstructor));
  const auto stub = GradebookService::NewStub(peer.channel());
  ASSIGN_OR_RETURN(const QuestionStats stats, peer.Call<Stub>(*stub, &Stub::GetQuestionStats, request));
  invocation.Reply(stats);
  invocation.Say(RenderStats(stats, invocation.page()));
  return kExitOk;
}

}  // namespace greenroom::cli
