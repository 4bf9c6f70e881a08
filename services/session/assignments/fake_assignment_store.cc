#include "services/session/assignments/fake_assignment_store.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace greenroom::session {

std::vector<FakeAssignmentStore::Known> FakeAssignmentStore::Sessions() const {
  std::vector<Known> all;
  for (const LearnerKey& learner : log_.Learners()) {
    std::vector<Known> own;
    for (const Event& event : log_.Events(learner)) {
      const auto known = std::find_if(own.begin(), own.end(), [&](const Known& one) {
        return one.session.session.session == event.session;
      });
      if (event.payload.has_created() && !event.payload.created().assignment().empty()) {
        const v1::Created& created = event.payload.created();
        own.push_back({{{learner, event.session}, event.seq},
                       AssignmentIdOf(created.assignment()),
                       created.revision().substr(0, created.revision().rfind("/revisions/")),
                       created.mode() == v1::SESSION_MODE_EXAM});
      } else if (known != own.end()) {
        known->open = known->open && !event.payload.has_finished();
        known->released = known->released || event.payload.has_released();
      }
    }
    all.insert(all.end(), own.begin(), own.end());
  }
  return all;
}

Task<absl::StatusOr<InsertOutcome>> FakeAssignmentStore::Insert(std::string tenant, v1::Assignment assignment,
                                                                std::string content, absl::Time deadline) {
  CO_RETURN_IF_ERROR(gate_.Pass("Insert", deadline));
  absl::MutexLock lock(&mutex_);
  const auto [place, is_new] = assignments_.try_emplace({tenant, AssignmentIdOf(assignment.name())});
  if (!is_new) co_return place->second.content == content ? InsertOutcome::kSame : InsertOutcome::kOther;
  assignment.set_etag(absl::StrCat(++version_));
  place->second = {std::move(assignment), std::move(content)};
  co_return InsertOutcome::kInserted;
}

Task<absl::StatusOr<std::optional<v1::Assignment>>> FakeAssignmentStore::Get(std::string tenant,
                                                                             std::string assignment,
                                                                             absl::Time deadline) {
  CO_RETURN_IF_ERROR(gate_.Pass("Get", deadline));
  absl::MutexLock lock(&mutex_);
  const auto found = assignments_.find({tenant, assignment});
  if (found == assignments_.end()) co_return std::nullopt;
  co_return found->second.assignment;
}

Task<absl::StatusOr<std::vector<v1::Assignment>>> FakeAssignmentStore::List(std::string tenant,
                                                                            std::string after, int32_t limit,
                                                                            absl::Time deadline) {
  CO_RETURN_IF_ERROR(gate_.Pass("List", deadline));
  absl::MutexLock lock(&mutex_);
  std::vector<v1::Assignment> result;
  for (auto next = assignments_.upper_bound({tenant, after});
       next != assignments_.end() && next->first.first == tenant &&
       result.size() < static_cast<size_t>(limit);
       ++next) {
    result.push_back(next->second.assignment);
  }
  co_return result;
}

Task<absl::StatusOr<bool>> FakeAssignmentStore::Replace(std::string tenant, v1::Assignment assignment,
                                                        std::string etag, absl::Time deadline) {
  CO_RETURN_IF_ERROR(gate_.Pass("Replace", deadline));
  absl::MutexLock lock(&mutex_);
  const auto found = assignments_.find({tenant, AssignmentIdOf(assignment.name())});
  if (found == assignments_.end() || found->second.assignment.etag() != etag) co_return false;
  assignment.set_etag(absl::StrCat(++version_));
  found->second.assignment = std::move(assignment);
  co_return true;
}

Task<absl::StatusOr<bool>> FakeAssignmentStore::Remove(std::string tenant, std::string assignment,
                                                       std::string etag, absl::Time deadline) {
  CO_RETURN_IF_ERROR(gate_.Pass("Remove", deadline));
  absl::MutexLock lock(&mutex_);
  const auto found = assignments_.find({tenant, assignment});
  if (found == assignments_.end() || found->second.assignment.etag() != etag) co_return false;
  assignments_.erase(found);
  co_return true;
}

Task<absl::StatusOr<int32_t>> FakeAssignmentStore::CountSessions(LearnerKey learner, std::string assignment,
                                                                 absl::Time deadline) {
  CO_RETURN_IF_ERROR(gate_.Pass("CountSessions", deadline));
  const std::vector<Known> sessions = Sessions();
  co_return static_cast<int32_t>(std::count_if(sessions.begin(), sessions.end(), [&](const Known& one) {
    return one.session.session.learner == learner && one.assignment == assignment;
  }));
}

Task<absl::StatusOr<std::vector<AssignedSession>>> FakeAssignmentStore::ListSessions(
    std::string tenant, std::string assignment, AssignedSession after, int32_t limit, absl::Time deadline) {
  CO_RETURN_IF_ERROR(gate_.Pass("ListSessions", deadline));
  const auto place = [](const AssignedSession& one) {
    return std::pair(one.session.learner.learner, one.seq);
  };
  std::vector<AssignedSession> result;
  for (const Known& one : Sessions()) {
    const bool meant = one.session.session.learner.tenant == tenant && one.assignment == assignment;
    if (meant && place(one.session) > place(after) && result.size() < static_cast<size_t>(limit)) {
      result.push_back(one.session);
    }
  }
  co_return result;
}

Task<absl::StatusOr<std::vector<OpenExam>>> FakeAssignmentStore::ListOpenExams(LearnerKey learner,
                                                                               absl::Time deadline) {
  CO_RETURN_IF_ERROR(gate_.Pass("ListOpenExams", deadline));
  std::vector<OpenExam> exams;
  for (const Known& one : Sessions()) {
    const bool open = one.exam && one.open && one.session.session.learner == learner;
    if (open) exams.push_back({one.session.session.session, one.pack});
  }
  co_return exams;
}

Task<absl::StatusOr<std::vector<LearnerKey>>> FakeAssignmentStore::ListLearnersInExams(int32_t limit,
                                                                                       absl::Time deadline) {
  CO_RETURN_IF_ERROR(gate_.Pass("ListLearnersInExams", deadline));
  std::vector<LearnerKey> learners;
  for (const Known& one : Sessions()) {
    const LearnerKey& learner = one.session.session.learner;
    const bool is_new = learners.empty() || learners.back() != learner;
    if (one.exam && one.open && is_new && learners.size() < static_cast<size_t>(limit)) {
      learners.push_back(learner);
    }
  }
  co_return learners;
}

Task<absl::StatusOr<std::vector<SessionKey>>> FakeAssignmentStore::ListUnreleased(int32_t limit,
                                                                                  absl::Time deadline) {
  CO_RETURN_IF_ERROR(gate_.Pass("ListUnreleased", deadline));
  const std::vector<Known> sessions = Sessions();
  absl::MutexLock lock(&mutex_);
  std::vector<SessionKey> result;
  for (const Known& one : sessions) {
    const auto of = assignments_.find({one.session.session.learner.tenant, one.assignment});
    const bool due = of != assignments_.end() && of->second.assignment.has_release_time();
    if (due && one.exam && !one.released && result.size() < static_cast<size_t>(limit)) {
      result.push_back(one.session.session);
    }
  }
  co_return result;
}

}  // namespace greenroom::session
