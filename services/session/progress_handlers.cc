#include "services/session/progress_handlers.h"

#include <algorithm>
#include <bit>
#include <iterator>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <tuple>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "services/base/page_token.h"
#include "services/base/status.h"
#include "services/base/uuid.h"
#include "services/session/domain/learner_content_hash.h"
#include "services/session/domain/wire_time.h"
#include "services/session/errors.h"
#include "services/session/find_shut_packs.h"
#include "services/session/memory/calibration.h"
#include "services/session/memory/progress.h"
#include "services/session/progress_views.h"

namespace greenroom::session {
namespace {

constexpr int kDefaultDue = 50;
constexpr int kMaxDue = 200;
// How long later pages may be asked for.
constexpr absl::Duration kListAge = absl::Hours(24);
constexpr int kDefaultForecastDays = 30;
constexpr int kMaxForecastDays = 366;

// A place in the list of what is due, in the order of ListDue, and the time that the list is of.
struct DuePlace {
  absl::Time as_of;
  double priority = 0;
  std::string due_day, pack, question;

  static DuePlace Of(const DueQuestion& question, absl::Time as_of) {
    return {as_of, question.weight * (1 - question.recall), absl::FormatCivilTime(question.due_day),
            question.pack, question.question};
  }
  bool Before(const DuePlace& other) const {
    return std::tie(other.priority, due_day, pack, question) <
           std::tie(priority, other.due_day, other.pack, other.question);
  }
  std::string Encode() const {
    return absl::StrCat(absl::ToUnixMillis(as_of), " ", std::bit_cast<int64_t>(priority), " ", due_day, " ",
                        pack, " ", question);
  }
  static absl::StatusOr<DuePlace> Decode(const std::string& cursor, absl::Time now) {
    const std::vector<std::string> parts = absl::StrSplit(cursor, ' ');
    int64_t as_of = 0, priority = 0;
    if (parts.size() != 5 || !absl::SimpleAtoi(parts[0], &as_of) || !absl::SimpleAtoi(parts[1], &priority) ||
        absl::AbsDuration(now - absl::FromUnixMillis(as_of)) > kListAge) {
      return ErrorBuilder(absl::StatusCode::kInvalidArgument, "PAGE_TOKEN_INVALID", "not a page token")
          .Build();
    }
    return DuePlace{absl::FromUnixMillis(as_of), std::bit_cast<double>(priority), parts[2], parts[3],
                    parts[4]};
  }
};

v1::Learner LearnerView(const Target& target, const std::vector<Event>& own) {
  v1::Learner view;
  view.set_name(target.name);
  *view.mutable_settings() = SettingsTimeline(own).Latest().wire();
  for (const Event& event : own) {
    if (event.payload.has_settings_changed()) view.set_sequence(std::max(view.sequence(), event.seq));
  }
  return view;
}

// The settings that the request changes, with the goal's full name.
v1::LearnerSettings Masked(const v1::LearnerSettings& from, const std::vector<std::string>& fields,
                           const std::string& goal_pack) {
  v1::LearnerSettings settings = from;
  const google::protobuf::Descriptor* descriptor = v1::LearnerSettings::descriptor();
  for (int i = 0; i < descriptor->field_count(); ++i) {
    const google::protobuf::FieldDescriptor* field = descriptor->field(i);
    if (std::find(fields.begin(), fields.end(), field->name()) == fields.end()) {
      v1::LearnerSettings::GetReflection()->ClearField(&settings, field);
    }
  }
  if (!settings.goal_pack().empty()) settings.set_goal_pack(goal_pack);
  return settings;
}

v1::ImportedMemory Imported(const v1::MemoryToImport& item, const std::string& pack,
                            const fsrs::Model& model) {
  v1::ImportedMemory imported;
  imported.set_pack(pack);
  imported.set_question(item.question());
  fsrs::Memory memory = {item.fsrs().stability(), item.fsrs().difficulty()};
  if (item.has_sm2()) {
    const double retention = item.sm2().retention() == 0 ? kDefaultRetention : item.sm2().retention();
    memory = model.FromSm2(item.sm2().ease(), item.sm2().interval_days(), retention);
  }
  imported.set_stability(memory.stability);
  imported.set_difficulty(memory.difficulty);
  const google::protobuf::Timestamp& last = item.last_review_time();
  *imported.mutable_last_review_time() =
      ToTimestamp(ToWholeMillis(absl::FromUnixSeconds(last.seconds()) + absl::Nanoseconds(last.nanos())));
  imported.set_reviews(item.reviews());
  return imported;
}

std::string LastReviewedPack(const std::vector<MemoryItem>& items) {
  const auto last = std::max_element(
      items.begin(), items.end(),
      [](const MemoryItem& a, const MemoryItem& b) { return a.last_review_time < b.last_review_time; });
  return last == items.end() ? "" : last->pack;
}

template <typename Remembered>
std::vector<Remembered> OfPack(const std::vector<Remembered>& all, const std::string& pack) {
  std::vector<Remembered> some;
  std::copy_if(all.begin(), all.end(), std::back_inserter(some),
               [&](const Remembered& one) { return one.pack == pack; });
  return some;
}

}  // namespace

const PackOutline* ProgressHandlers::Remembered::Find(absl::string_view pack) const {
  const auto found = std::find_if(outlines.begin(), outlines.end(),
                                  [&](const PackOutline& outline) { return outline.pack == pack; });
  return found == outlines.end() ? nullptr : &*found;
}

std::vector<Candidate> ProgressHandlers::Remembered::Candidates() const {
  return CandidatesOf(items, outlines, settings);
}

Task<absl::StatusOr<PackOutline>> ProgressHandlers::Outline(Call& call, LearnerKey learner, std::string pack,
                                                            Freshness freshness) {
  ASSIGN_OR_CO_RETURN(const PackSummary summary,
                      parts_.catalogue.GetPack(learner, pack, freshness, call.Outgoing()));
  if (summary.visibility == content::v1::VISIBILITY_EXAM) co_return error::PackNotFound(pack);
  ASSIGN_OR_CO_RETURN(
      const std::shared_ptr<const RevisionContent> content,
      parts_.catalogue.GetRevision(std::move(learner), summary.current_revision, call.Outgoing()));
  co_return OutlineOf(std::move(pack), summary.topics, content->questions);
}

Task<absl::StatusOr<ProgressHandlers::Remembered>> ProgressHandlers::Remember(Call& call,
                                                                              const Target& target,
                                                                              std::string pack) {
  const LearnerKey& learner = target.session.learner;
  Remembered remembered;
  ASSIGN_OR_CO_RETURN(CurrentMemory memory, parts_.deriver.ReadMemory(learner, call.deadline()));
  remembered.sequence = memory.reflected;
  remembered.settings = Settings(std::move(memory.kept.settings));

  std::set<std::string> packs;
  for (const MemoryItem& item : memory.kept.items) packs.insert(item.pack);
  const std::string& goal = remembered.settings.wire().goal_pack();
  if (!goal.empty()) packs.insert(goal);
  if (!pack.empty()) packs.insert(pack);
  ASSIGN_OR_CO_RETURN(const ShutPacks shut, FindShutPacks(parts_.assignments, target, call.deadline()));
  if (shut.Shuts(pack)) co_return error::ExamOpen(pack);
  for (const std::string& one : packs) {
    if (shut.Shuts(one)) continue;
    absl::StatusOr<PackOutline> outline = co_await Outline(call, learner, one, Freshness::kMayBeStale);
    // What is deleted or an exam's cannot be practised, unless it is what was asked about.
    if (absl::IsNotFound(outline.status()) && one != pack) continue;
    if (!outline.ok()) co_return outline.status();
    remembered.outlines.push_back(*std::move(outline));
  }
  for (MemoryItem& item : memory.kept.items) {
    const PackOutline* outline = remembered.Find(item.pack);
    if (outline != nullptr && outline->Find(item.question) != nullptr) {
      remembered.items.push_back(std::move(item));
    }
  }
  co_return remembered;
}

Task<absl::StatusOr<v1::ListDueQuestionsResponse>> ProgressHandlers::ListDueQuestions(
    Call& call, const v1::ListDueQuestionsRequest& request) {
  CO_RETURN_IF_ERROR_NOW(Validate(request));
  ASSIGN_OR_CO_RETURN_NOW(const Target target,
                          ResolveLearner(request.parent(), "parent", call.caller(), Access::kStaffToo));
  ASSIGN_OR_CO_RETURN_NOW(const std::string pack, ResolvePack(request.pack(), "pack", call.caller()));
  ASSIGN_OR_CO_RETURN_NOW(const int size, PageSize(request.page_size(), kDefaultDue, kMaxDue));
  const std::vector<std::string> binding = {"due", target.name, pack};
  ASSIGN_OR_CO_RETURN_NOW(const std::string cursor, DecodePageToken(binding, request.page_token()));
  std::optional<DuePlace> after;
  if (!cursor.empty()) {
    ASSIGN_OR_CO_RETURN_NOW(after, DuePlace::Decode(cursor, parts_.clock.Now()));
  }
  const absl::Time now = after.has_value() ? after->as_of : ToWholeMillis(parts_.clock.Now());
  const LearnerKey& learner = target.session.learner;
  ASSIGN_OR_CO_RETURN(const Remembered remembered, Remember(call, target, pack));

  const Settings& settings = remembered.settings;
  const absl::CivilDay today = settings.DayOf(now);
  std::vector<Candidate> candidates = remembered.Candidates();
  // Of other packs only what was done today counts: it has taken of the day's minutes.
  std::erase_if(candidates, [&](const Candidate& candidate) {
    const bool done_today = candidate.item.has_value() && candidate.item->last_review_day == today;
    return !pack.empty() && candidate.pack != pack && !done_today;
  });
  const DueList due = ListDue(learner, candidates, settings, now);

  v1::ListDueQuestionsResponse response;
  for (const DueQuestion& question : due.questions) {
    const DuePlace place = DuePlace::Of(question, now);
    if (after.has_value() && !after->Before(place)) continue;
    if (response.questions_size() == size) {
      response.set_next_page_token(EncodePageToken(binding, after->Encode()));
      break;
    }
    *response.add_questions() = DueQuestionView(question);
    after = place;
  }
  response.set_total(static_cast<int32_t>(due.questions.size()));
  response.set_total_minutes(due.minutes);
  response.set_left_out(static_cast<int32_t>(due.left_out.size()));
  response.set_left_out_minutes(due.minutes_left_out);
  response.set_done_minutes(due.minutes_done);
  std::optional<absl::CivilDay> next;
  for (const Candidate& candidate : candidates) {
    if (!pack.empty() && candidate.pack != pack) continue;
    const std::optional<Due> when = DueOf(learner, candidate, settings, today);
    if (when.has_value() && when->day > today && (!next.has_value() || when->day < *next)) next = when->day;
  }
  if (next.has_value()) *response.mutable_next_due_time() = ToTimestamp(settings.StartOf(*next));
  response.set_sequence(remembered.sequence);
  co_return response;
}

Task<absl::StatusOr<v1::Progress>> ProgressHandlers::GetProgress(Call& call,
                                                                 const v1::GetProgressRequest& request) {
  CO_RETURN_IF_ERROR_NOW(Validate(request));
  ASSIGN_OR_CO_RETURN_NOW(const Target target, ResolveProgress(request.name(), "name", call.caller()));
  ASSIGN_OR_CO_RETURN_NOW(std::string pack, ResolvePack(request.pack(), "pack", call.caller()));
  ASSIGN_OR_CO_RETURN_NOW(const int days,
                          PageSize(request.forecast_days(), kDefaultForecastDays, kMaxForecastDays));
  const absl::Time now = parts_.clock.Now();
  const LearnerKey& learner = target.session.learner;
  ASSIGN_OR_CO_RETURN(const Remembered remembered, Remember(call, target, pack));
  absl::StatusOr<std::vector<Review>> reviews =
      co_await parts_.index.ListReviews(learner, "", call.deadline());
  if (!reviews.ok()) co_return error::OfLog(reviews.status());
  ASSIGN_OR_CO_RETURN(const std::vector<Event> own, parts_.deriver.LearnerEvents(learner, call.deadline()));

  const Settings& settings = remembered.settings;
  if (pack.empty()) pack = settings.wire().goal_pack();
  if (remembered.Find(pack) == nullptr) pack = LastReviewedPack(remembered.items);
  const std::vector<Candidate> candidates = remembered.Candidates();
  v1::Progress view;
  view.set_name(target.name);
  view.set_sequence(remembered.sequence);
  *view.mutable_streak() = StreakView(StreakOf(*reviews, SettingsTimeline(own), now));
  for (const ForecastDay& day : Forecast(learner, candidates, settings, now, days)) {
    *view.add_forecast() = ForecastDayView(day);
  }
  view.set_due(static_cast<int32_t>(ListDue(learner, candidates, settings, now).questions.size()));
  const PackOutline* outline = remembered.Find(pack);
  if (outline == nullptr) co_return view;

  view.set_pack(pack);
  const std::vector<MemoryItem> items = OfPack(remembered.items, pack);
  AddPackProgress(*outline, ProgressOf(*outline, OfPack(*reviews, pack), items, settings, now), items, view);
  const absl::CivilDay today = settings.DayOf(now);
  for (const Candidate& candidate : candidates) {
    const std::optional<Due> due = DueOf(learner, candidate, settings, today);
    const OutlineQuestion* question = candidate.pack == pack ? outline->Find(candidate.question) : nullptr;
    if (question == nullptr || !due.has_value() || due->day > today) continue;
    v1::TopicMastery& topic = *view.mutable_topics(static_cast<int>(question->topic));
    topic.set_due(topic.due() + 1);
  }
  co_return view;
}

Task<absl::StatusOr<v1::Learner>> ProgressHandlers::GetLearner(Call& call,
                                                               const v1::GetLearnerRequest& request) {
  ASSIGN_OR_CO_RETURN_NOW(const Target target,
                          ResolveLearner(request.name(), "name", call.caller(), Access::kStaffToo));
  ASSIGN_OR_CO_RETURN(const std::vector<Event> own,
                      parts_.deriver.LearnerEvents(target.session.learner, call.deadline()));
  co_return LearnerView(target, own);
}

Task<absl::StatusOr<v1::UpdateLearnerResponse>> ProgressHandlers::UpdateLearner(
    Call& call, const v1::UpdateLearnerRequest& request) {
  CO_RETURN_IF_ERROR_NOW(Validate(request));
  ASSIGN_OR_CO_RETURN_NOW(const Target target,
                          ResolveLearner(request.name(), "name", call.caller(), Access::kOwn));
  const std::vector<std::string> fields = SettingsIn(request.update_mask());
  const bool sets_goal = std::find(fields.begin(), fields.end(), "goal_pack") != fields.end();
  ASSIGN_OR_CO_RETURN_NOW(
      const std::string goal_pack,
      ResolvePack(sets_goal ? request.settings().goal_pack() : "", "settings.goal_pack", call.caller()));
  v1::EventPayload payload;
  *payload.mutable_settings_changed()->mutable_settings() = Masked(request.settings(), fields, goal_pack);
  for (const std::string& field : fields) {
    payload.mutable_settings_changed()->mutable_update_mask()->add_paths(field);
  }
  LearnerCommand command;
  command.learner = target.session.learner;
  command.event_id = *CanonicalUuid(request.request_id());
  command.content_sha256 = ContentOfUpdate(payload.settings_changed().settings(), fields);
  command.device = request.device();

  ASSIGN_OR_CO_RETURN(std::optional<LearnerWrite> written,
                      parts_.ledger.FindReplay(command, call.deadline()));
  if (!written.has_value()) {
    if (!goal_pack.empty()) {
      ASSIGN_OR_CO_RETURN(const PackOutline outline,
                          Outline(call, command.learner, goal_pack, Freshness::kCurrent));
    }
    ASSIGN_OR_CO_RETURN(written, parts_.ledger.Write(command, std::move(payload), call.deadline()));
  }
  // As of the change, whatever has been changed since.
  ASSIGN_OR_CO_RETURN(std::vector<Event> own, parts_.deriver.LearnerEvents(command.learner, call.deadline()));
  std::erase_if(own, [&](const Event& event) { return event.seq > written->event.seq; });
  v1::UpdateLearnerResponse response;
  *response.mutable_learner() = LearnerView(target, own);
  response.set_sequence(written->event.seq);
  response.set_replayed(written->replayed);
  co_return response;
}

Task<absl::Status> ProgressHandlers::CheckItems(Call& call, LearnerKey learner,
                                                const v1::ImportMemoryRequest& request,
                                                const std::vector<std::string>& packs) {
  std::map<std::string, std::shared_ptr<const RevisionContent>> current;
  for (const std::string& pack : packs) {
    if (current.contains(pack)) continue;
    ASSIGN_OR_CO_RETURN(const PackSummary summary,
                        parts_.catalogue.GetPack(learner, pack, Freshness::kCurrent, call.Outgoing()));
    if (summary.visibility == content::v1::VISIBILITY_EXAM) co_return error::PackNotFound(pack);
    ASSIGN_OR_CO_RETURN(current[pack],
                        parts_.catalogue.GetRevision(learner, summary.current_revision, call.Outgoing()));
  }
  for (int i = 0; i < request.items_size(); ++i) {
    const RevisionContent& revision = *current[packs[static_cast<size_t>(i)]];
    if (revision.Find(request.items(i).question()) == nullptr) {
      co_return error::QuestionNotFound(
          absl::StrCat(revision.name, "/questions/", request.items(i).question()));
    }
  }
  co_return absl::OkStatus();
}

Task<absl::StatusOr<v1::ImportMemoryResponse>> ProgressHandlers::ImportMemory(
    Call& call, const v1::ImportMemoryRequest& request) {
  CO_RETURN_IF_ERROR_NOW(Validate(request, parts_.clock.Now()));
  ASSIGN_OR_CO_RETURN_NOW(const Target target,
                          ResolveLearner(request.parent(), "parent", call.caller(), Access::kOwn));
  std::vector<std::string> packs;
  for (int i = 0; i < request.items_size(); ++i) {
    const std::string field = absl::StrCat("items[", i, "].pack");
    if (request.items(i).pack().empty()) co_return InvalidField(field, "is required");
    ASSIGN_OR_CO_RETURN_NOW(std::string pack, ResolvePack(request.items(i).pack(), field, call.caller()));
    packs.push_back(std::move(pack));
  }
  LearnerCommand command;
  command.learner = target.session.learner;
  command.event_id = *CanonicalUuid(request.request_id());
  command.content_sha256 = ContentOfImport(request, packs);
  command.device = request.device();

  ASSIGN_OR_CO_RETURN(std::optional<LearnerWrite> written,
                      parts_.ledger.FindReplay(command, call.deadline()));
  if (!written.has_value()) {
    CO_RETURN_IF_ERROR(CheckItems(call, command.learner, request, packs));
    ASSIGN_OR_CO_RETURN(const std::vector<Event> own,
                        parts_.deriver.LearnerEvents(command.learner, call.deadline()));
    const SettingsTimeline settings(own);
    v1::EventPayload payload;
    for (int i = 0; i < request.items_size(); ++i) {
      *payload.mutable_memory_imported()->add_items() =
          Imported(request.items(i), packs[static_cast<size_t>(i)], settings.Latest().model());
    }
    ASSIGN_OR_CO_RETURN(written, parts_.ledger.Write(command, std::move(payload), call.deadline()));
  }
  v1::ImportMemoryResponse response;
  *response.mutable_items() = written->event.payload.memory_imported().items();
  response.set_sequence(written->event.seq);
  response.set_replayed(written->replayed);
  co_return response;
}

Task<absl::StatusOr<v1::Calibration>> ProgressHandlers::GetCalibration(
    Call& call, const v1::GetCalibrationRequest& request) {
  ASSIGN_OR_CO_RETURN_NOW(const Target target,
                          ResolveLearner(request.parent(), "parent", call.caller(), Access::kStaffToo));
  ASSIGN_OR_CO_RETURN_NOW(const std::string pack, ResolvePack(request.pack(), "pack", call.caller()));
  const LearnerKey& learner = target.session.learner;
  ASSIGN_OR_CO_RETURN(const int64_t sequence, parts_.deriver.CatchUp(learner, call.deadline()));
  ASSIGN_OR_CO_RETURN(const std::vector<Event> own, parts_.deriver.LearnerEvents(learner, call.deadline()));
  absl::StatusOr<std::vector<Review>> reviews =
      co_await parts_.index.ListReviews(learner, pack, call.deadline());
  if (!reviews.ok()) co_return error::OfLog(reviews.status());
  ASSIGN_OR_CO_RETURN(const ShutPacks shut, FindShutPacks(parts_.assignments, target, call.deadline()));
  if (shut.Shuts(pack)) co_return error::ExamOpen(pack);
  std::erase_if(*reviews, [&](const Review& review) { return shut.Shuts(review.pack); });

  const SettingsTimeline settings(own);
  std::map<ItemKey, std::vector<Review>> by_item;
  for (Review& review : *reviews) by_item[{review.pack, review.question}].push_back(std::move(review));
  std::map<ItemKey, std::vector<ItemImport>> imports;
  for (ItemImport& import : ImportsOf(own)) {
    imports[{import.memory.pack(), import.memory.question()}].push_back(std::move(import));
  }
  std::vector<Prediction> predictions;
  for (auto& [key, item_reviews] : by_item) {
    const std::optional<ItemFold> fold =
        FoldItem(learner, std::move(item_reviews), std::move(imports[key]), settings);
    if (!fold.has_value()) continue;
    predictions.insert(predictions.end(), fold->predictions.begin(), fold->predictions.end());
  }
  v1::Calibration view;
  if (const std::optional<Calibration> calibration = CalibrationOf(std::move(predictions))) {
    view = CalibrationView(*calibration);
  }
  view.set_sequence(sequence);
  co_return view;
}

}  // namespace greenroom::session
