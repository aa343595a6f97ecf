#include "cli/command.h"

#include <fmt/format.h>
#include <pwd.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <filesystem>

#include "base/text.h"
#include "cli/other_name.h"

namespace andon::cli {

#define ANDON_COMMAND(name) extern const Command k##name;
#include "cli/command_list.inc"
#undef ANDON_COMMAND

const std::vector<const Command*>& Commands() {
  static const std::vector<const Command*> commands = {
#define ANDON_COMMAND(name) &k##name,
#include "cli/command_list.inc"
#undef ANDON_COMMAND
  };
  return commands;
}

const std::vector<Flag>& CommonFlags() {
  static const std::vector<Flag> flags = {
      {"C", FlagKind::kString, "DIR", "Work on the project in DIR; -chdir is the same."},
      {"chdir", FlagKind::kString, "DIR", "As -C."},
      {"json", FlagKind::kBool, "", "Print JSON Lines for programs instead of text."},
      {"no-color", FlagKind::kBool, "", "No colours; the variable NO_COLOR does the same."},
      {"input", FlagKind::kBool, "", "-input=false: never ask, fail instead."},
      {"q", FlagKind::kBool, "", "Only results and errors."},
      {"v", FlagKind::kBool, "", "More detail."},
      {"help", FlagKind::kBool, "", "This page."},
      {"h", FlagKind::kBool, "", "This page."},
  };
  return flags;
}

const Command* FindCommand(const std::vector<std::string>& words, size_t* used) {
  for (size_t n : {size_t(2), size_t(1)}) {
    if (words.size() < n) continue;
    std::string name = n == 2 ? words[0] + " " + words[1] : words[0];
    for (const Command* command : Commands()) {
      if (command->name == name) {
        *used = n;
        return command;
      }
    }
  }
  return nullptr;
}

namespace {

bool EnvironmentHas(const char* name) {
  const char* value = std::getenv(name);
  return value != nullptr && *value != '\0';
}

std::string Actor() {
  const char* given = std::getenv("ANDON_ACTOR");
  if (given != nullptr && *given != '\0') return given;
  const passwd* user = getpwuid(getuid());
  char host[256] = "localhost";
  gethostname(host, sizeof host - 1);
  return fmt::format("{}@{}", user != nullptr ? user->pw_name : "unknown", host);
}

Result<Context> MakeContext(const Arguments& arguments, const Clock& clock) {
  Context context;
  context.clock = &clock;
  context.actor = Actor();
  context.json = arguments.Bool("json");
  context.quiet = arguments.Bool("q");
  context.verbose = arguments.Bool("v");
  bool ci = EnvironmentHas("CI");
  bool no_color = arguments.Bool("no-color") || EnvironmentHas("NO_COLOR") || context.json;
  context.color = !no_color && (isatty(STDOUT_FILENO) || EnvironmentHas("CLICOLOR_FORCE"));
  context.progress = isatty(STDERR_FILENO) && !ci && !context.json && !context.quiet;
  context.interactive = arguments.Bool("input", true) && isatty(STDIN_FILENO) && !ci;
  winsize size{};
  if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col >= 40)
    context.width = size.ws_col;

  std::error_code failed;
  context.program = std::filesystem::read_symlink("/proc/self/exe", failed).string();
  std::string dir = arguments.String("C", arguments.String("chdir", "."));
  std::filesystem::path path = std::filesystem::canonical(dir, failed);
  if (failed || !std::filesystem::is_directory(path)) {
    return Error::NotFound("The folder \"{}\" (-C) does not exist or is no folder.", dir);
  }
  context.project_dir = path.string();
  // Files that a user names are relative to the project, as with Terraform's -chdir.
  std::filesystem::current_path(path, failed);
  if (failed) return Error::Io("Cannot enter \"{}\": {}.", dir, failed.message());
  return context;
}

int UnknownCommand(const std::vector<std::string>& words) {
  std::vector<std::string> names;
  bool is_noun = false;
  for (const Command* command : Commands()) {
    if (command->group == Group::kHidden) continue;
    names.push_back(command->name);
    size_t space = command->name.find(' ');
    if (space == std::string::npos) continue;
    names.push_back(command->name.substr(0, space));
    if (command->name.substr(0, space) == words[0]) is_noun = true;
  }
  std::string wanted = is_noun && words.size() > 1 ? words[0] + " " + words[1] : words[0];
  if (is_noun)
    std::erase_if(names, [&](const std::string& n) { return !n.starts_with(words[0] + " "); });
  if (is_noun && words.size() == 1) {
    fmt::print(stderr, "error: \"andon {}\" needs a verb:", words[0]);
    for (const std::string& name : names)
      fmt::print(stderr, " {}", name.substr(words[0].size() + 1));
    fmt::print(stderr, "\nhelp: andon help {}\n", words[0]);
    return int(ExitCode::kError);
  }
  std::string meant = DidYouMean(wanted, names);
  fmt::print(stderr, "error: There is no command \"{}\"{}\nhelp: andon help\n", wanted,
             meant.empty() ? "." : ": did you mean \"andon " + meant + "\"?");
  return int(ExitCode::kError);
}

// Terraform's habit: flags that concern every command may stand before it.
std::vector<std::string> CommandFirst(std::vector<std::string> words) {
  size_t i = 0;
  while (i < words.size() && words[i].size() > 1 && words[i][0] == '-') {
    std::string name = words[i].substr(words[i].starts_with("--") ? 2 : 1);
    bool takes_value = name == "C" || name == "chdir";
    i += takes_value && i + 1 < words.size() ? 2 : 1;
  }
  std::rotate(words.begin(), words.begin() + i, words.end());
  return words;
}

}  // namespace

