// What the CLI has of the outside: lines in, text out, an editor.
#ifndef GREENROOM_CLIENTS_CLI_TERMINAL_H_
#define GREENROOM_CLIENTS_CLI_TERMINAL_H_

#include <functional>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace greenroom::cli {

enum class InputEnd {
  kLine,         // a whole line
  kEof,          // the input ended (Ctrl-D); `text` is what stood before it. A terminal can be read on.
  kInterrupted,  // Ctrl-C; `text` is what stood on the line
};

struct InputLine {
  InputEnd end = InputEnd::kEof;
  std::string text;  // without its newline
  // The line was longer than a terminal's line may be (4095 bytes), and the terminal dropped its rest.
  bool cut = false;
};

// One thread at a time.
class Terminal {
 public:
  virtual ~Terminal() = default;

  // Blocks until a line is there.
  virtual InputLine ReadLine() = 0;
  // Whether more input is there already, as after a paste.
  virtual bool InputWaits() = 0;
  // Everything up to the end of the input.
  virtual std::string ReadAll() = 0;

  // On standard output and standard error; on their way when the call returns.
  virtual void Out(absl::string_view text) = 0;
  virtual void Err(absl::string_view text) = 0;

  // Whether a person types: the input is a terminal, and so is the output.
  virtual bool interactive() const = 0;
  virtual bool output_is_terminal() const = 0;
  // Cells of a line; 0 where it is not known.
  virtual int width() const = 0;

  // While the result lives, Ctrl-C calls `on_interrupt`, on a thread of its own, instead of ending the process: for what
  // waits for something else than a line. One at a time.
  class Interrupts {
   public:
    virtual ~Interrupts() = default;
  };
  virtual std::unique_ptr<Interrupts> CatchInterrupts(std::function<void()> on_interrupt) = 0;

  // Lets the person edit `text` in the editor `command` ($VISUAL, $EDITOR) and yields what they saved.
  // FAILED_PRECONDITION where the editor did not run or failed: `text` still counts.
  virtual absl::StatusOr<std::string> Edit(const std::string& command, absl::string_view text) = 0;
};

// Standard input and output of this process.
class ProcessTerminal final : public Terminal {
 public:
  InputLine ReadLine() override;
  bool InputWaits() override;
  std::string ReadAll() override;
  void Out(absl::string_view text) override;
  void Err(absl::string_view text) override;
  bool interactive() const override;
  bool output_is_terminal() const override;
  int width() const override;
  std::unique_ptr<Interrupts> CatchInterrupts(std::function<void()> on_interrupt) override;
  absl::StatusOr<std::string> Edit(const std::string& command, absl::string_view text) override;

 private:
  std::string pending_;  // read and not yet given out
};

}  // namespace greenroom::cli

#endif  // GREENROOM_CLIENTS_CLI_TERMINAL_H_
