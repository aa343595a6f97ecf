// Causes: what most likely brought a failure about, ranked, each with its evidence.
//
// A pure function of a symptom and of what the journal knows since the dataset's last good
// publish. Nothing is guessed by kind: a cause stands first because its evidence is stronger.
//
// Score. Each sentence of evidence has a weight w in (0, 1]: how far it alone would convince.
// Supporting weights combine as independent hints, counter-evidence scales down:
//
//   score = (1 - (1 - s1)(1 - s2)…) × (1 - c1)(1 - c2)…
//
//   data         checks fail on this delivery's file, or on a dataset
//                that passed them without it                           s 0.50  (0.30 where there is
//                                                                      no version without it)
//                its columns are not those declared, or it cannot
//                be read                                               s 0.70
//                the deliveries before it passed the same checks       s 0.40
//                a slice holds the failing rows                        s 0.30 × coverage
//                nothing changed in code or definitions                s 0.30
//                nothing arrived (missed freshness)                    s 0.70
//                … though a run looked                                 s 0.30, else c 0.30
//                an earlier delivery failed the same checks            c 0.20
//                the failing check, or the SQL, is new or changed      c 0.50
//                the task that failed was loading it                   s 0.20
//   code         the dataset's SQL changed                             s 0.70
//                the failing check was added or changed                s 0.70
//                columns, load, partitions or source changed           s 0.50
//                an upstream's SQL or load changed, d edges away       s 0.60 / d
//                the object is new, and there is no good version yet   s 0.30
//                a further part of the same object changed             s 0.05
//                no input changed since the last good run              s 0.60
//                an input (or a delivery) came in between              c 0.30
//                nothing changed: told as a cleared cause, score 0
//   upstream     an input published a new version in between           s 0.45 / d
//                … which was accepted though red, or changed by
//                another tool                                          s 0.60
//                code changed in between                               c 0.40
//   environment  a resource of the infrastructure changed, or drifted,
//                that is read d edges away                             s 0.50 / d
//                the task failed, or nothing arrived                   s 0.30
//                checks failed on data: what it holds answered         c 0.20
//                Andon's version changed                               s 0.35
//                the worker was killed or ran out of time              s 0.60
//                the task failed with a message                        s 0.30
//                no run looked for deliveries since the last arrival   s 0.60
//                code changed in between                               c 0.30
//
// Causes with a score below 0.05 are told as cleared, with what speaks against them.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/json.h"
#include "base/result.h"
#include "definition/definition.h"
#include "lineage/lineage.h"

namespace andon::store {
class Transaction;
}

namespace andon::incident {

enum class CauseKind { kData, kCode, kUpstream, kEnvironment };
std::string_view ToString(CauseKind kind);  // "data", "code", "upstream", "environment"

struct Evidence {
  bool supports = true;
  double weight = 0;
  std::string
      sentence;  // "37 of the 37 failing rows have staff_id = 2 and payment_date ≥ 2005-08-20; …"
};

struct Cause {
  CauseKind kind = CauseKind::kData;
  std::string title;     // "This delivery's file: deliveries/payment-2005-08.csv"
  std::string position;  // "models/daily_revenue.sql:7"; code only.
  std::string address;   // What it lies in: a dataset, a source; may be empty.
  int64_t release_id = 0;
  std::vector<Evidence> evidence;  // Heaviest first, those that support before those against.
  double score = 0;
  bool is_cleared() const { return score < 0.05; }
};

Json ToJson(const Cause& cause);
Cause CauseFromJson(const Json& json);

// Where bad rows lie: quality::Slice as data.
struct SliceEvidence {
  std::string check;  // Name of the failing check.
  std::string text;   // quality::Slice::ToText().
  double coverage = 0;
  double share = 0;
};

// What failed, as far as ranking needs it. incident.h makes it from a Failure.
struct Symptom {
  enum class Kind { kChecks, kContract, kTask, kUnreadable, kFreshness };
  Kind kind = Kind::kChecks;
  std::string dataset;                     // The first red dataset's address.
  std::vector<std::string> unit;           // All of its unit, `dataset` included.
  std::vector<lineage::Reached> upstream;  // Of the unit, with depth.
  std::vector<std::string> failed_checks;  // Names.
  std::string delivery;  // Path of the file, or the table in its own place; empty for a model.
  std::optional<Timestamp> delivered_at;
  int fails_on_delivery = 0;  // Of the failed checks: those that fail already on the file.
  std::vector<SliceEvidence> slices;
  std::string task_end;       // kTask: "was killed by signal 9 (Killed)"; else empty.
  bool was_killed = false;    // kTask: by a signal or its time limit.
  std::string message;        // kTask, kUnreadable, kContract, kFreshness.
  std::string andon_version;  // Of the run that failed.
  int64_t release_id = 0;     // Whose definitions it ran with.
};

// One changed definition since the last good publish.
struct Change {
  int64_t release_id = 0;
  Timestamp at;
  std::string actor;
  std::string address;
  std::string part;  // "sql", "checks.<name>", "columns", "load", "from", …, "" for a new object
  std::string position;  // "file:line" of the changed text, where it is known.
};

// A resource of the infrastructure that was changed, or has drifted, and is read by what the
// symptom is of, or what that is made of.
struct SystemChange {
  std::string address;  // "aws_db_instance.rental"
  std::string what;     // "update", "replace", …
  std::string detail;   // "instance_class: \"db.t3.micro\" -> \"db.t3.nano\""; may be empty.
  std::string reader;   // "source.rental"
  std::string actor;
  std::string position;  // "main.tf:3"; may be empty.
  Timestamp at;
  int depth = 1;          // Of the reader.
  bool is_drift = false;  // By nobody that Andon knows.
};

struct UpstreamVersion {
  std::string dataset;
  int depth = 1;
  int64_t version = 0;
  Timestamp at;
  bool is_accepted_red = false;
  bool is_foreign = false;  // Committed by another tool.
};

// What happened since the last good publish of the unit.
struct History {
  struct Good {
    Timestamp at;
    int64_t version = 0;
    int64_t release_id = 0;
    std::string andon_version;  // Empty where it was not recorded.
  };
  std::optional<Good> last_good;  // None: it never published.
  int64_t release_id = 0;         // Now.
  std::vector<Change> changes;    // Of the unit and its upstreams, oldest first.
  std::vector<UpstreamVersion> upstream;
  std::vector<SystemChange> systems;  // The newest of each resource, newest first.
  int deliveries_passed = 0;          // Of the same dataset before this one, published.
  int deliveries_failed = 0;  // Rejected with one of the same failing checks, other than this one.
  std::optional<Timestamp> last_run_at;  // When a run last looked for deliveries.
};

// Ranked by score, highest first; cleared ones last. Never empty: a failure of which nothing is
// known is told as such, by the kind of the symptom.
std::vector<Cause> RankCauses(const Symptom& symptom, const History& history);

// Reads what the control store knows: versions, releases with their manifests, deliveries,
// foreign commits. A release's changed SQL is compared line by line with the last good one's,
// so a change's position is the first line that differs.
Result<History> ReadHistory(store::Transaction& tx, const definition::Project& project,
                            const Symptom& symptom);

// The line (from 1) at which two texts begin to differ; of `after`.
int FirstChangedLine(std::string_view before, std::string_view after);

}  // namespace andon::incident
