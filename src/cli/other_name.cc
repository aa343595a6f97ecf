#include "cli/other_name.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "cli/infrastructure.h"

namespace andon::cli {
namespace {

// In the order of its help: the words of the daily work first, the others by name.
// clang-format off
constexpr std::string_view kMain[] = {"init", "validate", "plan", "apply", "destroy"};
constexpr std::string_view kOthers[] = {
    "console", "fmt",     "force-unlock", "get",   "graph", "import",  "login",   "logout",
    "output",  "providers", "refresh",    "show",  "state", "taint",   "test",    "untaint",
    "version", "workspace"};
// clang-format on

std::string FirstWord(const Command& command) {
  return command.name.substr(0, command.name.find(' '));
}

// Sentences of ours name commands; they have no data of users in them.
std::string InItsWords(std::string_view name, std::string text) {
  auto replace = [&](std::string_view from, std::string_view to) {
    for (size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
      text.replace(at, from.size(), to);
  };
  replace("andon ", std::string(name) + " ");
  replace("Andon", ProductOf(name));
  return text;
}

std::string Lines(std::string_view name, std::span<const std::string_view> words) {
  std::string out;
  for (std::string_view word : words) {
    for (const Command* command : Commands()) {
      bool is_noun = command->name.starts_with(std::string(word) + " ");
      if (command->name != word && !is_noun) continue;
      std::string summary =
          is_noun ? fmt::format("See and change the {} by hand", word) : command->summary;
      out += fmt::format("  {:<13} {}\n", word, InItsWords(name, summary));
      break;
    }
  }
  return out;
}

}  // namespace

std::string OtherNameOf(std::string_view argv0) {
  std::string_view name = argv0.substr(argv0.rfind('/') + 1);
  return name == "terraform" || name == "tofu" ? std::string(name) : std::string();
}

std::string_view ProductOf(std::string_view name) {
  return name == "terraform" ? "Terraform" : name == "tofu" ? "OpenTofu" : "Andon";
}

bool OtherHas(const Command& command) {
  std::string word = FirstWord(command);
  auto has = [&](const auto& words) {
    return std::find(std::begin(words), std::end(words), word) != std::end(words);
  };
  return has(kMain) || has(kOthers);
}

std::string OtherOverview(std::string_view name) {
  return fmt::format(
      "Usage: {} [global options] <subcommand> [args]\n\nMain commands:\n{}\nAll other "
      "commands:\n{}\nGlobal options (use these before the subcommand, if any):\n"
      "  -chdir=DIR    Work in another folder.\n  -help         This page, or that of a "
      "subcommand.\n  -version      The same as the subcommand \"version\".\n",
      name, Lines(name, kMain), Lines(name, kOthers));
}

std::string OtherHelpPage(std::string_view name, const Command& command) {
  return InItsWords(name, HelpPage(command));
}

std::string OtherVersion(std::string_view name) {
  return fmt::format("{} v{}\non linux_{}\n", ProductOf(name), kLanguageVersion,
                     ANDON_ARCHITECTURE);
}

std::string OtherUnknownCommand(std::string_view name, std::string_view written) {
  std::vector<std::string> known;
  for (const Command* command : Commands()) {
    if (OtherHas(*command)) known.push_back(FirstWord(*command));
  }
  std::string meant = DidYouMean(written, known);
  return fmt::format(
      "{} has no command named \"{}\".{}\n\nTo see all of {}'s top-level commands, run:\n  {} "
      "-help\n\n",
      ProductOf(name), written, meant.empty() ? "" : fmt::format(" Did you mean \"{}\"?", meant),
      ProductOf(name), name);
}

std::string OtherFlagError(std::string_view name, const Command& command,
                           std::string_view message) {
  return fmt::format(
      "\nError: Failed to parse command-line flags\n\n{}\n\nFor more help on using this command, "
      "run:\n  {} {} -help\n",
      InItsWords(name, std::string(message)), name, command.name);
}

std::string OtherRender(const Diagnostic& diagnostic, const Sources& sources) {
  std::string out =
      fmt::format("\n{}: {}\n", diagnostic.severity == Severity::kError ? "Error" : "Warning",
                  diagnostic.summary);
  if (diagnostic.subject.exists()) {
    int line = diagnostic.subject.start.line;
    out += fmt::format("\n  on {} line {}:\n", diagnostic.subject.filename, line);
    if (const std::string* text = sources.Find(diagnostic.subject.filename)) {
      std::vector<std::string> lines = Split(*text, '\n');
      if (line >= 1 && static_cast<size_t>(line) <= lines.size())
        out += fmt::format("{:>4}: {}\n", line, lines[static_cast<size_t>(line) - 1]);
    }
  }
  if (!diagnostic.detail.empty()) out += "\n" + diagnostic.detail + "\n";
  return out;
}

int OtherExitCode(const Command& command, ExitCode code) {
  int number = static_cast<int>(code);
  if (command.name == "fmt") return number;
  return number > static_cast<int>(ExitCode::kChanges) ? 1 : number;
}

}  // namespace andon::cli
