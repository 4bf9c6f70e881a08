#include "services/content/domain/reference_check.h"

#include <algorithm>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "absl/strings/str_cat.h"

namespace greenroom::content {
namespace {

// Ids of one kind, as they stand in the pack.
class Names {
 public:
  // What the ids name, for messages: "tip".
  explicit Names(const char* what) : what_(what) {}

  bool Add(const std::string& id) {
    if (!set_.insert(id).second) return false;
    order_.push_back(id);
    return true;
  }
  bool Has(const std::string& id) const { return set_.count(id) > 0; }
  const char* what() const { return what_; }
  std::string Nearest(const std::string& id) const {
    return DidYouMean(id, std::vector<absl::string_view>(order_.begin(), order_.end()));
  }

 private:
  const char* what_;
  std::unordered_set<std::string> set_;
  std::vector<std::string> order_;
};

class ReferenceCheck {
 public:
  ReferenceCheck(const v1::PackContent& pack, const PlaceMap& places, IssueList& issues)
      : pack_(pack), places_(places), issues_(issues) {}

  void Run() {
    for (int i = 0; i < pack_.tips_size(); ++i) {
      Define(tips_, pack_.tips(i).id(), absl::StrCat("tips[", i, "]"));
    }
    for (int i = 0; i < pack_.topics_size(); ++i) {
      Define(topics_, pack_.topics(i).id(), absl::StrCat("topics[", i, "]"));
    }
    for (int i = 0; i < pack_.questions_size(); ++i) {
      Define(questions_, pack_.questions(i).id(), absl::StrCat("questions[", i, "]"));
      question_by_id_.emplace(pack_.questions(i).id(), &pack_.questions(i));
    }
    for (int i = 0; i < pack_.tips_size(); ++i) CheckTip(i);
    for (int i = 0; i < pack_.questions_size(); ++i)
      CheckQuestion(pack_.questions(i), absl::StrCat("questions[", i, "]"));
    CheckFollowUpsAreAsked();
  }

 private:
  void Error(const char* code, const std::string& path, const std::string& message,
             const std::string& suggestion = "") {
    issues_.Error(code, places_.Find(path), path, message, suggestion);
  }

  // Enters the id of the part at `path`.
  void Define(Names& names, const std::string& id, const std::string& path) {
    if (id.empty() || names.Add(id)) return;
    Error("duplicate-id", path + ".id",
          absl::StrCat("another ", names.what(), " has the id \"", id, "\" already"));
  }

  void Refer(const Names& names, const std::string& id, const std::string& path) {
    if (id.empty() || names.Has(id)) return;
    Error("unknown-reference", path, absl::StrCat("there is no ", names.what(), " \"", id, "\""),
          issues_.full() ? "" : names.Nearest(id));
  }

  template <typename Ids>
  void ReferAll(const Names& names, const Ids& ids, const std::string& path) {
    for (int i = 0; i < ids.size(); ++i) Refer(names, ids.Get(i), absl::StrCat(path, "[", i, "]"));
  }

  void CheckItem(Names& items, const v1::RubricItem& item, const std::string& path) {
    Define(items, item.id(), path);
    Refer(tips_, item.satisfies(), path + ".satisfies");
    if (item.any() > item.of_size() && item.of_size() > 0) {
      Error("out-of-range", path + ".any", absl::StrCat("the group has only ", item.of_size(), " members"));
    }
    for (int i = 0; i < item.of_size(); ++i) CheckItem(items, item.of(i), absl::StrCat(path, ".of[", i, "]"));
  }

  void CheckTip(int index) {
    const v1::Tip& tip = pack_.tips(index);
    if (!tip.has_check()) return;
    const std::string path = absl::StrCat("tips[", index, "].check");
    Names items("rubric item");
    CheckItem(items, tip.check().rubric(), path + ".rubric");
    std::unordered_set<int> kinds;
    for (int i = 0; i < tip.check().kinds_size(); ++i) {
      if (kinds.insert(tip.check().kinds(i)).second) continue;
      Error("duplicate-id", absl::StrCat(path, ".kinds[", i, "]"), "this kind stands here already");
    }
  }

