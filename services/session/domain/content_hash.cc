#include "services/session/domain/content_hash.h"

#include <cmath>
#include <map>

#include "services/session/domain/digest.h"

namespace greenroom::session {
namespace {

FieldBytes Command(absl::string_view kind, absl::string_view session) {
  FieldBytes fields;
  fields.Add(kind).Add(session);
  return fields;
}

std::string Hash(const FieldBytes& fields) { return Sha256Hex(fields.bytes()); }

template <typename Strings>
void AddAll(FieldBytes& fields, const Strings& strings) {
  fields.Add(static_cast<int64_t>(strings.size()));
  for (const std::string& one : strings) fields.Add(absl::string_view(one));
}

// Absence is another content than zero.
template <typename Time>
void AddTime(FieldBytes& fields, bool present, const Time& time) {
  fields.Add(int64_t{present});
  if (present) fields.Add(time.seconds()).Add(int64_t{time.nanos()});
}

}  // namespace

std::string ContentOfCreate(const v1::CreateSessionRequest& request, absl::string_view source,
                            absl::string_view assignment) {
  FieldBytes fields = Command("created", source);
  fields.Add(int64_t{request.mode()});
  AddAll(fields, request.questions());
  fields.Add(int64_t{request.has_criteria()});
  const v1::QuestionCriteria& criteria = request.criteria();
  AddAll(fields, criteria.topics());
  fields.Add(int64_t{criteria.kinds_size()});
  for (int kind : criteria.kinds()) fields.Add(int64_t{kind});
  AddAll(fields, criteria.tags());
  fields.Add(int64_t{criteria.min_difficulty()}).Add(int64_t{criteria.max_difficulty()});
  fields.Add(int64_t{criteria.count()}).Add(int64_t{criteria.shuffle()});
  fields.Add(int64_t{request.seed()}).Add(assignment);
  const std::map<std::string, std::string> labels(request.labels().begin(), request.labels().end());
  for (const auto& [key, value] : labels) fields.Add(key).Add(value);
  // Absent where neither is set: so it was before there were such, and ids live as long as the log. Labels come in pairs,
  // so one field more is none of theirs.
  const int64_t ways = int64_t{request.no_follow_ups()} | int64_t{request.vary_prompts()} << 1;
  if (ways != 0) fields.Add(ways);
  // Only mocks have limits, and practice has the form it had.
  if (request.mode() == v1::SESSION_MODE_MOCK) {
    fields.Add(static_cast<int64_t>(labels.size()));
    AddTime(fields, request.has_time_limit(), request.time_limit());
    AddTime(fields, request.has_question_time_limit(), request.question_time_limit());
  }
  return Hash(fields);
}

std::string ContentOfBegin(const v1::CreateSessionRequest& request, absl::string_view revision,
                           const google::protobuf::RepeatedField<int32_t>& variants) {
  std::string online = ContentOfCreate(request, revision, "");
  if (variants.empty()) return online;
  FieldBytes fields = Command("begun", online);
  for (const int32_t form : variants) fields.Add(int64_t{form});
  return Hash(fields);
}

std::string ContentOfSubmit(const v1::SubmitAnswerRequest& request, absl::string_view session) {
  FieldBytes fields = Command("submitted", session);
  fields.Add(request.question()).Add(request.text());
  fields.Add(int64_t{request.confidence()}).Add(int64_t{request.input()});
  AddTime(fields, request.has_active_duration(), request.active_duration());
  AddTime(fields, request.has_shown_time(), request.shown_time());
  return Hash(fields);
}

std::string ContentOfHint(const v1::TakeHintRequest& request, absl::string_view session) {
  return Hash(Command("hint_taken", session).Add(request.question()));
}

std::string ContentOfReveal(const v1::RevealAnswerRequest& request, absl::string_view session) {
  return Hash(Command("revealed", session).Add(request.question()));
}

std::string ContentOfRate(const v1::RateAnswerRequest& request, absl::string_view session,
                          absl::string_view answer) {
  FieldBytes fields = Command("rated", session);
  fields.Add(request.question()).Add(answer).Add(int64_t{request.rating()});
  AddAll(fields, request.claimed_points());
  return Hash(fields);
}

std::string ContentOfSkip(const v1::SkipQuestionRequest& request, absl::string_view session) {
  return Hash(Command("skipped", session).Add(request.question()));
}

std::string ContentOfFinish(absl::string_view session) { return Hash(Command("finished", session)); }

std::string ContentOfOverride(const v1::OverrideGradeRequest& request, absl::string_view session,
                              absl::string_view answer) {
  FieldBytes fields = Command("overridden", session);
  fields.Add(answer).Add(int64_t{request.items_size()});
  for (const v1::ItemDecision& item : request.items()) {
    fields.Add(item.item()).Add(int64_t{std::llround(item.credit() * 100)});
  }
  fields.Add(int64_t{request.flags_size()});
  for (const v1::FlagDecision& flag : request.flags()) fields.Add(flag.flag()).Add(int64_t{flag.raised()});
  fields.Add(int64_t{request.has_score()}).Add(int64_t{request.score()});
  fields.Add(request.comment()).Add(request.note());
  return Hash(fields);
}

std::string ContentOfRegrade(const v1::Regrade& regrade) {
  FieldBytes fields = Command("regrade", regrade.pack());
  AddAll(fields, regrade.revisions());
  AddAll(fields, regrade.questions());
  fields.Add(regrade.against());
  if (regrade.calibrate()) fields.Add(int64_t{1});  // absent where it is not: so it was before there was such
  return Hash(fields);
}

std::string ContentOfPause(absl::string_view session) { return Hash(Command("paused", session)); }

std::string ContentOfResume(absl::string_view session) { return Hash(Command("resumed", session)); }

}  // namespace greenroom::session
