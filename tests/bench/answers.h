// Answers: what the benchmark says, as many different answers as are wanted.
#ifndef GREENROOM_TESTS_BENCH_ANSWERS_H_
#define GREENROOM_TESTS_BENCH_ANSWERS_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace greenroom::bench {

inline constexpr size_t kAnswerWords = 80;

// Immutable, thread-safe.
class Answers {
 public:
  // Prepares texts for every question of data/bench.pack.yaml, so that telling one costs the generator next to nothing.
  Answers();

  // The pack's questions.
  const std::vector<std::string>& questions() const { return questions_; }
  // An answer of kAnswerWords words to `question` (a place in questions()): some of its points, some red herrings, a
  // misspelling. Different for every `number`, the same in every run.
  std::string Tell(size_t question, int64_t number) const;

 private:
  std::vector<std::string> questions_;
  std::vector<std::vector<std::string>> texts_;  // by question; one word short
};

}  // namespace greenroom::bench

#endif  // GREENROOM_TESTS_BENCH_ANSWERS_H_
