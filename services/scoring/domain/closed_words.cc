#include "services/scoring/domain/closed_words.h"

#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_split.h"

namespace greenroom::scoring {
namespace {

struct ClassList {
  WordClass word_class;
  absl::string_view words;
};

constexpr ClassList kClasses[] = {
    {WordClass::kArticle, "a an the"},
    {WordClass::kDeterminer,
     "this that these those its their my your our his her every each some any all both either such another "
     "other much "
     "many more most several enough same own what whatever few fewer less"},
    {WordClass::kPreposition,
     "of in on at by for with from into onto to as than over under between among across through during "
     "before after "
     "about against via per within without upon toward towards like unlike off out up down around near "
     "beyond despite "
     "since until along behind instead"},
    {WordClass::kConjunction,
     "and or but nor so because while whereas although though if unless when whenever where wherever which "
     "who whom "
     "whose whether however therefore thus hence that's what's why how"},
    {WordClass::kPronoun,
     "i you he she it we they me him us them myself yourself itself ourselves themselves something anything "
     "everything "
     "someone anyone everyone one ones there i'm i've i'd i'll we're we've we'd we'll you're you've you'd "
     "you'll "
     "they're they've they'd they'll he'd she'd it'd it'll im ive youre"},
    {WordClass::kAuxiliary,
     "is are was were be been being am has have had having do does did doing will would can could should may "
     "might "
     "must shall gonna let lets"},
    {WordClass::kNegation,
     "not no never don't doesn't didn't isn't aren't wasn't weren't won't wouldn't can't cannot couldn't "
     "shouldn't "
     "hasn't haven't hadn't mustn't needn't ain't dont doesnt didnt isnt arent wasnt werent wont wouldnt "
     "cant couldnt "
     "shouldnt hasnt havent hadnt neither none nothing nobody nowhere"},
    {WordClass::kAdverb,
     "also very too just only even still then now here again already always often usually sometimes quite "
     "rather well "
     "really actually basically simply mostly mainly maybe perhaps ever yet almost e g i.e etc okay ok yeah "
     "yes right "
     "kind sort far"},
};

struct CueList {
  uint32_t cue;
  absl::string_view words;
};

constexpr CueList kCues[] = {
    {kNegates,
     "not never don't doesn't didn't isn't aren't wasn't weren't won't wouldn't can't cannot couldn't "
     "shouldn't hasn't "
     "haven't hadn't mustn't needn't ain't dont doesnt didnt isnt arent wasnt werent wont wouldnt cant "
     "couldnt "
     "shouldnt hasnt havent hadnt neither nor hardly barely rarely seldom scarcely unable nobody nothing "
     "none nowhere"},
    {kNegatesNoun, "no without lack lacks lacking lacked absence"},
    {kFails, "fail fails failed failing unable refuse refuses refused"},
    {kAvoids,
     "avoid avoids avoiding avoided refuse refuses refusing stop stops stopping rather instead resist "
     "prevent beware "
     "against unlike"},
    {kDenies,
     "myth myths misconception misconceptions wrong false untrue incorrect lie lying lies dishonest fallacy "
     "mistake "
     "mistaken mistakenly nonsense misleading naive naively doubt doubtful wish pretend pretending deny "
     "denies denied "
     "inaccurate untruthful exaggeration exaggerating exaggerate disagree wrongly falsely flawed flaw "
     "error-prone "
     "joke joking kidding unrealistic implausible unbelievable rubbish"},
    {kSays,
     "say says said saying claim claims claimed claiming think thinks thought believe believes believed "
     "believing "
     "argue argues argued assume assumes assumed suggest suggests suggested tell tells told insist insists "
     "insisted "
     "expect heard hear hears reckon imagine assert asserts asserted pretend pretends boast boasts boasted "
     "answer answers"},
    {kOthers,
     "some people many others someone somebody everybody everyone they he she candidate candidates "
     "interviewer "
     "interviewers colleague colleagues textbook textbooks tutorial tutorials beginner beginners juniors one "
     "you who "
     "teammate manager friend folks persons engineer engineers applicants applicant students newcomers "
     "novices"},
    {kConditional,
     "would could should might if i'd we'd you'd they'd he'd she'd wouldn't couldn't shouldn't wouldnt "
     "couldnt "
     "shouldnt id may"},
    {kScopeEnds,
     "but because since although though while whereas which when if unless until however then therefore thus "
     "hence "
     "so except yet instead rather where"},
    {kContrasts, "but while whereas although though however yet whilst unlike"},
    {kFirstPerson,
     "i we my our me us mine ours myself ourselves i'm i've i'd i'll we're we've we'd we'll im ive"},
    {kPastVerb,
     "built found made took went got wrote ran led chose threw cut put kept saw thought gave knew began "
     "broke brought "
     "bought caught came did drew drove fell felt fought forgot grew had held left lost meant met paid read "
     "rose said "
     "sent showed shut sold spent split spoke stood taught told understood was were won learnt learned set "
     "hit let "
     "rebuilt redid reran rewrote overfit became beat bet dealt fed hid rebuilt shrank sank stuck swapped"},
    {kLinks, "is are it that also very really simply always usually already quite still even mostly often"},
    {kAdvice, "you your should must yourself you'd you're you'll one"},
};

absl::flat_hash_map<absl::string_view, WordInfo> MakeTable() {
  absl::flat_hash_map<absl::string_view, WordInfo> table;
  for (const ClassList& list : kClasses) {
    for (absl::string_view word : absl::StrSplit(list.words, ' ', absl::SkipEmpty())) {
      table[word].word_class = list.word_class;
    }
  }
  for (const CueList& list : kCues) {
    for (absl::string_view word : absl::StrSplit(list.words, ' ', absl::SkipEmpty()))
      table[word].cues |= list.cue;
  }
  return table;
}

}  // namespace

WordInfo LookUpWord(absl::string_view folded) {
  static const auto& table = *new absl::flat_hash_map<absl::string_view, WordInfo>(MakeTable());
  const auto found = table.find(folded);
  return found == table.end() ? WordInfo{} : found->second;
}

}  // namespace greenroom::scoring
