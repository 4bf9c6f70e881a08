#include "services/session/requests.h"

#include <cstdint>
#include <vector>

#include "absl/strings/str_cat.h"
#include "services/base/resource_name.h"
#include "services/base/status.h"
#include "services/base/task.h"
#include "services/base/text.h"
#include "services/base/uuid.h"
#include "services/session/errors.h"
#include "services/session/field_checks.h"

namespace greenroom::session {
namespace {

constexpr int kMaxLabels = 16;
constexpr size_t kMaxLabelKeyBytes = 64;
constexpr size_t kMaxLabelValueBytes = 256;
constexpr int kMaxClaims = 200;

std::string SequenceProblem(int64_t sequence) { return sequence < 0 ? "must not be negative" : ""; }
std::string DeviceProblem(const std::string& device) { return TextProblem(device, kMaxDeviceBytes); }

void CheckSeen(FieldErrors& errors, int64_t sequence) {
  errors.Check("seen_sequence", SequenceProblem(sequence));
}

// What all writes that name a question have.
template <typename Request>
absl::Status ValidateAct(const Request& request) {
  FieldErrors errors;
  errors.Check("question", IdProblem(request.question()));
  errors.Check("request_id", UuidProblem(request.request_id()));
  errors.Check("device", DeviceProblem(request.device()));
  CheckSeen(errors, request.seen_sequence());
  return errors.ToStatus();
}

// What all writes about a session as a whole have.
template <typename Request>
absl::Status ValidateOfSession(const Request& request) {
  FieldErrors errors;
  errors.Check("request_id", UuidProblem(request.request_id()));
  errors.Check("device", DeviceProblem(request.device()));
  CheckSeen(errors, request.seen_sequence());
  return errors.ToStatus();
}

void CheckLabels(FieldErrors& errors, const v1::CreateSessionRequest& request, const Caller& caller) {
  if (request.labels().empty()) return;
  if (!caller.roles.Intersects({Role::kInstructor, Role::kService})) {
    errors.Check("labels", "may be set by instructors and services only");
  }
  if (request.labels().size() > kMaxLabels)
    errors.Check("labels", absl::StrCat("at most ", kMaxLabels, " are allowed"));
  for (const auto& [key, value] : request.labels()) {
    errors.Check("labels", RequiredTextProblem(key, kMaxLabelKeyBytes));
    errors.Check(absl::StrCat("labels[", TruncateUtf8(key, kMaxLabelKeyBytes), "]"),
                 TextProblem(value, kMaxLabelValueBytes));
  }
}

// Limits are a mock's: nobody times practice, and an exam has its assignment's.
void CheckTimes(FieldErrors& errors, const v1::CreateSessionRequest& request) {
  const auto check = [&](absl::string_view field, bool present, const google::protobuf::Duration& limit,
                         int64_t least_seconds) {
    if (!present) return;
    if (request.mode() != v1::SESSION_MODE_MOCK) {
      errors.Check(field, "is a mock's only");
      return;
    }
    errors.Check(field, LimitProblem(limit, least_seconds));
  };
  check("time_limit", request.has_time_limit(), request.time_limit(), kLeastSessionSeconds);
  check("question_time_limit", request.has_question_time_limit(), request.question_time_limit(),
        kLeastQuestionSeconds);
}

std::string AnswerTextProblem(const std::string& text) {
  const std::string problem = RequiredTextProblem(text, kMaxAnswerBytes);
  return problem.empty() && IsBlank(text) ? "holds nothing but white space" : problem;
}

std::string RatingProblem(int rating) {
  return rating == v1::RATING_UNSPECIFIED || !v1::Rating_IsValid(rating) ? "is required" : "";
}

void CheckBegin(FieldErrors& errors, const std::string& path, const v1::OfflineSession& begin) {
  if (begin.mode() == v1::SESSION_MODE_UNSPECIFIED || !v1::SessionMode_IsValid(begin.mode())) {
    errors.Check(path + ".mode", "is required");
  }
  if (begin.questions().empty()) errors.Check(path + ".questions", "is required");
  CheckEach(errors, path + ".questions", begin.questions(), kMaxPlannedQuestions, IdProblem);
  if (begin.variants_size() != 0 && begin.variants_size() != begin.questions_size()) {
    errors.Check(path + ".variants", "must be one for each question, or none");
  }
  for (int i = 0; i < begin.variants_size() && i < kMaxPlannedQuestions; ++i) {
    if (begin.variants(i) < 0) {
      errors.Check(absl::StrCat(path, ".variants[", i, "]"), "must not be negative");
    }
  }
}

void CheckItem(FieldErrors& errors, const std::string& path, const v1::OutboxItem& item) {
  using Act = v1::OutboxItem::ActCase;
  errors.Check(path + ".id", UuidProblem(item.id()));
  errors.Check(path + ".session", UuidProblem(item.session()));
  const bool same = CanonicalUuid(item.id()) == CanonicalUuid(item.session());
  if (same != item.has_begin()) {
    errors.Check(path + ".id", item.has_begin() ? "must be the session's" : "must not be the session's");
  }
  if (!item.has_occurred_time()) errors.Check(path + ".occurred_time", "is required");
  errors.Check(path + ".occurred_time", TimestampProblem(item.occurred_time()));
  if (item.device_seq() < 1) errors.Check(path + ".device_seq", "must be positive");
  switch (item.act_case()) {
    case Act::kBegin:
      return CheckBegin(errors, path + ".begin", item.begin());
    case Act::kAnswer:
      errors.Check(path + ".answer.question", IdProblem(item.answer().question()));
      errors.Check(path + ".answer.text", AnswerTextProblem(item.answer().text()));
      errors.Check(path + ".answer.active_duration", ActiveDurationProblem(item.answer().active_duration()));
      errors.Check(path + ".answer.shown_time", TimestampProblem(item.answer().shown_time()));
      return;
    case Act::kRating:
      errors.Check(path + ".rating.question", IdProblem(item.rating().question()));
      errors.Check(path + ".rating.rating", RatingProblem(item.rating().rating()));
      if (!item.rating().answer().empty()) {
        errors.Check(path + ".rating.answer", UuidProblem(item.rating().answer()));
      }
      return CheckEach(errors, path + ".rating.claimed_points", item.rating().claimed_points(), kMaxClaims,
                       IdProblem);
    case Act::kHint:
      return errors.Check(path + ".hint.question", IdProblem(item.hint().question()));
    case Act::kReveal:
      return errors.Check(path + ".reveal.question", IdProblem(item.reveal().question()));
    case Act::kSkip:
      return errors.Check(path + ".skip.question", IdProblem(item.skip().question()));
    case Act::kFinish:
      return;
    case Act::ACT_NOT_SET:
      return errors.Check(path + ".act", "is required, and must be one that this server knows");
  }
}

absl::StatusOr<Target> Resolve(absl::string_view pattern, absl::string_view name, absl::string_view field,
                               const Caller& caller, Access access) {
  ASSIGN_OR_RETURN(const ResolvedName resolved, ResolveName(pattern, name, field, caller));
  const bool staff = (access == Access::kStaffToo && caller.roles.Has(Role::kInstructor)) ||
                     (access == Access::kOperatorToo && caller.roles.Has(Role::kOperator));
  if (!resolved.own_tenant) return error::SessionNotFound(name);
  if (!resolved.own_learner && !staff) {
    return caller.learner.empty() ? error::LearnerRequired() : error::SessionNotFound(name);
  }
  Target target;
  target.session.learner = {resolved[0], resolved[1]};
  if (resolved.ids.size() > 2) target.session.session = resolved[2];
  if (resolved.ids.size() > 3) target.answer = resolved[3];
  target.name = resolved.name;
  target.reader = resolved.own_learner ? Reader::kLearner : Reader::kStaff;
  return target;
}

}  // namespace

absl::Status Validate(const v1::CreateSessionRequest& request, const Caller& caller) {
  FieldErrors errors;
  errors.Check("session_id", UuidProblem(request.session_id()));
  if (request.mode() == v1::SESSION_MODE_UNSPECIFIED || !v1::SessionMode_IsValid(request.mode())) {
    errors.Check("mode", "is required");
  }
  CheckEach(errors, "questions", request.questions(), kMaxPlannedQuestions, IdProblem);
  if (request.has_criteria() && request.questions_size() > 0) errors.Check("criteria", "excludes questions");
  CheckCriteria(errors, "criteria.", request.criteria());
  if (!request.assignment().empty()) {
    const auto is_assigned = [&errors](absl::string_view field, bool present) {
      if (present) errors.Check(field, "is the assignment's to say");
    };
    is_assigned("questions", request.questions_size() > 0);
    is_assigned("criteria", request.has_criteria());
    is_assigned("seed", request.seed() != 0);
    is_assigned("time_limit", request.has_time_limit());
    is_assigned("question_time_limit", request.has_question_time_limit());
  }
  CheckLabels(errors, request, caller);
  CheckTimes(errors, request);
  errors.Check("device", DeviceProblem(request.device()));
  CheckSeen(errors, request.seen_sequence());
  return errors.ToStatus();
}

absl::Status Validate(const v1::GetSessionRequest& request) {
  FieldErrors errors;
  CheckSeen(errors, request.seen_sequence());
  return errors.ToStatus();
}

absl::Status Validate(const v1::ListSessionsRequest& request) {
  FieldErrors errors;
  if (request.page_size() < 0) errors.Check("page_size", "must not be negative");
  CheckSeen(errors, request.seen_sequence());
  return errors.ToStatus();
}

absl::Status Validate(const v1::NextQuestionRequest& request) {
  FieldErrors errors;
  if (!request.question().empty()) errors.Check("question", IdProblem(request.question()));
  CheckSeen(errors, request.seen_sequence());
  return errors.ToStatus();
}

absl::Status Validate(const v1::SaveDraftRequest& request) {
  FieldErrors errors;
  errors.Check("question", IdProblem(request.question()));
  errors.Check("text", TextProblem(request.text(), kMaxAnswerBytes));
  errors.Check("device", DeviceProblem(request.device()));
  CheckSeen(errors, request.seen_sequence());
  return errors.ToStatus();
}

absl::Status Validate(const v1::SubmitAnswerRequest& request) {
  FieldErrors errors;
  errors.Check("answer_id", UuidProblem(request.answer_id()));
  errors.Check("question", IdProblem(request.question()));
  errors.Check("text", AnswerTextProblem(request.text()));
  if (request.has_active_duration()) {
    errors.Check("active_duration", ActiveDurationProblem(request.active_duration()));
  }
  if (request.has_shown_time()) errors.Check("shown_time", TimestampProblem(request.shown_time()));
  errors.Check("device", DeviceProblem(request.device()));
  CheckSeen(errors, request.seen_sequence());
  return errors.ToStatus();
}

absl::Status Validate(const v1::GetAnswerRequest& request) {
  FieldErrors errors;
  CheckSeen(errors, request.seen_sequence());
  return errors.ToStatus();
}

absl::Status Validate(const v1::ListAnswersRequest& request) {
  FieldErrors errors;
  if (request.page_size() < 0) errors.Check("page_size", "must not be negative");
  if (!request.question().empty()) errors.Check("question", IdProblem(request.question()));
  CheckSeen(errors, request.seen_sequence());
  return errors.ToStatus();
}

absl::Status Validate(const v1::TakeHintRequest& request) { return ValidateAct(request); }
absl::Status Validate(const v1::RevealAnswerRequest& request) { return ValidateAct(request); }
absl::Status Validate(const v1::SkipQuestionRequest& request) { return ValidateAct(request); }

absl::Status Validate(const v1::RateAnswerRequest& request) {
  FieldErrors errors;
  errors.Check("question", IdProblem(request.question()));
  errors.Check("rating", RatingProblem(request.rating()));
  CheckEach(errors, "claimed_points", request.claimed_points(), kMaxClaims, IdProblem);
  errors.Check("request_id", UuidProblem(request.request_id()));
  errors.Check("device", DeviceProblem(request.device()));
  CheckSeen(errors, request.seen_sequence());
  return errors.ToStatus();
}

absl::Status Validate(const v1::FinishSessionRequest& request) { return ValidateOfSession(request); }
absl::Status Validate(const v1::PauseSessionRequest& request) { return ValidateOfSession(request); }
absl::Status Validate(const v1::ResumeSessionRequest& request) { return ValidateOfSession(request); }

absl::Status Validate(const v1::GetSessionReportRequest& request) {
  FieldErrors errors;
  CheckSeen(errors, request.seen_sequence());
  return errors.ToStatus();
}

absl::Status Validate(const v1::WatchSessionRequest& request) {
  FieldErrors errors;
  CheckSeen(errors, request.seen_sequence());
  return errors.ToStatus();
}

absl::Status Validate(const v1::SyncLearnerRequest& request) {
  FieldErrors errors;
  errors.Check("device", RequiredTextProblem(request.device(), kMaxDeviceBytes));
  if (request.page_size() < 0) errors.Check("page_size", "must not be negative");
  if (request.ByteSizeLong() > kMaxSyncBytes) errors.Check("items", "the request is above 256 KiB");
  if (request.items_size() > kMaxOutboxItems) {
    errors.Check("items", absl::StrCat("at most ", kMaxOutboxItems, " are allowed"));
  }
  for (int i = 0; i < request.items_size() && i < kMaxOutboxItems; ++i) {
    CheckItem(errors, absl::StrCat("items[", i, "]"), request.items(i));
  }
  return errors.ToStatus();
}

bool IsBlank(absl::string_view text) {
  // In UTF-8: NEL, NBSP; ogham space; U+2000 to U+200D, U+2028, U+2029, U+202F; U+205F, U+2060; U+3000; U+FEFF.
  static const std::vector<std::string>& kWide = *new std::vector<std::string>{
      "\xc2\x85",     "\xc2\xa0",     "\xe1\x9a\x80", "\xe2\x80\x80", "\xe2\x80\x81", "\xe2\x80\x82",
      "\xe2\x80\x83", "\xe2\x80\x84", "\xe2\x80\x85", "\xe2\x80\x86", "\xe2\x80\x87", "\xe2\x80\x88",
      "\xe2\x80\x89", "\xe2\x80\x8a", "\xe2\x80\x8b", "\xe2\x80\x8c", "\xe2\x80\x8d", "\xe2\x80\xa8",
      "\xe2\x80\xa9", "\xe2\x80\xaf", "\xe2\x81\x9f", "\xe2\x81\xa0", "\xe3\x80\x80", "\xef\xbb\xbf"};
  while (!text.empty()) {
    const unsigned char first = static_cast<unsigned char>(text[0]);
    if (first == ' ' || (first >= 9 && first <= 13)) {
      text.remove_prefix(1);
      continue;
    }
    size_t taken = 0;
    for (const std::string& space : kWide) {
      if (text.substr(0, space.size()) == space) taken = space.size();
    }
    if (taken == 0) return false;
    text.remove_prefix(taken);
  }
  return true;
}

absl::StatusOr<Target> ResolveLearner(absl::string_view name, absl::string_view field, const Caller& caller,
                                      Access access) {
  return Resolve("tenants/*/learners/*", name, field, caller, access);
}

absl::StatusOr<Target> ResolveSession(absl::string_view name, absl::string_view field, const Caller& caller,
                                      Access access) {
  return Resolve("tenants/*/learners/*/sessions/{uuid}", name, field, caller, access);
}

absl::StatusOr<Target> ResolveAnswer(absl::string_view name, absl::string_view field, const Caller& caller,
                                     Access access) {
  return Resolve("tenants/*/learners/*/sessions/{uuid}/answers/{uuid}", name, field, caller, access);
}

absl::StatusOr<v1::OutboxItem> ResolveItem(v1::OutboxItem item, absl::string_view field,
                                           const Caller& caller) {
  item.set_id(*CanonicalUuid(item.id()));
  item.set_session(*CanonicalUuid(item.session()));
  if (item.has_rating() && !item.rating().answer().empty()) {
    item.mutable_rating()->set_answer(*CanonicalUuid(item.rating().answer()));
  }
  if (item.has_begin()) {
    ASSIGN_OR_RETURN(const ResolvedName revision,
                     ResolveName("tenants/*/packs/*/revisions/*", item.begin().revision(),
                                 absl::StrCat(field, ".begin.revision"), caller));
    item.mutable_begin()->set_revision(revision.name);
  }
  return item;
}

absl::StatusOr<Source> ResolveSource(absl::string_view name, absl::string_view field, const Caller& caller) {
  constexpr absl::string_view kPack = "tenants/*/packs/*";
  absl::StatusOr<ResolvedName> revision = ResolveName("tenants/*/packs/*/revisions/*", name, field, caller);
  if (revision.ok()) {
    if (!revision->own_tenant) return error::PackNotFound(name);
    return Source{revision->name, FormatName(kPack, {(*revision)[0], (*revision)[1]}), revision->name};
  }
  absl::StatusOr<ResolvedName> pack = ResolveName(kPack, name, field, caller);
  if (!pack.ok()) return InvalidField(field, "must be the name of a pack or of a revision");
  if (!pack->own_tenant) return error::PackNotFound(name);
  return Source{pack->name, pack->name, ""};
}

absl::StatusOr<std::string> ResolveTenant(absl::string_view name, absl::string_view field,
                                          const Caller& caller) {
  ASSIGN_OR_RETURN(const ResolvedName resolved, ResolveName("tenants/*", name, field, caller));
  if (!resolved.own_tenant) return error::PackNotFound(name);
  return resolved[0];
}

absl::StatusOr<std::string> ResolvePack(absl::string_view name, absl::string_view field,
                                        const Caller& caller) {
  if (name.empty()) return std::string();
  ASSIGN_OR_RETURN(const ResolvedName resolved, ResolveName("tenants/*/packs/*", name, field, caller));
  if (!resolved.own_tenant) return error::PackNotFound(name);
  return resolved.name;
}

}  // namespace greenroom::session
