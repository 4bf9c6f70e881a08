#include "services/scoring/domain/phrase.h"

#include <algorithm>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "services/scoring/domain/closed_words.h"
#include "services/scoring/domain/code_points.h"
#include "services/scoring/domain/text.h"

namespace greenroom::scoring {
namespace {

constexpr int kDeepest = 16;

// Recursive descent over the grammar of the header.
class Parser {
 public:
  explicit Parser(absl::string_view text) : text_(text) {}

  absl::StatusOr<PhraseNode> Parse() {
    PhraseNode root;
    if (absl::Status status = ReadSequence(0, root); !status.ok()) return status;
    if (at_ < text_.size()) return Error(text_[at_] == ')' ? "')' without '('" : "'|' outside of brackets");
    return root;
  }

 private:
  absl::Status Error(absl::string_view what) const {
    return absl::InvalidArgumentError(absl::StrCat(what, " at byte ", at_ + 1));
  }

  static bool HasWord(const PhraseNode& node) {
    if (node.kind == PhraseNode::Kind::kWord || node.kind == PhraseNode::Kind::kLiteral) return true;
    return std::any_of(node.children.begin(), node.children.end(), HasWord);
  }

  size_t GapLength() const {
    if (absl::StartsWith(text_.substr(at_), "...")) return 3;
    if (absl::StartsWith(text_.substr(at_), "\u2026")) return 3;
    return 0;
  }

  // The phrase, or one alternative of it.
  absl::Status ReadSequence(int depth, PhraseNode& node) {
    const size_t begin = at_;
    if (absl::Status status = ReadElements(depth, node); !status.ok()) return status;
    if (!HasWord(node)) node.children = BareWords(text_.substr(begin, at_ - begin));
    return HasWord(node) ? absl::OkStatus() : Error("a phrase or alternative needs a word");
  }

  // What stands in for an alternative that prose would read as nothing: an article, a filler or the number of a list
  // is meant where nothing else is said, as in "(a|b) test".
  static std::vector<PhraseNode> BareWords(absl::string_view text) {
    std::vector<PhraseNode> words;
    int32_t next = 0;
    for (int32_t at = 0; at < static_cast<int32_t>(text.size()); at = next) {
      const int32_t begin = at;
      int32_t c = CodePointAt(text, at, &next);
      while (IsWordCodePoint(c)) {
        at = next;
        c = CodePointAt(text, at, &next);
      }
      std::string folded = FoldCase(text.substr(static_cast<size_t>(begin), static_cast<size_t>(at - begin)));
      if (!folded.empty()) words.push_back({PhraseNode::Kind::kWord, std::move(folded), {}});
    }
    return words;
  }

  absl::Status ReadElements(int depth, PhraseNode& node) {
    node.kind = PhraseNode::Kind::kSequence;
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (c == ')' || c == '|') return absl::OkStatus();
      if (c == '(') {
        node.children.emplace_back();
        if (absl::Status status = ReadAlternatives(depth + 1, node.children.back()); !status.ok())
          return status;
      } else if (c == '=') {
        if (absl::Status status = ReadLiteral(node); !status.ok()) return status;
      } else if (const size_t gap = GapLength(); gap != 0) {
        at_ += gap;
        while (at_ < text_.size() && text_[at_] == '.') ++at_;
        if (node.children.empty() || node.children.back().kind != PhraseNode::Kind::kGap) {
          node.children.push_back({PhraseNode::Kind::kGap, "", {}});
        }
      } else {
        ReadWords(node);
      }
    }
    return absl::OkStatus();
  }

  absl::Status ReadAlternatives(int depth, PhraseNode& node) {
    if (depth > kDeepest) return Error("brackets nested too deeply");
    const size_t open = at_;
    node.kind = PhraseNode::Kind::kAlternatives;
    do {
      ++at_;  // '(' or '|'
      node.children.emplace_back();
      if (absl::Status status = ReadSequence(depth, node.children.back()); !status.ok()) return status;
    } while (at_ < text_.size() && text_[at_] == '|');
    if (at_ >= text_.size()) {
      at_ = open;
      return Error("'(' without ')'");
    }
    ++at_;
    if (node.Expansions() > kMaxExpansions) {
      return Error(absl::StrCat("alternatives with more than ", kMaxExpansions, " expansions, which end"));
    }
    return absl::OkStatus();
  }

  absl::Status ReadLiteral(PhraseNode& node) {
    const size_t close = text_.find('=', at_ + 1);
    if (close == absl::string_view::npos) return Error("a literal without a closing '='");
    std::string squeezed = SqueezeLiteral(text_.substr(at_ + 1, close - at_ - 1));
    if (BareWords(squeezed).empty()) return Error("a literal needs a letter or digit");
    at_ = close + 1;
    node.children.push_back({PhraseNode::Kind::kLiteral, std::move(squeezed), {}});
    return absl::OkStatus();
  }

  void ReadWords(PhraseNode& node) {
    const size_t begin = at_;
    while (at_ < text_.size() && text_[at_] != '(' && text_[at_] != ')' && text_[at_] != '|' &&
           text_[at_] != '=' && GapLength() == 0) {
      ++at_;
    }
    const Text words(text_.substr(begin, at_ - begin));
    for (size_t i = 0; i < words.tokens().size(); ++i) {
      const absl::string_view folded = words.Fold(i);
      const WordInfo info = LookUpWord(folded);
      const bool glued =
          words.tokens()[i].glued || (i + 1 < words.tokens().size() && words.tokens()[i + 1].glued);
      if (info.word_class == WordClass::kArticle && !glued) continue;
      // "doesn't" is written "does not" as well.
      const bool contraction = info.word_class == WordClass::kNegation && absl::EndsWith(folded, "n't");
      node.children.push_back({PhraseNode::Kind::kWord, contraction ? "not" : std::string(folded), {}});
    }
  }

