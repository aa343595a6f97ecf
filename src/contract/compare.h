// What changed between two versions of a contract, and for whom that matters.
//
//   Comparison c = Compare(before, after);
//   for (const Change& change : c.changes) fmt::print("{} {}\n", change.path, change.message);
//   if (!c.version_fits) …   // 1.1.0 -> 1.2.0, and a column was removed: 2.0.0
//
// A contract is a set of promises about data. A change that promises less *loosens* it: who reads
// may meet what was never there before, and breaks. One that promises more *tightens* it: readers
// are safe, and the producer has more to keep. What is told apart:
//
//   tables, columns     removed, renamed, added; type widened, narrowed, changed; required, unique,
//                       primary key, partition and reference promises; limits of values, lengths
//                       and items; pattern, format; unit; classification; names and descriptions
//   rules               removed, added, weaker, stricter, changed
//   terms               SLA properties, notice, servers, status, consumers, needs, all the rest
//
// Pure: no file, no clock. Of a contract that is only proposed or drafted nothing can break.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "contract/document.h"
#include "contract/version.h"

namespace andon::contract {

enum class Direction { kLoosens, kTightens, kNeutral };
std::string_view ToString(Direction direction);  // "loosens", "tightens", "neutral"

struct Change {
  std::string kind;    // "column_removed", "type_widened", "required_dropped", "sla_loosened", …
  std::string path;    // "payment.amount", "payment", "sla.latency", "status", …
  std::string table;   // Of tables, columns and rules; else empty.
  std::string column;  // Of columns and their rules; else empty.
  Direction direction = Direction::kNeutral;
  bool is_breaking = false;  // For consumers.
  Bump demands = Bump::kPatch;
  std::string before, after;  // As text; empty where there is none.
  std::string message;        // One sentence for a person.
  std::string compatible;     // Of a breaking one: what would not break; may be empty.
  std::string pointer;        // Into the newer document's JSON; of what was removed into the older.
  bool is_removal = false;    // `pointer` is into the older.
};

struct Comparison {
  std::vector<Change> changes;  // Breaking ones first, then by path.
  std::string version_before, version_after;
  Bump demanded = Bump::kNone;
  Bump made = Bump::kNone;
  bool version_fits = true;    // The version went up by what is demanded, or by more.
  std::string version_wanted;  // The least version that fits.

  bool is_breaking() const;
};

Comparison Compare(const Document& before, const Document& after);

Json ToJson(const Change& change);
Json ToJson(const Comparison& comparison);
// One line for each change, "BREAKING", "compatible" or "notice" before it; then what the version
// is and must be. For the command line.
std::string ToText(const Comparison& comparison);
// The same for a comment on a change in review.
std::string ToMarkdown(const Comparison& comparison, std::string_view title);

}  // namespace andon::contract
