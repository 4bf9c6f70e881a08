// Where the questions to grade come from.
#ifndef GREENROOM_SERVICES_SCORING_CATALOGUE_H_
#define GREENROOM_SERVICES_SCORING_CATALOGUE_H_

#include <string>

#include "absl/status/statusor.h"
#include "greenroom/content/v1/pack.pb.h"
#include "services/base/rpc_client.h"
#include "services/base/task.h"

namespace greenroom::scoring {

// Thread-safe; does not block.
class Catalogue {
 public:
  virtual ~Catalogue() = default;

  // The FULL question of that full name, in `tenant`. Where the name's revision is `current`, the published one's, whose
  // name the reply carries; under any other name the answer never changes. The call's metadata is the catalogue's to
  // fill. Errors are fit for the client: NOT_FOUND with PACK_NOT_FOUND, REVISION_NOT_FOUND or QUESTION_NOT_FOUND;
  // UNAVAILABLE, DEPENDENCY_UNAVAILABLE where it did not answer by the call's deadline; CANCELLED.
  virtual Task<absl::StatusOr<content::v1::Question>> GetQuestion(std::string tenant, std::string name,
                                                                  OutgoingCall call) = 0;
};

}  // namespace greenroom::scoring

#endif  // GREENROOM_SERVICES_SCORING_CATALOGUE_H_
