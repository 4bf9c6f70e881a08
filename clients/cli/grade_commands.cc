// grade: by the servers, or on this machine.
#include <fstream>
#include <iostream>
#include <iterator>
#include <optional>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "clients/cli/batch.h"
#include "clients/cli/commands.h"
#include "clients/cli/local_packs.h"
#include "clients/cli/peer.h"
#include "clients/cli/report_text.h"
#include "greenroom/content/v1/content_service.grpc.pb.h"
#include "greenroom/scoring/v1/scoring_service.grpc.pb.h"
#include "services/base/task.h"
#include "services/scoring/domain/credit_model.h"

namespace greenroom::cli {
namespace {

struct GradeOptions {
  bool local = false;
  std::string batch;
  std::string model;
  std::string pack;
  std::string question;
  std::vector<std::string> directories;
};

// Every line of `in` is answered with a line, whatever came of the ones before.
int GradeBatch(const Invocation& invocation, LocalPacks& packs, const scoring::CreditModel* model,
               std::istream& in) {
  BatchGrader grader(packs, model);
  bool all_graded = true;
  std::string line;
  for (size_t number = 1; std::getline(in, line); ++number) {
    if (absl::StripAsciiWhitespace(line).empty()) continue;
    const BatchGrader::Reply reply = grader.Grade(line, number);
    all_graded = all_graded && reply.graded;
    invocation.Print(reply.json + "\n");
  }
  return all_graded ? kExitOk : kExitFailed;
}

absl::StatusOr<scoring::CreditModel> ReadModel(const std::string& path) {
  std::ifstream file(path);
  if (!file) return absl::InvalidArgumentError(absl::StrCat("cannot read ", path));
  const std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  return scoring::CreditModel::Parse(text);
}

absl::StatusOr<scoring::v1::Report> GradeByServer(const Invocation& invocation, const GradeOptions& options,
                                                  const std::string& answer) {
  ASSIGN_OR_RETURN(Peer content, Peer::Connect(invocation, Peer::Service::kContent, Role::kAuthor));
  ASSIGN_OR_RETURN(Peer scoring, Peer::Connect(invocation, Peer::Service::kScoring, Role::kAuthor));
  using ContentStub = content::v1::ContentService::StubInterface;
  using ScoringStub = scoring::v1::ScoringService::StubInterface;
  content::v1::GetQuestionRequest get;
  get.set_name(
      absl::StrCat("tenants/-/packs/", options.pack, "/revisions/current/questions/", options.question));
  const auto content_stub = content::v1::ContentService::NewStub(content.channel());
  ASSIGN_OR_RETURN(const content::v1::Question question,
                   content.Call<ContentStub>(*content_stub, &ContentStub::GetQuestion, get));
  scoring::v1::GradeAnswerRequest grade;
  grade.set_question(question.name());
  grade.set_answer(answer);
  const auto scoring_stub = scoring::v1::ScoringService::NewStub(scoring.channel());
  ASSIGN_OR_RETURN(scoring::v1::GradeAnswerResponse response,
                   scoring.Call<ScoringStub>(*scoring_stub, &ScoringStub::GradeAnswer, grade));
  return std::move(*response.mutable_report());
}

}  // namespace

absl::StatusOr<int> RunGrade(Invocation& invocation, const std::vector<std::string>& words) {
  GradeOptions options;
  Arguments& arguments = invocation.arguments();
  arguments.Switch("local", &options.local, "grade here, without a server");
  arguments.Text("batch", "FILE", &options.batch, "JSON lines to grade, with --local; - is standard input");
  arguments.Text("model", "FILE", &options.model,
                 "with --batch: another credit model for references; \"none\" grades them by shares alone");
  arguments.Text("pack", "PACK", &options.pack, "the pack");
  arguments.Text("question", "Q", &options.question,
                 "the question's id; the answer is read from standard input");
  arguments.Texts("packs", "DIR", &options.directories, "with --local: more packs, may be given again");
  RETURN_IF_ERROR(invocation.Parse(words));
  if (!options.local && (!options.batch.empty() || !options.directories.empty())) {
    return absl::InvalidArgumentError("--batch and --packs need --local");
  }
  if (options.batch.empty() == (options.pack.empty() && options.question.empty())) {
    return absl::InvalidArgumentError("give --pack and --question, or --local --batch FILE");
  }
  if (options.batch.empty() && (options.pack.empty() || options.question.empty())) {
    return absl::InvalidArgumentError("--pack and --question belong together");
  }

  if (options.batch.empty() && !options.model.empty())
    return absl::InvalidArgumentError("--model needs --batch");

  LocalPacks packs;
  for (const std::string& directory : options.directories) RETURN_IF_ERROR(packs.Add(directory));
  if (!options.batch.empty()) {
    const scoring::CreditModel* model = &scoring::CreditModel::Shipped();
    std::optional<scoring::CreditModel> other;
    if (options.model == "none") model = nullptr;
    if (!options.model.empty() && options.model != "none") {
      ASSIGN_OR_RETURN(other, ReadModel(options.model));
      model = &*other;
    }
    if (options.batch == "-") return GradeBatch(invocation, packs, model, std::cin);
    std::ifstream file(options.batch);
    if (!file) return absl::InvalidArgumentError(absl::StrCat("cannot read ", options.batch));
    return GradeBatch(invocation, packs, model, file);
  }

  if (invocation.world().terminal.interactive()) invocation.Note("Type the answer; Ctrl-D ends it.");
  std::string answer = invocation.world().terminal.ReadAll();
  while (absl::EndsWith(answer, "\n")) answer.pop_back();
  scoring::v1::Report report;
  if (options.local) {
    ASSIGN_OR_RETURN(const scoring::CompiledQuestion* const question,
                     packs.Find(options.pack, options.question));
    report = scoring::Grade(*question, answer);
  } else {
    ASSIGN_OR_RETURN(report, GradeByServer(invocation, options, answer));
  }
  invocation.Reply(report);
  invocation.Say(RenderReport(report, answer, invocation.page()));
  return kExitOk;
}

}  // namespace greenroom::cli
