// The plan of a session: which questions of a revision, in which order.
#ifndef GREENROOM_SERVICES_SESSION_DOMAIN_PLAN_H_
#define GREENROOM_SERVICES_SESSION_DOMAIN_PLAN_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "greenroom/content/v1/pack.pb.h"
#include "greenroom/session/v1/event.pb.h"
#include "greenroom/session/v1/session_service.pb.h"

namespace greenroom::session {

// What a mock gives a question that says no minutes.
inline constexpr int32_t kMinutesWhereNone = 5;

// Those of `candidates` that are questions of the revision standing on their own and fit `criteria`, in their order, at
// most `count` of them (0: all).
std::vector<std::string> FilterByCriteria(const std::vector<content::v1::Question>& revision,
                                          const v1::QuestionCriteria& criteria,
                                          const std::vector<std::string>& candidates);

// The limits of a mock or an exam of `created`'s questions as the request asks for them: absent ones of a mock come of the
// questions' minutes (session_service.proto), an exam then has none. Adds them to `created`.
void SetLimits(const v1::CreateSessionRequest& request, const std::vector<content::v1::Question>& revision,
               v1::Created& created);

// The ids of the questions that fit `criteria`, of those that stand on their own, in the author's order; `count` and
// `shuffle` are left to others.
std::vector<std::string> FittingQuestions(const std::vector<content::v1::Question>& revision,
                                          const v1::QuestionCriteria& criteria);

// Puts the questions in an order drawn by `seed`. Deterministic for all time: SplitMix64 (Steele, Lea, Flood 2014, figure
// 16) and the Fisher-Yates shuffle.
void ShuffleQuestions(int64_t seed, std::vector<std::string>& questions);

// The same for every learner: the first `count` (0: all) of the questions that fit, in the author's order or, where
// `shuffle` is set, in one drawn by `seed`. An empty criteria takes all.
std::vector<std::string> ResolveCriteria(const std::vector<content::v1::Question>& revision,
                                         const v1::QuestionCriteria& criteria, int64_t seed);

// The first of `questions` that is not a question of the revision standing on its own; empty where all are.
std::string FirstUnknown(const std::vector<content::v1::Question>& revision,
                         const std::vector<std::string>& questions);

// Which form of a question a session with this seed asks: 0 is its prompt, n its nth variant. Deterministic for all time,
// each form as likely as the others: SplitMix64 of the seed and the first eight bytes of the id's SHA-256, little endian.
int32_t DrawForm(int64_t seed, absl::string_view question, int32_t variants);

// The question in that form; its prompt where there is no such variant.
const std::string& PromptOf(const content::v1::Question& question, int32_t form);

}  // namespace greenroom::session

#endif  // GREENROOM_SERVICES_SESSION_DOMAIN_PLAN_H_
