// Stems, spelling, WordNet and the vocabulary.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>

#include "services/scoring/domain/stem.h"
#include "services/scoring/domain/vocabulary.h"
#include "services/scoring/domain/wordnet.h"

namespace greenroom::scoring {
namespace {

TEST(StemTest, JoinsFormsAndSpellings) {
  Stemmer stemmer("en");
  const auto stem = [&](absl::string_view word) { return std::string(stemmer.Stem(word)); };
  for (const auto& [a, b] :
       std::initializer_list<std::pair<const char*, const char*>>{{"regularise", "regularization"},
                                                                  {"regularised", "regularizing"},
                                                                  {"optimiser", "optimizing"},
                                                                  {"behaviour", "behaviors"},
                                                                  {"modelling", "models"},
                                                                  {"labelled", "labeling"},
                                                                  {"centre", "centers"},
                                                                  {"catalogue", "catalog"},
                                                                  {"analyse", "analyzing"},
                                                                  {"training", "trained"},
                                                                  {"learnt", "learned"},
                                                                  {"favourite", "favorites"},
                                                                  {"supervised", "supervision"},
                                                                  {"recognising", "recognize"},
                                                                  {"falling", "falls"},
                                                                  {"colour", "coloring"},
                                                                  {"controlled", "controlling"},
                                                                  {"grey", "gray"}}) {
    EXPECT_EQ(stem(a), stem(b)) << a << " " << b;
  }
  for (const auto& [a, b] :
       std::initializer_list<std::pair<const char*, const char*>>{{"regularise", "regular"},
                                                                  {"generalise", "general"},
                                                                  {"filled", "filed"},
                                                                  {"hour", "hor"},
                                                                  {"precise", "prize"},
                                                                  {"organise", "organ"}}) {
    EXPECT_NE(stem(a), stem(b)) << a << " " << b;
  }
}

TEST(StemTest, KnowsOtherLanguages) {
  Stemmer german("de-DE");
  EXPECT_EQ(std::string(german.Stem("modelle")), std::string(german.Stem("modellen")));
  EXPECT_TRUE(Stemmer::Supports("fr"));
  EXPECT_FALSE(Stemmer::Supports("ja"));
  Stemmer none("ja");
  EXPECT_EQ(none.Stem("word"), "word");
}

TEST(WordNetTest, KnowsWords) {
  const WordNet& wordnet = WordNet::Get();
  for (const char* word :
       {"model", "models", "overfit", "memorize", "fell", "children", "fitting", "bigger", "studies"}) {
    if (std::string(word) == "overfit") continue;  // younger than WordNet 3.0
    EXPECT_TRUE(wordnet.IsWord(word)) << word;
  }
  for (const char* word : {"zzz", "modle", "trainig", ""}) EXPECT_FALSE(wordnet.IsWord(word)) << word;
  EXPECT_GT(wordnet.Frequency("make"), wordnet.Frequency("memorize"));
  std::set<std::string> lemmas;
  wordnet.ForEachLemma("fell", [&](WordNet::WordId id) { lemmas.emplace(wordnet.Text(id)); });
  EXPECT_THAT(lemmas, ::testing::Contains("fall"));
}

TEST(WordNetTest, RelatesWords) {
  const WordNet& wordnet = WordNet::Get();
  const auto related = [&](absl::string_view word, WordRelation wanted) {
    std::set<std::string> words;
    wordnet.ForEachRelation(*wordnet.Find(word), [&](WordRelation kind, uint32_t, WordNet::WordId id) {
      if (kind == wanted) words.emplace(wordnet.Text(id));
    });
    return words;
  };
  EXPECT_THAT(related("big", WordRelation::kSynonym), ::testing::Contains("large"));
  EXPECT_THAT(related("high", WordRelation::kAntonym), ::testing::Contains("low"));
  EXPECT_THAT(related("memorize", WordRelation::kDerived), ::testing::Contains("memorization"));
  EXPECT_THAT(related("retrain", WordRelation::kBroader), ::testing::Contains("train"));
  EXPECT_THAT(related("fall", WordRelation::kIrregular), ::testing::Contains("fell"));
}

TEST(VocabularyTest, CorrectsOnlyWhatIsNoWord) {
  Vocabulary vocabulary("en");
  for (const char* word :
       {"regularisation", "validation", "variance", "training", "bias", "noise", "form", "reshape"}) {
    vocabulary.AddTerm(word);
  }
  vocabulary.Finish();
  Stemmer stemmer("en");
  const auto correct = [&](absl::string_view word) { return vocabulary.Correct(word, stemmer.Stem(word)); };
  const auto entry = [&](absl::string_view word) { return vocabulary.Find(stemmer.Stem(word)); };
  EXPECT_EQ(correct("regularistaion"), entry("regularisation"));
  EXPECT_EQ(correct("vlidation"), entry("validation"));
  EXPECT_EQ(correct("varience"), entry("variance"));
  EXPECT_EQ(correct("trainning"), entry("training"));
  EXPECT_EQ(correct("reshpaing"), entry("reshape"));
  EXPECT_EQ(correct("from"), nullptr);       // a word of its own
  EXPECT_EQ(correct("nose"), nullptr);       // a word, and short
  EXPECT_EQ(correct("bais"), nullptr);       // too short to be sure
  EXPECT_EQ(correct("straining"), nullptr);  // a word
  EXPECT_EQ(correct("xyzzyplugh"), nullptr);
}

TEST(VocabularyTest, CountsEdits) {
  EXPECT_TRUE(WithinEdits("model", "modle", 1));
  EXPECT_TRUE(WithinEdits("model", "mdel", 1));
  EXPECT_TRUE(WithinEdits("model", "modell", 1));
  EXPECT_TRUE(WithinEdits("model", "modal", 1));
  EXPECT_FALSE(WithinEdits("model", "mold", 1));
  EXPECT_TRUE(WithinEdits("validation", "valdiaton", 2));
  EXPECT_FALSE(WithinEdits("validation", "valdaton", 1));
  EXPECT_FALSE(WithinEdits("abc", "xyz", 2));
}

TEST(VocabularyTest, FindsIrregularFormsNumbersAndAbbreviations) {
  Vocabulary vocabulary("en");
  const TermId fall = vocabulary.AddTerm("fall");
  const TermId three = vocabulary.AddTerm("three");
  const TermId validation = vocabulary.AddTerm("validation");
  vocabulary.Finish();
  Stemmer stemmer("en");
  const auto terms = [&](absl::string_view word) {
    const VocabularyEntry* entry = vocabulary.Find(stemmer.Stem(word));
    return entry == nullptr ? absl::InlinedVector<TermId, 2>() : entry->terms;
  };
  EXPECT_THAT(terms("fell"), ::testing::Contains(fall));
  EXPECT_THAT(terms("falling"), ::testing::Contains(fall));
  EXPECT_THAT(terms("3"), ::testing::Contains(three));
  EXPECT_THAT(terms("val"), ::testing::Contains(validation));
  EXPECT_TRUE(terms("model").empty());
}

}  // namespace
}  // namespace greenroom::scoring
