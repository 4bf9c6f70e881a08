// The content of a command: SHA-256 over the fields that say what is meant, as the comments of the RPCs list them. Two
// requests with one id and one content are the same write. Session and kind are part of it; device, seen_sequence and
// names of the request's form are not.
#ifndef GREENROOM_SERVICES_SESSION_DOMAIN_CONTENT_HASH_H_
#define GREENROOM_SERVICES_SESSION_DOMAIN_CONTENT_HASH_H_

#include <string>

#include "absl/strings/string_view.h"
#include "greenroom/session/v1/gradebook_service.pb.h"
#include "greenroom/session/v1/session_service.pb.h"

namespace greenroom::session {

// 64 hex digits each. Ids are given in lower case and names in full; the rest is the request's. A pure function for all
// time: hashes are kept in the log.
std::string ContentOfCreate(const v1::CreateSessionRequest& request, absl::string_view source,
                            absl::string_view assignment);
// A session that was begun offline: as ContentOfCreate while every question has its prompt. `variants` is empty then.
std::string ContentOfBegin(const v1::CreateSessionRequest& request, absl::string_view revision,
                           const google::protobuf::RepeatedField<int32_t>& variants);
std::string ContentOfSubmit(const v1::SubmitAnswerRequest& request, absl::string_view session);
std::string ContentOfHint(const v1::TakeHintRequest& request, absl::string_view session);
std::string ContentOfReveal(const v1::RevealAnswerRequest& request, absl::string_view session);
std::string ContentOfRate(const v1::RateAnswerRequest& request, absl::string_view session,
                          absl::string_view answer);
std::string ContentOfSkip(const v1::SkipQuestionRequest& request, absl::string_view session);
std::string ContentOfFinish(absl::string_view session);
std::string ContentOfOverride(const v1::OverrideGradeRequest& request, absl::string_view session,
                              absl::string_view answer);
// Of the regrade as it was created: its pack, revisions, questions and what it is against, names in full.
std::string ContentOfRegrade(const v1::Regrade& regrade);
std::string ContentOfPause(absl::string_view session);
std::string ContentOfResume(absl::string_view session);

}  // namespace greenroom::session

#endif  // GREENROOM_SERVICES_SESSION_DOMAIN_CONTENT_HASH_H_