namespace {

ExitCode RunCommand(const Command& command, const Arguments& arguments,
                    const std::string& speaks_as) {
  SystemClock clock;
  auto context = MakeContext(arguments, clock);
  if (!context.ok()) {
    fmt::print(stderr, "error: {}\n", context.error().message);
    return ExitCode::kError;
  }
  context->speaks_as = speaks_as;
  // Answers may come through a pipe there.
  if (context->speaks_as_other()) context->interactive = arguments.Bool("input", true);
  return command.run(*context, arguments);
}

bool IsHelp(const std::string& word) { return word == "-h" || word == "-help" || word == "--help"; }

int MainAsOther(std::vector<std::string> words, const std::string& name) {
  if (words.empty() || words[0].starts_with('-')) {
    bool version = !words.empty() && words[0].find("version") != std::string::npos;
    fmt::print("{}", version ? OtherVersion(name) : OtherOverview(name));
    bool was_asked = !words.empty() && (version || IsHelp(words[0]));
    return was_asked ? 0 : 127;
  }
  size_t used = 0;
  const Command* command = FindCommand(words, &used);
  if (command == nullptr || !OtherHas(*command)) {
    fmt::print(stderr, "{}", OtherUnknownCommand(name, words[0]));
    return 1;
  }
  words.erase(words.begin(), words.begin() + static_cast<std::ptrdiff_t>(used));
  if (std::any_of(words.begin(), words.end(), IsHelp)) {
    fmt::print("{}", OtherHelpPage(name, *command));
    return 0;
  }
  auto arguments = ParseArguments(*command, words);
  if (!arguments.ok()) {
    fmt::print(stderr, "{}", OtherFlagError(name, *command, arguments.error().message));
    return 1;
  }
  return OtherExitCode(*command, RunCommand(*command, *arguments, name));
}

}  // namespace

int Main(const std::vector<std::string>& given, const std::string& speaks_as) {
  std::vector<std::string> words = CommandFirst(given);
  if (!speaks_as.empty()) return MainAsOther(std::move(words), speaks_as);
  if (words.empty() || words[0].starts_with('-')) {
    bool version = !words.empty() && (words[0] == "-version" || words[0] == "--version");
    words.insert(words.begin(), version ? "version" : "help");
    if (words.size() > 1 && words[1].find("version") != std::string::npos)
      words.erase(words.begin() + 1);
    std::erase_if(words,
                  [](const std::string& w) { return w == "-h" || w == "-help" || w == "--help"; });
  }
  size_t used = 0;
  const Command* command = FindCommand(words, &used);
  if (command == nullptr) return UnknownCommand(words);
  words.erase(words.begin(), words.begin() + used);

  if (std::any_of(words.begin(), words.end(), IsHelp)) {
    fmt::print("{}", HelpPage(*command));
    return int(ExitCode::kDone);
  }
  auto arguments = ParseArguments(*command, words);
  if (!arguments.ok()) {
    fmt::print(stderr, "error: {}\n", arguments.error().message);
    return int(ExitCode::kError);
  }
  return int(RunCommand(*command, *arguments, {}));
}

}  // namespace andon::cli

int main(int argc, char** argv) {
  // A reader that goes away (`andon data log | head`) ends us quietly, not with a message.
  std::signal(SIGPIPE, SIG_DFL);
  return andon::cli::Main(std::vector<std::string>(argv + 1, argv + argc),
                          andon::cli::OtherNameOf(argc > 0 ? argv[0] : ""));
}
