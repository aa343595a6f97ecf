// Diagnostics: everything that is wrong with what a user wrote, at once.
//
// A function that reads a user's text returns its value *and* diagnostics; a
// mistake yields an unknown or partial value, so that it is told only once.
// How one is written (docs/messages.md): the summary is fixed words without the
// user's data, so that equal mistakes look equal; the detail says in sentences
// what, why, and what to do; `help` is one line that can be acted on.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/source.h"

namespace andon {

enum class Severity { kError, kWarning };

// A second place that explains the first: "columns are declared here".
struct Label {
  SourceRange range;
  std::string text;
};

struct Diagnostic {
  Severity severity = Severity::kError;
  std::string code;      // "AN1042"; the list is in docs/messages.md.
  std::string summary;   // Fixed words, no user data, no full stop.
  std::string detail;    // Sentences. May be empty.
  SourceRange subject;   // What the caret marks; may not exist.
  std::string address;   // The object, "dataset.payment", where there is one.
  std::string at_caret;  // Short text behind the caret: `did you mean "amount"?`
  std::vector<Label> labels;
  std::string help;  // "help: " line. May be empty.
};

class Diagnostics {
 public:
  void Add(Diagnostic diagnostic);
  void Error(std::string code, std::string summary, std::string detail, SourceRange subject = {});
  void Warning(std::string code, std::string summary, std::string detail, SourceRange subject = {});
  void Append(Diagnostics other);

  bool has_errors() const { return errors_ > 0; }
  bool empty() const { return list_.empty(); }
  int errors() const { return errors_; }
  size_t size() const { return list_.size(); }
  const std::vector<Diagnostic>& list() const { return list_; }
  auto begin() const { return list_.begin(); }
  auto end() const { return list_.end(); }

  // Orders by file, line and column, warnings after errors of the same place.
  void Sort();

 private:
  std::vector<Diagnostic> list_;
  int errors_ = 0;
};

// The text of one diagnostic with its excerpt, as `docs/messages.md` shows it:
//
//   error[AN1042]: Unknown column
//      --> payments.andon.hcl:55:64
//      55 |     amount_in_range = expect_column_values_to_be_between("ammount", {
//         |                                                          ^^^^^^^^^ did you mean
//         "amount"?
//   The dataset "payment" has no column "ammount".
//   help: ...
//
// Ends with a newline. `color` writes ANSI sequences.
std::string Render(const Diagnostic& diagnostic, const Sources& sources, bool color);

}  // namespace andon
