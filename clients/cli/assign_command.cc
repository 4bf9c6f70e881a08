// assign: what an instructor sets learners to do, how it went, and the release of an exam's grades.
#include <utility>

#include "absl/strings/str_cat.h"
#include "clients/cli/commands.h"
#include "clients/cli/layout.h"
#include "clients/cli/peer.h"
#include "clients/cli/session_text.h"
#include "greenroom/session/v1/gradebook_service.grpc.pb.h"
#include "services/base/task.h"

namespace greenroom::cli {
namespace {

using namespace session::v1;  // NOLINT: the API's messages are this file's vocabulary
using GradebookStub = GradebookService::StubInterface;

struct Wish {
  std::string pack;
  std::string id;
  std::string mode = "practice";
  std::string title;
  std::string opens, closes;
  std::vector<std::string> questions;
  std::vector<std::string> learners;
  double minutes = 0;
  double question_minutes = 0;
  double sessions = 0;
};

std::string NameOf(const std::string& id) { return absl::StrCat("tenants/-/assignments/", id); }

std::string ModeWord(SessionMode mode) {
  switch (mode) {
    case SESSION_MODE_MOCK:
      return "mock";
    case SESSION_MODE_EXAM:
      return "exam";
    default:
      return "practice";
  }
}

absl::Status SetTime(const std::string& flag, const std::string& text, google::protobuf::Timestamp* time) {
  absl::Time parsed;
  std::string problem;
  if (!absl::ParseTime(absl::RFC3339_full, text, &parsed, &problem)) {
    return absl::InvalidArgumentError(
        absl::StrCat("--", flag, " takes a time such as 2026-12-01T09:00:00Z: ", problem));
  }
  time->set_seconds(absl::ToUnixSeconds(parsed));
  return absl::OkStatus();
}

absl::StatusOr<CreateAssignmentRequest> RequestOf(const Wish& wish) {
  CreateAssignmentRequest request;
  request.set_parent("tenants/-");
  request.set_assignment_id(wish.id);
  Assignment& assignment = *request.mutable_assignment();
  assignment.set_title(wish.title);
  assignment.set_revision(absl::StrCat("tenants/-/packs/", wish.pack));
  if (wish.mode == "practice") {
    assignment.set_mode(SESSION_MODE_PRACTICE);
  } else if (wish.mode == "mock") {
    assignment.set_mode(SESSION_MODE_MOCK);
  } else if (wish.mode == "exam") {
    assignment.set_mode(SESSION_MODE_EXAM);
  } else {
    return absl::InvalidArgumentError("--mode is practice, mock or exam");
  }
  for (const std::string& question : wish.questions) assignment.add_questions(question);
  for (const std::string& learner : wish.learners) assignment.add_learners(learner);
  if (wish.minutes != 0)
    assignment.mutable_time_limit()->set_seconds(static_cast<int64_t>(60 * wish.minutes));
  if (wish.question_minutes != 0) {
    assignment.mutable_question_time_limit()->set_seconds(static_cast<int64_t>(60 * wish.question_minutes));
  }
  assignment.set_max_sessions(static_cast<int32_t>(wish.sessions));
  if (!wish.opens.empty()) RETURN_IF_ERROR(SetTime("opens", wish.opens, assignment.mutable_open_time()));
  if (!wish.closes.empty()) RETURN_IF_ERROR(SetTime("closes", wish.closes, assignment.mutable_close_time()));
  return request;
}

std::vector<std::string> Render(const Assignment& assignment, const Page& page) {
  std::string about = absl::StrCat(IdIn(assignment.name(), "assignments"), ": ", ModeWord(assignment.mode()),
                                   " on ", IdIn(assignment.revision(), "packs"));
  if (!assignment.title().empty()) absl::StrAppend(&about, ", ", Printable(assignment.title()));
  if (assignment.has_time_limit())
    absl::StrAppend(&about, ", ", assignment.time_limit().seconds() / 60, " minutes");
  if (assignment.learners_size() > 0)
    absl::StrAppend(&about, ", for ", assignment.learners_size(), " learners");
  if (assignment.has_release_time()) about += ", grades released";
  return Wrap(about, page.width);
}

std::vector<std::string> Render(const AssignmentResult& result, const Page& page) {
  std::string about = absl::StrCat(IdIn(result.session(), "learners"), ": ", result.answered(), " of ",
                                   result.questions(), " answered");
  if (result.has_score()) absl::StrAppend(&about, ", score ", result.score());
  if (result.pending_grades() > 0) absl::StrAppend(&about, ", ", result.pending_grades(), " grades to come");
  about += result.state() != SESSION_STATE_FINISHED ? ", open"
           : result.out_of_time()                   ? ", out of time"
                                                    : ", finished";
  if (result.released()) about += ", released";
  return Wrap(about, page.width);
}

template <typename Request, typename Response>
absl::StatusOr<Response> Call(Peer& peer, GradebookStub& stub,
                              grpc::Status (GradebookStub::*method)(grpc::ClientContext*, const Request&,
                                                                    Response*),
                              const Request& request) {
  return peer.Call<GradebookStub>(stub, method, request);
}

absl::Status List(Invocation& invocation, Peer& peer, GradebookStub& stub) {
  int count = 0;
  RETURN_IF_ERROR(ForEachPage([&](const std::string& token) -> absl::StatusOr<std::string> {
    ListAssignmentsRequest request;
    request.set_parent("tenants/-");
    request.set_page_token(token);
    ASSIGN_OR_RETURN(const ListAssignmentsResponse response,
                     Call(peer, stub, &GradebookStub::ListAssignments, request));
    for (const Assignment& assignment : response.assignments()) {
      ++count;
      invocation.Reply(assignment);
      invocation.Say(Render(assignment, invocation.page()));
    }
    return response.next_page_token();
  }));
  if (count == 0) invocation.Say("No assignments yet. `greenroom assign --pack PACK --id ID` makes one.");
  return absl::OkStatus();
}

absl::Status TellResults(Invocation& invocation, Peer& peer, GradebookStub& stub, const std::string& id) {
  int count = 0;
  RETURN_IF_ERROR(ForEachPage([&](const std::string& token) -> absl::StatusOr<std::string> {
    ListAssignmentResultsRequest request;
    request.set_parent(NameOf(id));
    request.set_page_token(token);
    ASSIGN_OR_RETURN(const ListAssignmentResultsResponse response,
                     Call(peer, stub, &GradebookStub::ListAssignmentResults, request));
    for (const AssignmentResult& result : response.results()) {
      ++count;
      invocation.Reply(result);
      invocation.Say(Render(result, invocation.page()));
    }
    return response.next_page_token();
  }));
  if (count == 0) invocation.Say("Nobody has begun it yet.");
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<int> RunAssign(Invocation& invocation, const std::vector<std::string>& words) {
  Wish wish;
  std::string results, release, remove;
  Arguments& arguments = invocation.arguments();
  arguments.Text("pack", "PACK", &wish.pack, "set learners something of this pack");
  arguments.Text("id", "ID", &wish.id, "what the assignment is called in names");
  arguments.Text("mode", "MODE", &wish.mode, "practice, mock or exam [practice]");
  arguments.Text("title", "TITLE", &wish.title, "what it is called");
  arguments.Texts("question", "Q", &wish.questions,
                  "ask this question; may come several times [all of the pack]");
  arguments.Texts("learner", "NAME", &wish.learners,
                  "set it for this learner; may come several times [everybody]");
  arguments.Text("opens", "TIME", &wish.opens, "from when on, such as 2026-12-01T09:00:00Z [at once]");
  arguments.Text("closes", "TIME", &wish.closes, "until when; open mocks and exams end then [never]");
  arguments.Number("minutes", "N", &wish.minutes, "the time of a mock or an exam");
  arguments.Number("question-minutes", "N", &wish.question_minutes, "the time of each of its questions");
  arguments.Number("sessions", "N", &wish.sessions, "how often a learner may do it [an exam once]");
  arguments.Text("results", "ID", &results, "tell how an assignment went");
  arguments.Text("release", "ID", &release, "show learners the grades of an exam");
  arguments.Text("delete", "ID", &remove, "delete an assignment; its sessions stay");
  RETURN_IF_ERROR(invocation.Parse(words));
  const int wishes = (wish.pack.empty() ? 0 : 1) + (results.empty() ? 0 : 1) + (release.empty() ? 0 : 1) +
                     (remove.empty() ? 0 : 1);
  if (wishes > 1)
    return absl::InvalidArgumentError("--pack, --results, --release and --delete exclude each other");
  if (wish.pack.empty() != wish.id.empty()) return absl::InvalidArgumentError("--pack and --id go together");
  ASSIGN_OR_RETURN(Peer peer, Peer::Connect(invocation, Peer::Service::kSession, Role::kInstructor));
  const std::unique_ptr<GradebookStub> stub = GradebookService::NewStub(peer.channel());

  if (!wish.pack.empty()) {
    ASSIGN_OR_RETURN(const CreateAssignmentRequest request, RequestOf(wish));
    ASSIGN_OR_RETURN(const Assignment made, Call(peer, *stub, &GradebookStub::CreateAssignment, request));
    invocation.Reply(made);
    invocation.Say(Render(made, invocation.page()));
  } else if (!results.empty()) {
    RETURN_IF_ERROR(TellResults(invocation, peer, *stub, results));
  } else if (!release.empty()) {
    ReleaseGradesRequest request;
    request.set_name(NameOf(release));
    ASSIGN_OR_RETURN(const Assignment released, Call(peer, *stub, &GradebookStub::ReleaseGrades, request));
    invocation.Reply(released);
    invocation.Say("Released: of finished sessions now, of the others when they end.");
  } else if (!remove.empty()) {
    DeleteAssignmentRequest request;
    request.set_name(NameOf(remove));
    RETURN_IF_ERROR(Call(peer, *stub, &GradebookStub::DeleteAssignment, request).status());
    invocation.Say("Deleted.");
  } else {
    RETURN_IF_ERROR(List(invocation, peer, *stub));
  }
  return kExitOk;
}

}  // namespace greenroom::cli
