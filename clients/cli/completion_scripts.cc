#include "clients/cli/completion.h"

namespace greenroom::cli {
namespace {

constexpr absl::string_view kBash = R"bash(# greenroom in bash: source <(greenroom completion bash)
_greenroom() {
  local line
  COMPREPLY=()
  while IFS= read -r line; do
    if [[ $line == ":files" ]]; then
      compopt -o default
    else
      COMPREPLY+=("$line")
    fi
  done < <("${COMP_WORDS[0]}" __complete "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
}
complete -F _greenroom greenroom
)bash";

constexpr absl::string_view kZsh = R"zsh(#compdef greenroom
# greenroom in zsh: source <(greenroom completion zsh), after compinit
_greenroom() {
  local -a found
  found=("${(@f)$("${words[1]}" __complete "${(@)words[2,CURRENT]}" 2>/dev/null)}")
  if [[ "${found[1]}" == ":files" ]]; then
    _files
  elif [[ -n "${found[1]}" ]]; then
    compadd -- "${found[@]}"
  fi
}
if [[ "${funcstack[1]}" == "_greenroom" ]]; then
  _greenroom "$@"
else
  compdef _greenroom greenroom
fi
)zsh";

constexpr absl::string_view kFish = R"fish(# greenroom in fish: greenroom completion fish | source
function __greenroom_complete
    set -l typed (commandline -opc)
    set -l program $typed[1]
    set -e typed[1]
    for line in ($program __complete $typed (commandline -ct) 2>/dev/null)
        if test "$line" = ":files"
            __fish_complete_path (commandline -ct)
        else
            echo $line
        end
    end
end
complete -c greenroom -f -a '(__greenroom_complete)'
)fish";

}  // namespace

absl::string_view CompletionScript(absl::string_view shell) {
  if (shell == "bash") return kBash;
  if (shell == "zsh") return kZsh;
  if (shell == "fish") return kFish;
  return "";
}

}  // namespace greenroom::cli
