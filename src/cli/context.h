// What a command sees of the world: where the project is, how to print, the clock.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/diagnostics.h"
#include "base/json.h"
#include "base/result.h"
#include "base/source.h"

namespace andon::cli {

// One table for all commands (docs/reference/exit-codes.md).
enum class ExitCode {
  kDone = 0,
  kError = 1,    // Usage, configuration, I/O.
  kChanges = 2,  // plan -detailed-exitcode: there are changes.
  kChecksFailed =
      3,  // Data checks or a contract failed. Warnings do not count. (fmt -check: differs.)
  kTaskFailed = 4,   // A run or a task failed, or a delivery could not be read.
  kBreaking = 5,     // Breaking change against a contract or a consumer.
  kRefused = 6,      // Refused by policy.
  kHeld = 7,         // A lease is held by someone else.
  kUnreachable = 8,  // Server not reachable or not allowed.
  kInterrupted = 130,
};

// The exit code that an Error stands for: kHeld, kUnavailable, kInterrupted have their own.
ExitCode ExitCodeOf(const Error& error);

struct Context {
  std::string project_dir;   // Absolute. The folder of *.andon.hcl.
  std::string program;       // Absolute path of this binary, to start workers with.
  bool json = false;         // -json: stdout is JSON Lines and nothing else.
  bool color = false;        // ANSI sequences on stdout and stderr.
  bool progress = false;     // A live line on stderr: stderr is a terminal and not CI.
  bool interactive = false;  // Questions may be asked: stdin is a terminal, no -input=false, no CI.
  bool quiet = false;
  bool verbose = false;
  int width = 100;  // Of the terminal, in cells.
  // Called by the name of another program ("terraform", "tofu"), and so behaving as that one:
  // nothing is said or refused that it would not. Empty: as itself.
  std::string speaks_as;
  const Clock* clock = nullptr;
  std::string actor;  // "ana@host", for the journal.
  Sources sources;    // Texts read so far, for the excerpts of messages.

  bool speaks_as_other() const { return !speaks_as.empty(); }
  // "andon", "Andon": how the program names itself.
  std::string_view command() const;
  std::string_view product() const;

  // Results, to stdout. Print adds nothing; Line adds the newline.
  void Print(std::string_view text) const;
  void Line(std::string_view text = {}) const;
  // With -json: one object a line, `{"type": …}` first; else nothing.
  void Event(const Json& event) const;
  // To stderr.
  void Note(std::string_view text) const;
  // Replaces the live line on stderr; empty text clears it. Nothing without `progress`.
  void Progress(std::string_view text) const;

  // Paints where `color` is on: "bold", "dim", "red", "green", "yellow", "blue", "cyan".
  std::string Paint(std::string_view style, std::string_view text) const;

  // Prints diagnostics with their excerpts to stderr (with -json: as events on
  // stdout). Files that are not in `sources` are read for their excerpt.
  void Report(const Diagnostics& diagnostics);
  // Prints one error and returns its exit code.
  ExitCode Fail(const Error& error) const;
};

// A plain table for stdout: columns padded to their widest cell, numbers (marked by
// `right`) to the right, two spaces between, header dimmed, cells cut to fit the width.
struct TextTable {
  std::vector<std::string> header;
  std::vector<bool> right;  // May be shorter than the header.
  std::vector<std::vector<std::string>> rows;
};
std::string Format(const TextTable& table, const Context& context, std::string_view indent = "");

}  // namespace andon::cli
