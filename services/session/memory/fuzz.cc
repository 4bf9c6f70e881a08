#include "services/session/memory/fuzz.h"

#include <string>

#include "services/session/domain/digest.h"
#include "services/session/fsrs/interval.h"

namespace greenroom::session {

double FuzzOf(const LearnerKey& learner, absl::string_view pack, absl::string_view question, int64_t count) {
  const absl::string_view id = pack.substr(pack.rfind('/') + 1);  // npos + 1 is 0
  const std::string digest = Sha256(fsrs::FuzzSeed(learner.tenant, learner.learner, {id.data(), id.size()},
                                                   {question.data(), question.size()}, count));
  return fsrs::FuzzOf({reinterpret_cast<const unsigned char*>(digest.data()), digest.size()});
}

}  // namespace greenroom::session