  void CheckQuestion(const v1::Question& question, const std::string& path) {
    Refer(topics_, question.topic(), path + ".topic");
    Names items("rubric item"), flags("red flag"), examples("example");
    for (int i = 0; i < question.rubric_size(); ++i) {
      CheckItem(items, question.rubric(i), absl::StrCat(path, ".rubric[", i, "]"));
    }
    for (int i = 0; i < question.red_flags_size(); ++i) {
      const std::string at = absl::StrCat(path, ".red_flags[", i, "]");
      Define(flags, question.red_flags(i).id(), at);
      ReferAll(items, question.red_flags(i).cancels(), at + ".cancels");
    }
    for (int i = 0; i < question.follow_ups_size(); ++i) {
      CheckFollowUp(question, question.follow_ups(i), items, absl::StrCat(path, ".follow_ups[", i, "]"));
    }
    for (int i = 0; i < question.examples_size(); ++i) {
      const std::string at = absl::StrCat(path, ".examples[", i, "]");
      Define(examples, question.examples(i).id(), at);
      CheckExample(question.examples(i), items, flags, at);
    }
  }

  void CheckFollowUp(const v1::Question& parent, const v1::FollowUp& follow_up, const Names& items,
                     const std::string& path) {
    ReferAll(items, follow_up.when_missed(), path + ".when_missed");
    if (follow_up.question().empty()) return;
    asked_.insert(follow_up.question());
    Refer(questions_, follow_up.question(), path + ".question");
    auto target = question_by_id_.find(follow_up.question());
    if (target == question_by_id_.end()) return;
    if (!target->second->follow_up_only()) {
      Error("not-follow-up-only", path + ".question",
            absl::StrCat("the question \"", follow_up.question(), "\" is not marked follow_up_only"));
    } else if (follow_up.question() == parent.id()) {
      Error("unknown-reference", path + ".question", "a question does not follow itself");
    }
  }

  void CheckExample(const v1::Example& example, const Names& items, const Names& flags,
                    const std::string& path) {
    if (example.score_low() > example.score_high()) {
      Error("out-of-range", path + ".score", "the lowest score stands before the highest");
    }
    ReferAll(items, example.made(), path + ".made");
    ReferAll(items, example.missed(), path + ".missed");
    ReferAll(flags, example.flags(), path + ".flags");
    const std::unordered_set<std::string> made(example.made().begin(), example.made().end());
    for (int i = 0; i < example.missed_size(); ++i) {
      if (example.missed(i).empty() || made.count(example.missed(i)) == 0) continue;
      Error("made-and-missed", absl::StrCat(path, ".missed[", i, "]"),
            absl::StrCat("\"", example.missed(i), "\" is both made and missed here"));
    }
  }

  void CheckFollowUpsAreAsked() {
    bool any = pack_.questions().empty();
    for (int i = 0; i < pack_.questions_size(); ++i) {
      const v1::Question& question = pack_.questions(i);
      any = any || !question.follow_up_only();
      if (!question.follow_up_only() || asked_.count(question.id()) > 0) continue;
      const std::string path = absl::StrCat("questions[", i, "]");
      issues_.Warning("never-asked", places_.Find(path), path, "no question has this one as a follow-up");
    }
    if (!any) Error("no-question", "questions", "every question is a follow-up: there is none to begin with");
  }

  const v1::PackContent& pack_;
  const PlaceMap& places_;
  IssueList& issues_;
  Names tips_{"tip"}, topics_{"topic"}, questions_{"question"};
  std::unordered_map<std::string, const v1::Question*> question_by_id_;
  std::unordered_set<std::string> asked_;
};

}  // namespace

void CheckReferences(const v1::PackContent& pack, const PlaceMap& places, IssueList& issues) {
  ReferenceCheck(pack, places, issues).Run();
}

}  // namespace greenroom::content
