// A command of the command line: one file (or, for "noun verb" commands, one
// file a noun), one `const Command`, one line in command_list.inc.
//
//   extern const Command kHold = {
//       .name = "hold",
//       .group = Group::kRun,
//       .summary = "Stop publishing a dataset until it is resumed",
//       .usage = "DATASET",
//       .description = "…",
//       .positional_min = 1, .positional_max = 1,
//       .flags = {{"reason", FlagKind::kString, "TEXT", "Why, for the board and the journal."}},
//       .examples = {{"andon hold payment -reason 'wrong rates'", "Stop the line by hand."}, …},
//       .run = [](Context& context, const Arguments& arguments) { … },
//   };
//
// Help, usage errors, did-you-mean, shell completion and the reference page
// docs/reference/commands.md are made from this and written nowhere else.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "cli/context.h"

namespace andon::cli {

// The sections of `andon help`, in their order there.
enum class Group {
  kStart,
  kWrite,
  kChange,
  kTest,
  kRun,
  kData,
  kWatch,
  kRespond,
  kServe,
  kHelp,
  kHidden
};
std::string_view ToString(Group group);  // "START", …

enum class FlagKind {
  kBool,      // -json, or -json=false
  kString,    // -out=FILE or -out FILE
  kList,      // may be given several times; each is kept
  kInteger,   // refused where it is no whole number
  kDuration,  // 90s, 15m, …
};

// Either one or two dashes introduce a flag. A single letter is a name as well.
struct Flag {
  std::string name;
  FlagKind kind = FlagKind::kBool;
  std::string value_name;  // "FILE", for help; empty for kBool.
  std::string help;        // One sentence.
};

struct Example {
  std::string command;
  std::string says;
};

// What stood behind the command, checked against its flags.
class Arguments {
 public:
  std::vector<std::string> positional;

  bool Has(std::string_view flag) const;
  bool Bool(std::string_view flag, bool otherwise = false) const;
  std::string String(std::string_view flag, std::string_view otherwise = {}) const;
  std::vector<std::string> List(std::string_view flag) const;
  int64_t Integer(std::string_view flag, int64_t otherwise = 0) const;
  Duration Time(std::string_view flag, Duration otherwise = Duration(0)) const;

  std::map<std::string, std::vector<std::string>, std::less<>> flags;
};

struct Command {
  std::string name;  // "plan", "incident show"
  Group group = Group::kHidden;
  std::string summary;      // One line, no full stop.
  std::string usage;        // What stands behind the name: "[PLANFILE]".
  std::string description;  // Paragraphs, wrapped when printed. What it reads, what it changes, its
                            // exit codes.
  int positional_min = 0;
  int positional_max = 0;  // -1: any number.
  std::vector<Flag> flags;
  std::vector<Example> examples;  // At least two, each of which works on the example project.
  ExitCode (*run)(Context& context, const Arguments& arguments) = nullptr;
};

// All commands, in the order of help.
const std::vector<const Command*>& Commands();

// Flags that every command takes (-C/-chdir, -json, -no-color, -q, -v, -input, …).
const std::vector<Flag>& CommonFlags();

// The command that `words` begin with ("incident show 1": two words), or null.
// `used` receives how many words its name took.
const Command* FindCommand(const std::vector<std::string>& words, size_t* used);

// Reads what stands behind the command's name. kInvalid, with did-you-mean, for
// an unknown flag, a missing value, or too few or too many arguments.
Result<Arguments> ParseArguments(const Command& command, const std::vector<std::string>& words);

// The page of `andon help NAME`.
std::string HelpPage(const Command& command);
// The page of `andon help`.
std::string HelpOverview();

// Runs one command line (without the program's name) and returns the exit code. `speaks_as`: see
// Context.
int Main(const std::vector<std::string>& words, const std::string& speaks_as = {});

}  // namespace andon::cli
