// Logs of one learner by a seed, for properties and the benchmark: practice, reviews, mocks, hints, reveals, ratings,
// regrades, settings and imports, from three devices.
#ifndef GREENROOM_SERVICES_SESSION_MEMORY_RANDOM_LOG_H_
#define GREENROOM_SERVICES_SESSION_MEMORY_RANDOM_LOG_H_

#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "services/session/memory/learner_log.h"

namespace greenroom::session {

class RandomLog {
 public:
  explicit RandomLog(uint64_t seed) : random_(seed) {}

  // At least `count` events, in half a year, over 30 questions of two packs.
  LearnerLog Log(int count) {
    LearnerLog log;
    const absl::Time start = log.now();
    while (static_cast<int>(log.events().size()) < count) {
      log.At(start + absl::Minutes(Below(60 * 24 * 180)));
      const size_t first = log.events().size();
      switch (Below(12)) {
        case 0:
          ChangeSettings(log);
          break;
        case 1:
          log.Import(Question(), 0.5 + Below(100), 1 + Below(10), log.now() - absl::Hours(Below(1000)),
                     1 + Below(20));
          break;
        default:
          Session(log);
      }
      const std::string device =
          std::vector<std::string>{"", "phone", "tablet"}[static_cast<size_t>(Below(3))];
      for (size_t i = first; i < log.events().size(); ++i) log.events()[i].device = device;
    }
    return log;
  }

 private:
  int Below(int bound) { return std::uniform_int_distribution<int>(0, bound - 1)(random_); }
  std::string Question() { return "q" + std::to_string(Below(15)); }

  void ChangeSettings(LearnerLog& log) {
    v1::LearnerSettings wire;
    const char* zones[] = {"Europe/Berlin", "America/New_York", "Pacific/Auckland", ""};
    wire.set_time_zone(zones[Below(4)]);
    wire.set_rollover_hour(Below(24));
    wire.set_desired_retention(0.7 + 0.01 * Below(28));
    log.Set(wire, {Below(2) == 0 ? "time_zone" : "desired_retention", "rollover_hour"});
  }

  void Session(LearnerLog& log) {
    const v1::SessionMode modes[] = {v1::SESSION_MODE_PRACTICE, v1::SESSION_MODE_PRACTICE,
                                     v1::SESSION_MODE_REVIEW, v1::SESSION_MODE_MOCK};
    std::vector<std::string> questions(6);
    int number = Below(15);
    for (std::string& question : questions) question = "q" + std::to_string(number++ % 15);
    const std::string session = log.Begin(questions, modes[Below(4)], Below(3) == 0 ? "other" : "p");
    const int acts = 4 + Below(16);
    for (int i = 0; i < acts; ++i) Act(log, session, questions[static_cast<size_t>(Below(6))]);
  }

  void Act(LearnerLog& log, const std::string& session, const std::string& question) {
    switch (Below(8)) {
      case 0:
        return log.Hint(session, question);
      case 1:
        log.Reveal(session, question);
        return;
      case 2:
        return log.Rate(session, question, static_cast<v1::Rating>(1 + Below(4)));
      case 3:
        log.Skip(session, question);
        return;
      case 4:
        log.Submit(session, question);  // its grade is pending
        return;
      default:
        break;
    }
    const std::string answer =
        log.Answer(session, question, Below(101), static_cast<v1::Confidence>(Below(4)));
    if (Below(4) == 0) log.Grade(session, answer, Below(101), v1::GRADE_CAUSE_REGRADE, 1 + Below(3));
  }

  std::mt19937_64 random_;
};

}  // namespace greenroom::session

#endif  // GREENROOM_SERVICES_SESSION_MEMORY_RANDOM_LOG_H_