  const absl::string_view text_;
  size_t at_ = 0;
};

}  // namespace

int PhraseNode::Expansions() const {
  constexpr int kMost = kMaxExpansions + 1;
  if (kind == Kind::kSequence) {
    int product = 1;
    for (const PhraseNode& child : children) product = std::min(kMost, product * child.Expansions());
    return product;
  }
  if (kind == Kind::kAlternatives) {
    int sum = 0;
    for (const PhraseNode& child : children) sum = std::min(kMost, sum + child.Expansions());
    return sum;
  }
  return 1;
}

absl::StatusOr<PhraseNode> ParsePhrase(absl::string_view text) { return Parser(text).Parse(); }

std::string SqueezeLiteral(absl::string_view text) {
  std::string folded = FoldCase(text);
  folded.erase(std::remove_if(folded.begin(), folded.end(),
                              [](char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }),
               folded.end());
  return folded;
}

int32_t PhraseSet::Add(const PhraseNode& phrase, Vocabulary& vocabulary) {
  const Bounds bounds{junctions_, junctions_ + 1};
  junctions_ += 2;
  phrases_.push_back(bounds);
  AddNode(phrase, bounds.start, bounds.accept, false, false, vocabulary);
  return size() - 1;
}

void PhraseSet::AddNode(const PhraseNode& node, int32_t from, int32_t to, bool gap_before, bool gap_after,
                        Vocabulary& vocabulary) {
  switch (node.kind) {
    case PhraseNode::Kind::kWord:
      AddEdge(vocabulary.AddTerm(node.text), from, to, gap_before, gap_after);
      edges_.back().subject = vocabulary.english() && (node.text == "i" || node.text == "we");
      return;
    case PhraseNode::Kind::kLiteral:
      literals_.push_back({node.text, vocabulary.AddBareTerm()});
      AddEdge(literals_.back().term, from, to, gap_before, gap_after);
      return;
    case PhraseNode::Kind::kSequence:
      AddSequence(node, from, to, gap_before, gap_after, vocabulary);
      return;
    case PhraseNode::Kind::kAlternatives:
      for (const PhraseNode& child : node.children)
        AddNode(child, from, to, gap_before, gap_after, vocabulary);
      return;
    case PhraseNode::Kind::kGap:
      return;
  }
}

void PhraseSet::AddSequence(const PhraseNode& node, int32_t from, int32_t to, bool gap_before, bool gap_after,
                            Vocabulary& vocabulary) {
  std::vector<const PhraseNode*> parts;
  std::vector<bool> gap;  // before each part
  bool pending = gap_before;
  for (const PhraseNode& child : node.children) {
    if (child.kind == PhraseNode::Kind::kGap) {
      pending = true;
      continue;
    }
    parts.push_back(&child);
    gap.push_back(pending);
    pending = false;
  }
  // A gap at the end is left open for what follows the sequence.
  gap_after = gap_after || pending;
  int32_t at = from;
  int32_t before = from;  // junction before the previous part
  bool gap_before_previous = false;
  for (size_t i = 0; i < parts.size(); ++i) {
    const bool last = i + 1 == parts.size();
    const int32_t next = last ? to : junctions_++;
    AddNode(*parts[i], at, next, gap[i], last && gap_after, vocabulary);
    // "cross validation" is found in "crossvalidation" too.
    if (i > 0 && !gap[i] && parts[i]->kind == PhraseNode::Kind::kWord &&
        parts[i - 1]->kind == PhraseNode::Kind::kWord) {
      AddEdge(vocabulary.AddTerm(absl::StrCat(parts[i - 1]->text, parts[i]->text)), before, next,
              gap_before_previous, last && gap_after);
    }
    before = at;
    gap_before_previous = gap[i];
    at = next;
  }
}

void PhraseSet::AddEdge(TermId term, int32_t from, int32_t to, bool gap_before, bool gap_after) {
  edges_.push_back({term, from, to, size() - 1, gap_before, gap_after, false});
}

void PhraseSet::Finish(const Vocabulary& vocabulary) {
  after_subject_.assign(static_cast<size_t>(junctions_), false);
  for (const Edge& edge : edges_) {
    const Bounds& bounds = phrases_[static_cast<size_t>(edge.phrase)];
    if (edge.subject && edge.from == bounds.start && edge.to != bounds.accept && !edge.gap_after) {
      after_subject_[static_cast<size_t>(edge.to)] = true;
    }
  }
  std::stable_sort(edges_.begin(), edges_.end(),
                   [](const Edge& a, const Edge& b) { return a.term < b.term; });
  edges_of_term_.assign(static_cast<size_t>(vocabulary.terms()) + 1, 0);
  for (const Edge& edge : edges_) ++edges_of_term_[static_cast<size_t>(edge.term) + 1];
  for (size_t i = 1; i < edges_of_term_.size(); ++i) edges_of_term_[i] += edges_of_term_[i - 1];
  edges_.shrink_to_fit();
  phrases_.shrink_to_fit();
}

size_t PhraseSet::MemoryBytes() const {
  size_t bytes = phrases_.capacity() * sizeof(Bounds) + edges_.capacity() * sizeof(Edge) +
                 edges_of_term_.capacity() * sizeof(int32_t);
  for (const Literal& literal : literals_) bytes += sizeof literal + literal.squeezed.capacity();
  return bytes;
}

}  // namespace greenroom::scoring
