#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <set>

#include "services/session/domain/deadlines.h"
#include "services/session/domain/decide.h"
#include "services/session/domain/digest.h"
#include "services/session/domain/fold.h"
#include "services/session/domain/fold_builder.h"
#include "services/session/domain/state_hash.h"

namespace greenroom::session {
namespace {

constexpr int kWays = 20;

std::string AnyQuestion() {
  return *rc::gen::element<std::string>("q1", "q2", "q3", "f1", "f2", "f3", "elsewhere");
}

// One more event of some kind; `log` decides its id and seq.
void AddAny(FoldBuilder& log) {
  const std::string question = AnyQuestion();
  const std::string answer = FoldBuilder::Id(*rc::gen::inRange<int64_t>(1, 40));
  const int32_t score = *rc::gen::inRange(0, 101);
  switch (*rc::gen::inRange(0, kWays)) {
    case 0:
    case 1:
      log.Submit(question);
      break;
    case 2:
      log.Grade(answer, score);
      break;
    case 3:
      log.Grade(answer, score, *rc::gen::element(v1::GRADE_CAUSE_REGRADE, v1::GRADE_CAUSE_OVERRIDE),
                *rc::gen::inRange(1, 3));
      break;
    case 4:
      log.Hint(question);
      break;
    case 5:
      log.Reveal(question);
      break;
    case 6:
      log.Rate(question, *rc::gen::element(v1::RATING_AGAIN, v1::RATING_EASY), {question});
      break;
    case 7:
      log.Skip(question);
      break;
    case 8:
    case 9:
      log.FollowUp(AnyQuestion(), *rc::gen::element<std::string>("q2", "f1", "f2", "f3"), answer, score % 3);
      break;
    case 10:
    case 11:
      log.Start(question);
      break;
    case 12:
      log.Pause();
      break;
    case 13:
      log.Resume();
      break;
    case 14:
      log.AddQuestions({AnyQuestion(), AnyQuestion()});
      break;
    case 15:
      log.SubmitDraft(question);
      break;
    case 16:
      log.Leave(question);
      break;
    case 17:
      if (*rc::gen::inRange(0, 4) == 0) {
        log.RunOut();
      } else {
        log.Release();
      }
      break;
    default:
      if (*rc::gen::inRange(0, 8) == 0) {
        log.Finish();
      } else {
        log.Add(v1::EventPayload());
      }
  }
  Event& event = log.events().back();
  event.device = *rc::gen::element<std::string>("", "phone", "tablet");
}

v1::SessionMode AnyMode() {
  return *rc::gen::element(v1::SESSION_MODE_PRACTICE, v1::SESSION_MODE_PRACTICE, v1::SESSION_MODE_MOCK,
                           v1::SESSION_MODE_EXAM, v1::SESSION_MODE_REVIEW);
}

// Gives the session and its questions limits of which some are reached.
void Limit(FoldBuilder& log, int64_t most_seconds) {
  v1::Created& created = *log.events()[0].payload.mutable_created();
  if (*rc::gen::inRange(0, 3) != 0) {
    created.mutable_time_limit()->set_seconds(*rc::gen::inRange<int64_t>(1, most_seconds));
  }
  for (int i = *rc::gen::inRange(0, created.questions_size() + 1); i > 0; --i) {
    created.add_question_time_limits()->set_seconds(*rc::gen::inRange<int64_t>(0, most_seconds));
  }
}

// A log whose times are anything, with ties: as devices with any clocks and outboxes would make it.
FoldBuilder AnyLog() {
  FoldBuilder log(AnyMode());
  const int count = *rc::gen::inRange(0, 40);
  for (int i = 0; i < count; ++i) AddAny(log);
  Limit(log, 20);
  for (Event& event : log.events()) {
    event.occurred_time = absl::FromUnixMillis(*rc::gen::inRange<int64_t>(0, 30));
    event.received_time = absl::FromUnixSeconds(*rc::gen::inRange<int64_t>(0, 40));
    if (*rc::gen::inRange(0, 3) == 0) event.device_seq = event.seq;
  }
  return log;
}

std::string Bytes(const SessionFold& fold) { return DeterministicBytes(fold.live); }

template <typename T>
void Shuffle(std::vector<T>& values) {
  for (size_t left = values.size(); left > 1; --left) {
    std::swap(values[left - 1], values[*rc::gen::inRange<size_t>(0, left)]);
  }
}

RC_GTEST_PROP(FoldProperty, TheOrderAndDuplicatesOfArrivalDoNotMatter, ()) {
  FoldBuilder log = AnyLog();
  const SessionFold fold = *FoldSession(log.events());
  std::vector<Event> again = log.events();
  const int copies = *rc::gen::inRange(0, 5);
  for (int i = 0; i < copies; ++i) again.push_back(again[*rc::gen::inRange<size_t>(0, log.events().size())]);
  Shuffle(again);
  RC_ASSERT(Bytes(*FoldSession(again)) == Bytes(fold));
}

// The seqs are given in the order of arrival and say nothing about meaning.
RC_GTEST_PROP(FoldProperty, TheSeqsDoNotMatterToTheState, ()) {
  FoldBuilder log = AnyLog();
  std::vector<Event> again = log.events();
  Shuffle(again);
  for (size_t i = 0; i < again.size(); ++i) again[i].seq = static_cast<int64_t>(i) + 1;
  RC_ASSERT(StateHash(again) == StateHash(log.events()));
}

RC_GTEST_PROP(FoldProperty, AdvancingIsTheSameAsFoldingAgain, ()) {
  FoldBuilder log = AnyLog();
  const SessionKey key = FoldBuilder::Key();
  v1::LiveState state = FoldSession({log.events()[0]})->live;
  int advanced = 0;
  for (size_t i = 1; i < log.events().size(); ++i) {
    const std::vector<Event> so_far(log.events().begin(), log.events().begin() + static_cast<int64_t>(i) + 1);
    const v1::LiveState folded = FoldSession(so_far)->live;
    const bool graded_before = std::any_of(so_far.begin(), so_far.end() - 1, [&](const Event& event) {
      return event.payload.has_graded() && event.payload.graded().answer() == so_far.back().event_id;
    });
    if (!graded_before && Advance(state, key, log.events()[i])) {
      ++advanced;
      RC_ASSERT(DeterministicBytes(state) == DeterministicBytes(folded));
    }
    state = folded;
  }
  RC_TAG(advanced > 0);
}

// Online events are stamped after everything known: then nothing but a changed grade needs the log.
RC_GTEST_PROP(FoldProperty, WhatIsStampedOnlineNeverNeedsTheLog, ()) {
  FoldBuilder log(AnyMode());
  Limit(log, 60);
  const SessionKey key = FoldBuilder::Key();
  v1::LiveState state = FoldSession(log.events())->live;
  const int count = *rc::gen::inRange(1, 40);
  for (int i = 0; i < count; ++i) {
    const bool grade_one = state.pending_size() > 0 && *rc::gen::inRange(0, 3) == 0;
    if (grade_one) {
      const int which = *rc::gen::inRange(0, state.pending_size());
      log.Grade(state.pending(which).answer(), *rc::gen::inRange(0, 101));
    } else {
      AddAny(log);
      if (log.events().back().payload.has_graded()) {
        log.events().pop_back();
        continue;
      }
    }
    RC_ASSERT(Advance(state, key, log.events().back()));
    RC_ASSERT(DeterministicBytes(state) == DeterministicBytes(FoldSession(log.events())->live));
  }
}

// The report holds each answer under its own question, wherever follow-ups have moved it.
RC_GTEST_PROP(FoldProperty, AnswersStayWithTheirQuestions, ()) {
  const FoldBuilder log = AnyLog();
  const SessionFold fold = *FoldSession(log.events());
  RC_ASSERT(fold.questions.size() == static_cast<size_t>(fold.live.questions_size()));
  std::set<std::string> planned;
  for (int i = 0; i < fold.live.questions_size(); ++i) {
    RC_ASSERT(planned.insert(fold.live.questions(i).question()).second);
    for (const size_t answer : fold.questions[static_cast<size_t>(i)].answers) {
      RC_ASSERT(fold.answers[answer].number == i + 1);
      RC_ASSERT(fold.answers[answer].submitted->payload.submitted().question() ==
                fold.live.questions(i).question());
    }
  }
  for (const v1::PendingAnswer& pending : fold.live.pending()) {
    RC_ASSERT(pending.number() == fold.FindAnswer(pending.answer())->number);
  }
}

// A command is accepted exactly where its event applies, and leaves the question where the table says.
RC_GTEST_PROP(FoldProperty, DecisionsAndTheFoldAgree, ()) {
  FoldBuilder log(AnyMode());
  Limit(log, 60);
  const int count = *rc::gen::inRange(0, 25);
  for (int i = 0; i < count; ++i) AddAny(log);
  const v1::LiveState before = FoldSession(log.events())->live;
  for (const v1::LiveQuestion& question : before.questions()) {
    for (Act act : kActs) {
      FoldBuilder next = log;
      switch (act) {
        case Act::kSubmit:
          next.Submit(question.question());
          break;
        case Act::kTakeHint:
          next.Hint(question.question());
          break;
        case Act::kReveal:
          next.Reveal(question.question());
          break;
        case Act::kRate:
          next.Rate(question.question(), v1::RATING_HARD);
          break;
        case Act::kSkip:
          next.Skip(question.question());
          break;
      }
      const absl::Time received = next.events().back().received_time;
      // A finish for want of time is written when the grace is over: there is no command in time behind it.
      if (before.out_of_time() && !IsTimeUp(before, question, received)) continue;
      const Ruling ruling = Decide(before, question.question(), act, received, 1000);
      v1::LiveState after = before;
      RC_ASSERT(Advance(after, FoldBuilder::Key(), next.events().back()));
      const v1::LiveQuestion& changed = *FindQuestion(after, question.question());
      RC_ASSERT(changed.state() == ruling.next);
      const int added = ruling.applies() ? 1 : 0;
      RC_ASSERT(changed.attempts() - question.attempts() == (act == Act::kSubmit ? added : 0));
      RC_ASSERT(changed.hints_taken() - question.hints_taken() == (act == Act::kTakeHint ? added : 0));
      if (act == Act::kSubmit && ruling.applies()) {
        RC_ASSERT(after.pending(after.pending_size() - 1).after_reveal() == ruling.after_reveal);
      }
    }
  }
}

// What the clock demands comes to an end, and leaves nothing that it would demand at the same time.
RC_GTEST_PROP(FoldProperty, TheClockIsObeyedOnce, ()) {
  FoldBuilder log(*rc::gen::element(v1::SESSION_MODE_MOCK, v1::SESSION_MODE_EXAM));
  Limit(log, 60);
  const int count = *rc::gen::inRange(0, 25);
  for (int i = 0; i < count; ++i) AddAny(log);
  const absl::Time now = log.events().back().received_time + absl::Seconds(*rc::gen::inRange(0, 60));
  std::set<std::string> drafts;
  for (const char* question : {"q1", "q2", "q3", "f1"}) {
    if (*rc::gen::arbitrary<bool>()) drafts.insert(question);
  }
  std::set<std::string> answered;
  for (int acts = 0;; ++acts) {
    RC_ASSERT(acts < 20);
    const v1::LiveState state = FoldSession(log.events())->live;
    const std::optional<ClockAct> act = NextClockAct(state, drafts, now);
    if (!act.has_value()) {
      RC_ASSERT(!NextDeadline(state).has_value() || now <= *NextDeadline(state));
      break;
    }
    Event& event = act->kind == ClockAct::Kind::kSubmitDraft ? log.SubmitDraft(act->question)
                   : act->kind == ClockAct::Kind::kLeave     ? log.Leave(act->question)
                                                             : log.RunOut();
    event.occurred_time = act->deadline;
    event.received_time = now;
    if (act->kind == ClockAct::Kind::kSubmitDraft) RC_ASSERT(answered.insert(act->question).second);
  }
  const v1::LiveState after = FoldSession(log.events())->live;
  for (const std::string& question : answered) RC_ASSERT(FindQuestion(after, question)->attempts() == 1);
}

}  // namespace
}  // namespace greenroom::session
