// What the credit model would be asked about an answer: for training alone.
#ifndef GREENROOM_SERVICES_SCORING_DOMAIN_CREDIT_TRACE_H_
#define GREENROOM_SERVICES_SCORING_DOMAIN_CREDIT_TRACE_H_

#include <vector>

#include "absl/strings/string_view.h"
#include "services/scoring/domain/compile.h"
#include "services/scoring/domain/credit_features.h"

namespace greenroom::scoring {

// One derived point against one answer.
struct PointTrace {
  int way = 0;          // the reference it comes from, counted from 0
  int point = 0;        // counted from 0
  bool found = false;   // without it there is no credit, whatever a model says
  bool stated = false;  // in words that somebody could have said
  CreditFeatures features{};
};

// In the order of references and points. Reads the answer as Grade does.
std::vector<PointTrace> TraceCredits(const CompiledQuestion& question, absl::string_view answer);

}  // namespace greenroom::scoring

#endif  // GREENROOM_SERVICES_SCORING_DOMAIN_CREDIT_TRACE_H_
