#include "services/content/domain/search_index.h"

#include <gmock/gmock.h>
#include <google/protobuf/util/message_differencer.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "services/content/domain/bundle.h"
#include "services/content/domain/pack_generator.h"
#include "services/content/domain/question_view.h"
#include "services/content/domain/search_words.h"

namespace greenroom::content {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::string Stemmed(const std::string& language, const std::string& word) {
  return SearchStemmer(language).Stem(word);
}

TEST(SearchWords, AreRunsOfLettersAndDigits) {
  EXPECT_THAT(SearchWords("Bias, variance & k-fold (L2)!"),
              ElementsAre("bias", "variance", "k", "fold", "l2"));
  EXPECT_THAT(SearchWords("C++ C# a+b it's the model's don\xE2\x80\x99t 'quoted'"),
              ElementsAre("c++", "c#", "a", "b", "it's", "the", "model's", "don't", "quoted"));
  EXPECT_THAT(SearchWords("STRASSE Stra\xC3\x9F"
                          "e \xEF\xBC\xA1\xEF\xBC\xA2 U\xCC\x88"
                          "ber"),
              ElementsAre("strasse", "strasse", "ab",
                          "\xC3\xBC"
                          "ber"));
  EXPECT_THAT(SearchWords("\xE6\x9C\xBA\xE5\x99\xA8 ml"), ElementsAre("\xE6\x9C\xBA", "\xE5\x99\xA8", "ml"));
  EXPECT_THAT(SearchWords(" \t?!+#'"), IsEmpty());
  EXPECT_THAT(SearchWords(""), IsEmpty());
}

TEST(SearchStemmer, BringsEndingsOfTheLanguageTogether) {
  EXPECT_EQ(Stemmed("en", "overfitting"), Stemmed("en", "overfit"));
  EXPECT_EQ(Stemmed("en-GB", "regularisation"), Stemmed("en", "regularization"));
  EXPECT_EQ(Stemmed("en", "behavioural"), Stemmed("en", "behavioral"));
  EXPECT_EQ(Stemmed("en", "model's"), Stemmed("en", "models"));
  EXPECT_NE(Stemmed("en", "four"), Stemmed("en", "for"));
  EXPECT_EQ(Stemmed("de", "modelle"), Stemmed("de", "modell"));
  EXPECT_EQ(Stemmed("xx", "models"), "models");
  EXPECT_EQ(Stemmed("english", "models"), "models") << "a name of libstemmer's is no language";
  EXPECT_EQ(Stemmed("", "models"), "models");
}

v1::Question& AddQuestion(v1::PackContent& pack, const std::string& id, const std::string& prompt) {
  v1::Question& question = *pack.add_questions();
  question.set_id(id);
  question.set_kind(v1::QUESTION_KIND_CONCEPT);
  question.set_prompt(prompt);
  return question;
}

v1::PackContent Pack(const std::string& id) {
  v1::PackContent pack;
  pack.set_pack(id);
  pack.set_language("en");
  return pack;
}

std::vector<SearchHit> Find(const std::vector<v1::PackContent>& packs, const std::string& query) {
  std::vector<PackIndex> indexes(packs.begin(), packs.end());
  std::vector<const PackIndex*> searched;
  searched.reserve(indexes.size());
  for (const PackIndex& index : indexes) searched.push_back(&index);
  return SearchPacks(searched, query);
}

std::vector<std::string> Names(const std::vector<SearchHit>& hits) {
  std::vector<std::string> names;
  names.reserve(hits.size());
  for (const SearchHit& hit : hits) names.push_back(hit.name);
  return names;
}

std::vector<std::string> NamesFound(const std::vector<v1::PackContent>& packs, const std::string& query) {
  return Names(Find(packs, query));
}

class SearchTest : public ::testing::Test {
 protected:
  SearchTest() {
    pack_ = Pack("ml");
    v1::Topic& topic = *pack_.add_topics();
    topic.set_id("models");
    topic.set_title("Fitting a model");
    v1::Tip& tip = *pack_.add_tips();
    tip.set_id("cost");
    tip.set_text("Say what a choice costs.");
    tip.mutable_check()->add_kinds(v1::QUESTION_KIND_PRODUCTION);
    tip.mutable_check()->mutable_rubric()->set_point("hidden");
    v1::Tip& advice = *pack_.add_tips();
    advice.set_text("Sleep well.");
    v1::Question& overfit = AddQuestion(pack_, "overfit", "What is overfitting?");
    overfit.set_topic("models");
    overfit.add_tags("bias-variance");
    overfit.set_model_answer("hidden");
    AddQuestion(pack_, "drift", "How do you notice that data has drifted?")
        .add_variants("Your model gets worse over months: why?");
    pack_.mutable_questions(1)->set_kind(v1::QUESTION_KIND_PRODUCTION);
    AddQuestion(pack_, "then", "And then, overfitting?").set_follow_up_only(true);
  }
  v1::PackContent pack_;
};

TEST_F(SearchTest, FindsByEveryFieldALearnerSees) {
  EXPECT_THAT(NamesFound({pack_}, "overfitting"), ElementsAre("ml/overfit"));
  EXPECT_THAT(NamesFound({pack_}, "months"), ElementsAre("ml/drift")) << "a variant";
  EXPECT_THAT(NamesFound({pack_}, "models fitting"), ElementsAre("ml/overfit")) << "topic: id and title";
  EXPECT_THAT(NamesFound({pack_}, "variance"), ElementsAre("ml/overfit")) << "a tag";
  EXPECT_THAT(NamesFound({pack_}, "costs"), ElementsAre("ml/drift")) << "a tip of its kind";
  EXPECT_THAT(NamesFound({pack_}, "sleep"), IsEmpty()) << "a tip that goes with no question";
  EXPECT_THAT(NamesFound({pack_}, "hidden"), IsEmpty());
}

TEST_F(SearchTest, EveryWordMustMatchWhateverItsCaseAndEnding) {
  EXPECT_THAT(NamesFound({pack_}, "OVERFIT variances"), ElementsAre("ml/overfit"));
  EXPECT_THAT(NamesFound({pack_}, "drifting data"), ElementsAre("ml/drift"));
  EXPECT_THAT(NamesFound({pack_}, "overfitting months"), IsEmpty());
  EXPECT_THAT(NamesFound({pack_}, "overfitting nonsense"), IsEmpty());
}

TEST_F(SearchTest, TheLastWordIsAPrefixTheOthersAreNot) {
  EXPECT_THAT(NamesFound({pack_}, "overf"), ElementsAre("ml/overfit"));
  EXPECT_THAT(NamesFound({pack_}, "what overf"), ElementsAre("ml/overfit"));
  EXPECT_THAT(NamesFound({pack_}, "overf what"), IsEmpty());
  EXPECT_THAT(NamesFound({pack_}, "d d"), ElementsAre("ml/drift")) << "the same word twice is one, the last";
}

TEST_F(SearchTest, SaysWhichWordMatchedWhere) {
  const std::vector<SearchHit> hits = Find({pack_}, "Drift MODEL mo");
  ASSERT_EQ(hits.size(), 1u);
  EXPECT_EQ(hits[0].index, 0u);
  EXPECT_EQ(hits[0].question, 1);
  ASSERT_EQ(hits[0].matches.size(), 3u);
  EXPECT_EQ(hits[0].matches[0].term(), "drift");
  EXPECT_THAT(hits[0].matches[0].fields(), ElementsAre(v1::SEARCH_FIELD_PROMPT));
  EXPECT_THAT(hits[0].matches[0].words(), ElementsAre("drifted"));
  EXPECT_THAT(hits[0].matches[1].fields(), ElementsAre(v1::SEARCH_FIELD_VARIANT));
  EXPECT_THAT(hits[0].matches[2].words(), ElementsAre("model", "months"));
}

TEST(SearchPacks, AWordInAPromptCountsMoreThanInATip) {
  v1::PackContent pack = Pack("p");
  v1::Tip& tip = *pack.add_tips();
  tip.set_text("Speak of cost.");
  tip.mutable_check()->add_kinds(v1::QUESTION_KIND_PRODUCTION);
  AddQuestion(pack, "a-tip", "Nothing else here").set_kind(v1::QUESTION_KIND_PRODUCTION);
  AddQuestion(pack, "b-variant", "Nothing else here").add_variants("Speak of cost");
  AddQuestion(pack, "c-prompt", "Speak of cost");
  EXPECT_THAT(NamesFound({pack}, "cost"), ElementsAre("p/c-prompt", "p/b-variant", "p/a-tip"));
}

TEST(SearchPacks, ARareWordCountsMoreThanAFrequentOne) {
  v1::PackContent pack = Pack("p");
  for (int i = 0; i < 8; ++i) AddQuestion(pack, absl::StrCat("common", i), "the common word word");
  AddQuestion(pack, "z-rare", "common common rare");
  AddQuestion(pack, "a-frequent", "common common frequent");
  for (int i = 0; i < 5; ++i) AddQuestion(pack, absl::StrCat("f", i), "frequent other");
  const std::vector<SearchHit> rare = Find({pack}, "common rare"), frequent = Find({pack}, "common frequent");
  ASSERT_EQ(rare.size(), 1u);
  ASSERT_EQ(frequent.size(), 1u);
  EXPECT_GT(rare[0].score, frequent[0].score);
}

TEST(SearchPacks, AWholeWordStandsBeforeThoseThatBeginWithIt) {
  v1::PackContent pack = Pack("p");
  AddQuestion(pack, "a", "Tell of datasets");
  AddQuestion(pack, "b", "Tell of data");
  EXPECT_THAT(NamesFound({pack}, "data"), ElementsAre("p/b", "p/a"));
}

TEST(SearchPacks, EquallyGoodOnesComeByName) {
  std::vector<v1::PackContent> packs = {Pack("b"), Pack("a"), Pack("a-b")};
  for (v1::PackContent& pack : packs) {
    AddQuestion(pack, "two", "Same words");
    AddQuestion(pack, "one", "Same words");
  }
  EXPECT_THAT(NamesFound(packs, "words"),
              ElementsAre("a-b/one", "a-b/two", "a/one", "a/two", "b/one", "b/two"))
      << "as the full names, in which / stands after a pack's id, are ordered";
}

TEST(SearchPacks, NothingIsFoundInNothing) {
  EXPECT_THAT(SearchPacks({}, "words"), IsEmpty());
  EXPECT_THAT(NamesFound({Pack("empty")}, "words"), IsEmpty());
  v1::PackContent pack = Pack("p");
  AddQuestion(pack, "one", "Words");
  EXPECT_THAT(NamesFound({pack}, "?!"), IsEmpty());
  EXPECT_THAT(NamesFound({pack}, ""), IsEmpty());
}

TEST(SearchPacks, AWordOfEachPacksOwnLanguage) {
  v1::PackContent german = Pack("de");
  german.set_language("de");
  AddQuestion(german, "eins", "Welche Modelle kennen Sie?");
  v1::PackContent english = Pack("en");
  AddQuestion(english, "one", "Which models do you know?");
  EXPECT_THAT(NamesFound({german, english}, "modell kennen"), ElementsAre("de/eins"));
  EXPECT_THAT(NamesFound({german, english}, "model knows"), ElementsAre("en/one"));
}

// Packs of random texts over few words, so that queries match.
v1::PackContent RandomPack(const std::string& id) {
  static const char* const kWords[] = {"data", "model", "models", "drift", "fit", "fitting", "cost", "Costs"};
  auto text = [] {
    std::string words;
    for (int i = *rc::gen::inRange(1, 5); i > 0; --i)
      absl::StrAppend(
          &words, *rc::gen::elementOf(std::vector<std::string>(std::begin(kWords), std::end(kWords))), " ");
    return words;
  };
  v1::PackContent pack = Pack(id);
  for (int i = *rc::gen::inRange(0, 6); i > 0; --i) {
    v1::Question& question = AddQuestion(pack, absl::StrCat("q", i), text());
    if (*rc::gen::arbitrary<bool>()) question.add_variants(text());
    if (*rc::gen::arbitrary<bool>()) question.add_tags(text());
  }
  return pack;
}

RC_GTEST_PROP(SearchPacks, FurtherWordsOnlyNarrow, ()) {
  const std::vector<v1::PackContent> packs = {RandomPack("a"), RandomPack("b")};
  const std::string first = *rc::gen::element<std::string>("data", "model", "fit", "cost");
  const std::string second = *rc::gen::element<std::string>("drift", "models", "fits", "d", "co");
  std::vector<std::string> both = NamesFound(packs, first + " " + second);
  std::vector<std::string> one = NamesFound(packs, first), other = NamesFound(packs, second);
  for (const std::string& name : both) {
    RC_ASSERT(std::count(one.begin(), one.end(), name) == 1);
    RC_ASSERT(std::count(other.begin(), other.end(), name) == 1);
  }
}

RC_GTEST_PROP(SearchPacks, OrderAndScoresDependOnTheSetOfPacksOnly, ()) {
  const v1::PackContent a = RandomPack("a"), b = RandomPack("b"), c = RandomPack("c");
  const std::string query = *rc::gen::element<std::string>("data", "mod", "fitting cost", "DRIFT");
  const std::vector<SearchHit> forth = Find({a, b, c}, query), back = Find({c, a, b}, query);
  RC_ASSERT(Names(forth) == Names(back));
  for (size_t i = 0; i < forth.size(); ++i) {
    RC_ASSERT(forth[i].score == back[i].score);
    RC_ASSERT(forth[i].score > 0);
    if (i > 0) RC_ASSERT(forth[i - 1].score >= forth[i].score);
  }
}

RC_GTEST_PROP(SearchPacks, AQuestionIsFoundByItsOwnWords, ()) {
  const v1::PackContent pack = PackGenerator().Pack();
  for (const v1::Question& question : pack.questions()) {
    if (question.follow_up_only() || SearchWords(question.prompt()).empty()) continue;
    std::string query;
    for (const std::string& word : SearchWords(question.prompt())) absl::StrAppend(&query, word, " ");
    const std::vector<std::string> found = NamesFound({pack}, query);
    RC_ASSERT(std::count(found.begin(), found.end(), pack.pack() + "/" + question.id()) == 1);
  }
}

// What a learner may not see changes no search: the index of the learner's view of a pack is that of the pack.
RC_GTEST_PROP(SearchPacks, NothingOfAnAnswerIsSearched, ()) {
  const v1::PackContent pack = PackGenerator().Pack();
  v1::PackContent seen = pack;
  for (v1::Tip& tip : *seen.mutable_tips()) HideRubric(tip);
  for (v1::Question& question : *seen.mutable_questions()) question = BasicQuestion(question);
  std::string everything;
  for (const v1::Question& question : pack.questions()) {
    absl::StrAppend(&everything, question.model_answer(), " ", question.guidance(), " ", question.notes(),
                    " ", question.prompt());
    for (const v1::RubricItem& item : question.rubric()) absl::StrAppend(&everything, " ", item.point());
  }
  for (const std::string& word : SearchWords(everything)) {
    const std::vector<SearchHit> full = Find({pack}, word), basic = Find({seen}, word);
    RC_ASSERT(Names(full) == Names(basic));
    for (size_t i = 0; i < full.size(); ++i) RC_ASSERT(full[i].score == basic[i].score);
  }
}

}  // namespace
}  // namespace greenroom::content
