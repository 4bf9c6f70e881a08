// What the benchmarks of grading ask and answer: a question of eight points and one flag, and 80 words on it.
#ifndef GREENROOM_SERVICES_SCORING_DOMAIN_TESTING_EIGHT_POINTS_H_
#define GREENROOM_SERVICES_SCORING_DOMAIN_TESTING_EIGHT_POINTS_H_

#include "services/scoring/domain/testing/question_builder.h"

namespace greenroom::scoring {

inline content::v1::Question EightPoints() {
  content::v1::Question question = Question(
      {
          Point("noise", "The model learns noise or accidents of its training data",
                {"(memorise|memorize|learn ... by heart) ... (training|example|data)",
                 "(learn|fit|pick up) ... (noise|quirk|random)"}),
          Point("fails", "It does badly on data it has not seen",
                {"(bad|badly|poor|worse|fail) ... (new|unseen|real|test) (data|example|input|set)",
                 "(not|never|fail to) generalise"}),
          Point("gap", "Training results are much better than validation results",
                {"(training|train) (error|loss) ... (fall|drop|down) ... (validation|test) ... "
                 "(stop|rise|up|flat)",
                 "(gap|difference) ... (training|train) ... (validation|test|held-out)"}),
          Mention("more-data", "More training data",
                  {"(more|extra|additional|bigger) ... (data|dataset|example|sample)"}),
          Mention("simpler", "A simpler model or fewer features",
                  {"(simpler|smaller|shallower) ... (model|network|tree)"}),
          Mention("regularise", "Regularisation",
                  {"(regularise|regularisation|dropout|weight decay|ridge|lasso)", "(L1|L2)"}),
          Mention("stop", "Early stopping", {"early stopping", "(stop|halt) ... early"}),
          Mention("split", "Data is split into training, validation and test parts",
                  {"(split|separate|keep) ... (validation|test|train)"}),
      },
      {Flag("longer", {"train ... (longer|more epochs) ... (fix|prevent|help)"},
            {"(not|never|instead of) ... (longer|more)"})});
  question.set_prompt("Explain overfitting and how you would prevent it.");
  return question;
}

// 80 words, one in ten of them unknown or misspelt.
inline constexpr char kAnswer[] =
    "Basically the model learns the noise in the training set rather than the signal, so it looks great on "
    "what it has seen "
    "and then performs poorly on unseen data. You would see the training loss going down while the vlidation "
    "loss goes back "
    "up at some point. I would get more data or augment it, add dropout or an L2 penalty, use early "
    "stopping, and do k-fold "
    "to pick the hyperparameters, then check once on a seperate test set at the very end.";

}  // namespace greenroom::scoring

#endif  // GREENROOM_SERVICES_SCORING_DOMAIN_TESTING_EIGHT_POINTS_H_
