#include "services/scoring/service.h"

#include <chrono>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "services/base/auth/jose.h"
#include "services/base/resource_name.h"
#include "services/base/status_wire.h"
#include "services/scoring/domain/language.h"
#include "services/scoring/errors.h"
#include "services/scoring/request_checks.h"

namespace greenroom::scoring {
namespace {

constexpr absl::string_view kQuestionName = "tenants/*/packs/*/revisions/*/questions/*";
constexpr absl::string_view kCurrent = "current";
// Of what is left of a call, the share that the catalogue may take: the rest is for telling the client that it did not
// answer.
constexpr double kCatalogueShare = 0.8;

std::string Method(absl::string_view name) {
  return absl::StrCat("greenroom.scoring.v1.ScoringService/", name);
}

std::vector<double> ScoreBuckets() {
  std::vector<double> buckets;
  for (int score = 0; score <= 100; score += 10) buckets.push_back(score);
  return buckets;
}

std::vector<GradedAnswer> GradedAnswersOf(const v1::GradeAnswerRequest& request) {
  std::vector<GradedAnswer> graded;
  for (const v1::GradedAnswer& one : request.graded()) {
    graded.push_back({one.answer(), one.score() / 100.0, {one.credits().begin(), one.credits().end()}});
  }
  return graded;
}

// The name of a stored question that is corrected by these answers: no other set of answers has it.
std::string CalibratedName(absl::string_view question, const std::vector<GradedAnswer>& graded) {
  std::string bytes;
  for (const GradedAnswer& one : graded) {
    absl::StrAppend(&bytes, one.answer.size(), " ", one.answer, one.score, " ", one.points.size());
    for (const auto& [item, credit] : one.points) {
      absl::StrAppend(&bytes, " ", item.size(), " ", item, absl::StrFormat("%.17g", credit));
    }
    bytes.push_back('\n');
  }
  return absl::StrCat(question, "#", absl::BytesToHexString(auth::Sha256(bytes)));
}

}  // namespace

ScoringServiceImpl::ScoringServiceImpl(const RpcRuntime& runtime, const MethodTable& methods,
                                       Catalogue& catalogue, RubricCache& cache, MetricsRegistry& metrics)
    : runtime_(runtime),
      methods_(methods),
      catalogue_(catalogue),
      cache_(cache),
      grade_seconds_(
          metrics.GetHistogram("grade_seconds", "Time to grade one answer, without fetching its question.",
                               {0.00005, 0.0001, 0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.05, 0.1, 1},
                               {{"grader", std::string(kGraderName)}})),
      grade_score_(metrics.GetHistogram("grade_score", "Scores given.", ScoreBuckets(),
                                        {{"grader", std::string(kGraderName)}})),
      ungraded_(metrics.GetCounter("grade_ungraded_total", "Answers left without a score, by why.",
                                   {{"reason", "language"}})) {}

ScoringServiceImpl::~ScoringServiceImpl() = default;

grpc::ServerUnaryReactor* ScoringServiceImpl::GradeAnswer(grpc::CallbackServerContext* context,
                                                          const v1::GradeAnswerRequest* request,
                                                          v1::GradeAnswerResponse* response) {
  return ServeUnary(runtime_, methods_.Get(Method("GradeAnswer")), context, request, response,
                    [this, request](Call& call) { return GradeOne(call, *request); });
}

grpc::ServerBidiReactor<v1::GradeAnswersRequest, v1::GradeAnswersResponse>* ScoringServiceImpl::GradeAnswers(
    grpc::CallbackServerContext* context) {
  return ServeBidi<v1::GradeAnswersRequest, v1::GradeAnswersResponse>(
      runtime_, methods_.Get(Method("GradeAnswers")), context,
      [this](Call& call, v1::GradeAnswersRequest item) { return GradeItem(call, std::move(item)); });
}

grpc::ServerUnaryReactor* ScoringServiceImpl::ListGraders(grpc::CallbackServerContext* context,
                                                          const v1::ListGradersRequest* request,
                                                          v1::ListGradersResponse* response) {
  return ServeUnary(runtime_, methods_.Get(Method("ListGraders")), context, request, response,
                    [this](Call&) { return DescribeGraders(); });
}

Task<absl::StatusOr<v1::GradeAnswerResponse>> ScoringServiceImpl::GradeOne(
    Call& call, const v1::GradeAnswerRequest& request) {
  v1::GradeAnswerResponse response;
  ASSIGN_OR_CO_RETURN(*response.mutable_report(), GradeRequest(call, request, ""));
  co_return response;
}

Task<absl::StatusOr<v1::GradeAnswersResponse>> ScoringServiceImpl::GradeItem(Call& call,
                                                                             v1::GradeAnswersRequest item) {
  v1::GradeAnswersResponse response;
  response.set_id(item.id());
  const absl::Status checked = CheckGradeAnswersItem(item);
  if (!checked.ok()) {
    // An id that cannot be repeated is not.
    if (item.id().size() > 128) response.clear_id();
    *response.mutable_error() = ItemError(call, checked);
    co_return response;
  }
  absl::StatusOr<v1::Report> report = co_await GradeRequest(call, item.request(), "request.");
  if (report.ok()) {
    *response.mutable_report() = *std::move(report);
  } else {
    *response.mutable_error() = ItemError(call, report.status());
  }
  co_return response;
}

Task<absl::StatusOr<v1::ListGradersResponse>> ScoringServiceImpl::DescribeGraders() {
  v1::ListGradersResponse response;
  v1::Grader& grader = *response.add_graders();
  grader.set_name(std::string(kGraderName));
  grader.set_champion(true);
  grader.set_description(
      "Accepted phrases, words and WordNet synonyms of each point, polarity, STAR parts and shapes; no "
      "trained model.");
  grader.add_languages("en");
  for (absl::string_view language : LimitedLanguages()) grader.add_limited_languages(std::string(language));
  co_return response;
}

Task<absl::StatusOr<v1::Report>> ScoringServiceImpl::GradeRequest(Call& call,
                                                                  const v1::GradeAnswerRequest& request,
                                                                  absl::string_view prefix) {
  CO_RETURN_IF_ERROR_NOW(CheckGradeAnswer(request, prefix));
  if (!request.grader().empty() && request.grader() != kGraderName)
    co_return error::GraderNotFound(request.grader());
  ASSIGN_OR_CO_RETURN(Compiled question, FindQuestion(call, request, prefix));
  if (!request.graded().empty()) question = FindCalibrated(*question, request);
  co_return Measure(*question, request.answer());
}

Task<absl::StatusOr<ScoringServiceImpl::Compiled>> ScoringServiceImpl::FindQuestion(
    Call& call, const v1::GradeAnswerRequest& request, absl::string_view prefix) {
  if (request.subject_case() == v1::GradeAnswerRequest::kQuestion) {
    const std::string field = absl::StrCat(prefix, "question");
    absl::StatusOr<Compiled> stored = co_await FindStored(call, request.question(), field);
    co_return stored;
  }
  const bool is_inline = request.subject_case() == v1::GradeAnswerRequest::kInlineQuestion;
  absl::StatusOr<CompiledQuestion> compiled = absl::UnknownError("");
  if (is_inline) {
    content::v1::Question question = request.inline_question();
    question.clear_name();  // OUTPUT_ONLY: a report of an inline question names none
    compiled = Compile(question);
  } else {
    const v1::ReferenceQuestion& reference = request.reference_question();
    const std::vector<std::string> references(reference.references().begin(), reference.references().end());
    compiled = CompileReference(reference.question(), references, reference.language());
  }
  if (!compiled.ok()) {
    co_return error::QuestionNotGradable(
        absl::StrCat(prefix, is_inline ? "inline_question" : "reference_question"),
        compiled.status().message());
  }
  co_return std::make_shared<const CompiledQuestion>(*std::move(compiled));
}

Task<absl::StatusOr<ScoringServiceImpl::Compiled>> ScoringServiceImpl::FindStored(Call& call,
                                                                                  const std::string& name,
                                                                                  std::string field) {
  ASSIGN_OR_CO_RETURN_NOW(const ResolvedName resolved,
                          ResolveName(kQuestionName, name, field, call.caller()));
  if (!resolved.own_tenant) co_return error::QuestionNotFound(name);
  const bool current = resolved[2] == kCurrent;
  if (!current) {
    if (Compiled known = cache_.Find(resolved.name)) co_return known;
  }
  const absl::Duration left = call.deadline() - absl::Now();
  ASSIGN_OR_CO_RETURN(
      const content::v1::Question question,
      catalogue_.GetQuestion(resolved[0], resolved.name, call.Outgoing().Within(left * kCatalogueShare)));
  if (current) {
    if (Compiled known = cache_.Find(question.name())) co_return known;
  }
  absl::StatusOr<CompiledQuestion> compiled = Compile(question);
  if (!compiled.ok())
    co_return error::StoredQuestionNotGradable(question.name(), compiled.status().message());
  const Compiled kept = std::make_shared<const CompiledQuestion>(*std::move(compiled));
  cache_.Put(question.name(), kept);
  co_return kept;
}

ScoringServiceImpl::Compiled ScoringServiceImpl::FindCalibrated(const CompiledQuestion& question,
                                                                const v1::GradeAnswerRequest& request) {
  const std::vector<GradedAnswer> graded = GradedAnswersOf(request);
  const bool stored = !question.name().empty();
  const std::string key = stored ? CalibratedName(question.name(), graded) : "";
  if (stored) {
    if (Compiled known = cache_.Find(key)) return known;
  }
  Compiled calibrated = std::make_shared<const CompiledQuestion>(Calibrated(question, graded));
  if (stored) cache_.Put(key, calibrated);
  return calibrated;
}

v1::Report ScoringServiceImpl::Measure(const CompiledQuestion& question, absl::string_view answer) {
  const auto started = std::chrono::steady_clock::now();
  v1::Report report = Grade(question, answer);
  grade_seconds_.Observe(std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count());
  if (report.has_score()) {
    grade_score_.Observe(report.score());
  } else {
    ungraded_.Increment();
  }
  return report;
}

// The same details as an error of a call has, inside the stream.
google::rpc::Status ScoringServiceImpl::ItemError(const Call& call, const absl::Status& status) {
  const absl::Status told = ForClient(status, call.request_id());
  if (told.code() == absl::StatusCode::kInternal) {
    runtime_.log.Error("grading an item failed",
                       {{"error_id", call.request_id()}, {"status", status.ToString()}});
  }
  google::rpc::Status error;
  error.ParseFromString(ToGrpc(told).error_details());
  return error;
}

}  // namespace greenroom::scoring
