#include "tests/bench/answers.h"

#include <algorithm>
#include <random>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"

namespace greenroom::bench {
namespace {

constexpr size_t kTexts = 256;  // of each question

struct Material {
  const char* question;
  std::vector<absl::string_view> sentences;
};

// As people speak: points in other words than the pack's, points in its words, and what is beside the matter.
const std::vector<Material>& Materials() {
  static const auto& materials = *new std::vector<Material>{
      {"overfitting",
       {"Basically the model learns the noise in the training set rather than the signal.",
        "It memorises the training examples and then performs poorly on unseen data.",
        "You see the training loss going down while the vlidation loss goes back up.",
        "There is a large gap between the training score and the held-out score.",
        "I would get more data, or augment what we have.",
        "A smaller model with fewer features has less room to learn accidents.",
        "Dropout or an L2 penalty keeps the weights in check.",
        "I use early stopping on the validation loss.", "We split off a test set and look at it once.",
        "I would never train longer and hope that it helps.",
        "In my last project this cost us two weeks before anybody noticed."}},
      {"leakage",
       {"Leakage means a feature knows something that is only written after the outcome.",
        "The offline accuracy then looks suspiciously perfect, and too good to be true.",
        "Once it is live the score drops in production.", "I would split by time instead of at random.",
        "All rows of one customer must be in the same part.",
        "Scalers and encoders are fitted on the training folds only, inside the pipeline.",
        "I ask the team who owns the table when each feild is filled in.",
        "Then I drop the strongest feature and see what is left.",
        "A single feature with all of the importance is a warning.",
        "Honestly we found ours by accident when a dashboard broke.",
        "Nothing replaces reading the raw rows for an afternoon."}},
      {"serving",
       {"I package the model with the same preprocessing code that training used.",
        "There is a timeout, and a fallback rule when the model is slow or fails.",
        "A new version first runs as a canary on a few percent of the traffic.",
        "Before that it runs in shadow and we only compare.",
        "We monitor the drift of the input features against the training data.",
        "Dashboards show p99 latency and the error rate.",
        "Every prediction is logged and later joined with its outcome.",
        "If it goes wrong we roll back to the previous version.",
        "Data, code and model versions are pinned so that we can reproduce it.",
        "An on-call engineer gets a page with a runbook.",
        "The busines owner signs off on what wrong answers may cost."}},
      {"imbalance",
       {"Accuracy is misleading here, because always saying no is nearly always right.",
        "I look at precision and recall, and at the curve between them.",
        "The threshold follows from what a false negative costs the business.",
        "Class weights in the loss make the rare rows count for more.",
        "I might oversample the minority class, but only in the training part.",
        "Folds are stratified so that each has the same share of the rare class.",
        "The scores are calibrated with isotonic regression before we use them.",
        "A simple rule is the baseline that it has to beat.",
        "Sometimes it is better to ask for more labels of the rare kind.",
        "I once shiped a model that never said yes and nobody noticed.",
        "Anomaly detection is another way to put the whole problem."}},
  };
  return materials;
}

// `words` words of the sentences in an order of its own.
std::string Compose(std::vector<absl::string_view> sentences, size_t words, std::mt19937_64& random) {
  std::shuffle(sentences.begin(), sentences.end(), random);
  std::vector<absl::string_view> text;
  for (size_t i = 0; text.size() < words; ++i) {
    for (const absl::string_view word : absl::StrSplit(sentences[i % sentences.size()], ' ')) {
      if (text.size() < words) text.push_back(word);
    }
  }
  return absl::StrJoin(text, " ");
}

}  // namespace

Answers::Answers() {
  std::mt19937_64 random(20261127);  // any number, always the same
  for (const Material& material : Materials()) {
    questions_.emplace_back(material.question);
    std::vector<std::string>& texts = texts_.emplace_back();
    for (size_t i = 0; i < kTexts; ++i)
      texts.push_back(Compose(material.sentences, kAnswerWords - 1, random));
  }
}

std::string Answers::Tell(size_t question, int64_t number) const {
  const std::vector<std::string>& texts = texts_[question];
  return absl::StrCat(texts[static_cast<size_t>(number) % texts.size()], " #", number);
}

}  // namespace greenroom::bench
