// For tests: a terminal whose person is a script.
#ifndef GREENROOM_CLIENTS_CLI_FAKE_TERMINAL_H_
#define GREENROOM_CLIENTS_CLI_FAKE_TERMINAL_H_

#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "clients/cli/terminal.h"

namespace greenroom::cli {

class FakeTerminal final : public Terminal {
 public:
  // Lines to be typed; after them the input has ended.
  void Type(std::vector<std::string> lines) {
    for (std::string& line : lines) input_.push_back({.end = InputEnd::kLine, .text = std::move(line)});
  }
  void TypeEof(std::string unfinished = "") {
    input_.push_back({.end = InputEnd::kEof, .text = std::move(unfinished)});
  }
  void Interrupt(std::string unfinished = "") {
    input_.push_back({.end = InputEnd::kInterrupted, .text = std::move(unfinished)});
  }
  // What ReadLine does before it gives out its n-th line from now (0: the next).
  void Before(size_t n, std::function<void()> action) { before_.emplace_back(reads_ + n, std::move(action)); }

  InputLine ReadLine() override {
    for (auto& [read, action] : before_) {
      if (read == reads_) action();
    }
    ++reads_;
    if (input_.empty()) return {.end = InputEnd::kEof, .text = ""};
    InputLine line = std::move(input_.front());
    input_.pop_front();
    return line;
  }
  bool InputWaits() override { return false; }
  std::string ReadAll() override {
    std::string text;
    for (const InputLine& line : input_) absl::StrAppend(&text, line.text, "\n");
    input_.clear();
    return text;
  }
  void Out(absl::string_view text) override { absl::StrAppend(&out, text); }
  void Err(absl::string_view text) override { absl::StrAppend(&err, text); }
  bool interactive() const override { return is_terminal; }
  bool output_is_terminal() const override { return is_terminal; }
  int width() const override { return cells; }
  std::unique_ptr<Interrupts> CatchInterrupts(std::function<void()> on_interrupt) override {
    const std::lock_guard lock(interrupt_mutex_);
    on_interrupt_ = std::move(on_interrupt);
    if (pressed_) on_interrupt_();
    return std::make_unique<Caught>(*this);
  }
  // Ctrl-C while no line is read, now or as soon as somebody catches it; from any thread.
  void PressCtrlC() {
    const std::lock_guard lock(interrupt_mutex_);
    pressed_ = true;
    if (on_interrupt_) on_interrupt_();
  }
  absl::StatusOr<std::string> Edit(const std::string& command, absl::string_view text) override {
    editor = command;
    return edit(std::string(text));
  }

  std::string out, err, editor;
  bool is_terminal = false;
  int cells = 80;
  std::function<absl::StatusOr<std::string>(const std::string&)> edit;

 private:
  class Caught final : public Interrupts {
   public:
    explicit Caught(FakeTerminal& terminal) : terminal_(terminal) {}
    ~Caught() override {
      const std::lock_guard lock(terminal_.interrupt_mutex_);
      terminal_.on_interrupt_ = nullptr;
      terminal_.pressed_ = false;
    }

   private:
    FakeTerminal& terminal_;
  };

  std::mutex interrupt_mutex_;
  std::function<void()> on_interrupt_;
  bool pressed_ = false;
  std::deque<InputLine> input_;
  std::vector<std::pair<size_t, std::function<void()>>> before_;
  size_t reads_ = 0;
};

}  // namespace greenroom::cli

#endif  // GREENROOM_CLIENTS_CLI_FAKE_TERMINAL_H_
