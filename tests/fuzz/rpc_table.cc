#include "tests/fuzz/rpc_table.h"

#include <algorithm>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "services/base/check.h"
#include "services/content/methods.h"
#include "services/scoring/methods.h"
#include "services/session/gradebook_service.h"
#include "services/session/methods.h"

namespace greenroom::fuzz {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::DescriptorPool;
using google::protobuf::Message;
using google::protobuf::MessageFactory;

std::unique_ptr<Message> NewMessage(const Descriptor* type) {
  return std::unique_ptr<Message>(MessageFactory::generated_factory()->GetPrototype(type)->New());
}

Rpc MakeRpc(absl::string_view full_name) {
  const std::string dotted = absl::StrReplaceAll(full_name, {{"/", "."}});
  const auto* method = DescriptorPool::generated_pool()->FindMethodByName(dotted);
  CHECK_THAT(method != nullptr, absl::StrCat("no .proto has ", full_name));
  return {std::string(full_name), method};
}

std::vector<Rpc> ReadTables() {
  std::set<std::string> rest;
  for (const auto& table : {content::ContentMethods(), session::SessionMethods(), session::ProgressMethods(),
                            scoring::ScoringMethods(), session::GradebookMethods()}) {
    for (const MethodPolicy& method : table) rest.insert(method.full_name);
  }
  std::vector<Rpc> rpcs;
  for (const absl::string_view name : kRpcOrder) {
    CHECK_THAT(rest.erase(std::string(name)) == 1, absl::StrCat(name, " is in no table of methods"));
    rpcs.push_back(MakeRpc(name));
  }
  for (const std::string& name : rest) rpcs.push_back(MakeRpc(name));
  return rpcs;
}

}  // namespace

const std::vector<absl::string_view> kRpcOrder = {
    "greenroom.content.v1.ContentService/ListPacks",
    "greenroom.content.v1.ContentService/GetPack",
    "greenroom.content.v1.ContentService/ListQuestions",
    "greenroom.content.v1.ContentService/GetQuestion",
    "greenroom.content.v1.ContentAuthoringService/ImportPack",
    "greenroom.content.v1.ContentAuthoringService/CheckPack",
    "greenroom.content.v1.ContentAuthoringService/PublishPack",
    "greenroom.content.v1.ContentAuthoringService/ListRevisions",
    "greenroom.content.v1.ContentAuthoringService/ExportPack",
    "greenroom.session.v1.SessionService/CreateSession",
    "greenroom.session.v1.SessionService/GetSession",
    "greenroom.session.v1.SessionService/ListSessions",
    "greenroom.session.v1.SessionService/NextQuestion",
    "greenroom.session.v1.SessionService/SaveDraft",
    "greenroom.session.v1.SessionService/SubmitAnswer",
    "greenroom.session.v1.SessionService/GetAnswer",
    "greenroom.session.v1.SessionService/ListAnswers",
    "greenroom.session.v1.SessionService/TakeHint",
    "greenroom.session.v1.SessionService/RevealAnswer",
    "greenroom.session.v1.SessionService/RateAnswer",
    "greenroom.session.v1.SessionService/SkipQuestion",
    "greenroom.session.v1.SessionService/FinishSession",
    "greenroom.session.v1.SessionService/GetSessionReport",
    "greenroom.scoring.v1.ScoringService/GradeAnswer",
    "greenroom.scoring.v1.ScoringService/GradeAnswers",
    "greenroom.scoring.v1.ScoringService/ListGraders",
    "greenroom.content.v1.ContentService/SearchQuestions",
    "greenroom.content.v1.ContentService/ListPackChanges",
    "greenroom.content.v1.ContentService/DownloadPack",
    "greenroom.content.v1.ContentAuthoringService/UpdatePack",
    "greenroom.content.v1.ContentAuthoringService/DeletePack",
    "greenroom.content.v1.ContentAuthoringService/UndeletePack",
    "greenroom.session.v1.SessionService/WatchSession",
    "greenroom.session.v1.ProgressService/GetProgress",
    "greenroom.session.v1.ProgressService/ListDueQuestions",
    "greenroom.session.v1.ProgressService/GetLearner",
    "greenroom.session.v1.ProgressService/UpdateLearner",
    "greenroom.session.v1.ProgressService/ImportMemory",
    "greenroom.session.v1.ProgressService/GetCalibration",
    "greenroom.session.v1.SessionService/SyncLearner",
    "greenroom.session.v1.GradebookService/OverrideGrade",
    "greenroom.session.v1.GradebookService/CreateRegrade",
    "greenroom.session.v1.GradebookService/GetRegrade",
    "greenroom.session.v1.GradebookService/ListRegradeChanges",
    "greenroom.session.v1.GradebookService/ApplyRegrade",
    "greenroom.session.v1.GradebookService/CancelRegrade",
    "greenroom.session.v1.GradebookService/ListReviewQueue",
    "greenroom.session.v1.GradebookService/GetQuestionStats",
    "greenroom.session.v1.SessionService/PauseSession",
    "greenroom.session.v1.SessionService/ResumeSession",
    "greenroom.session.v1.GradebookService/CreateAssignment",
    "greenroom.session.v1.GradebookService/GetAssignment",
    "greenroom.session.v1.GradebookService/ListAssignments",
    "greenroom.session.v1.GradebookService/UpdateAssignment",
    "greenroom.session.v1.GradebookService/DeleteAssignment",
    "greenroom.session.v1.GradebookService/ListAssignmentResults",
    "greenroom.session.v1.GradebookService/ReleaseGrades",
    "greenroom.session.v1.ProgressService/ExportLearner",
    "greenroom.session.v1.ProgressService/EraseLearner",
    "greenroom.session.v1.GradebookService/ListRegrades",
};

std::unique_ptr<Message> Rpc::NewRequest() const { return NewMessage(method->input_type()); }
std::unique_ptr<Message> Rpc::NewReply() const { return NewMessage(method->output_type()); }

const std::vector<Rpc>& AllRpcs() {
  static const auto& rpcs = *new std::vector<Rpc>(ReadTables());
  return rpcs;
}

const Rpc& RpcOf(uint8_t byte) { return AllRpcs()[byte % AllRpcs().size()]; }

}  // namespace greenroom::fuzz
