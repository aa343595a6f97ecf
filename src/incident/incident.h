// Incidents: one for each cause, from the failure that opened it to the publish that ended it.
//
// Every function takes the caller's transaction, so that the publish (or the hold), the incident,
// its facts and its notifications become true together. All of them are idempotent for a repeated
// call about the same run, so a run that was killed and redone tells nothing twice.
//
//   open ── a person takes it ──► acknowledged
//   either ── the dataset publishes green, or a person says so ──► resolved
//   either ── a person accepts the red data ──► accepted
//   accepted ── green ──► resolved;  its end passes ──► open
//
// Which incident. All failed checks of one unit in one delivery (or one model's run) are one
// incident: its key is the unit with the delivery's period, or the unit alone. A failure with
// the key of an incident that is not over joins it; so does a missed freshness of a dataset that
// is red or held already, and a held dataset joins the incident that holds it.
//
//   int64_t n = TRY(incident::RecordFailure(tx, context, failure, now));
//   TRY(incident::RecordHeld(tx, context, "dataset.revenue", {"dataset.payment"}, run_id, now));
//   …
//   incident::Published published{.dataset = "dataset.payment", .version = 4};
//   auto ended = TRY(incident::RecordPublished(tx, context, published, now));
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/json.h"
#include "base/result.h"
#include "definition/definition.h"
#include "incident/causes.h"
#include "lineage/lineage.h"

namespace andon::store {
class Transaction;
}

namespace andon::incident {

// What the functions need to know of the release that runs. Not kept.
struct Context {
  const definition::Project& project;
  const lineage::Graph& graph;
  int64_t release_id = 0;
  std::string actor;  // Who does it: "run 8f31", "ana@example.org".
};

enum class FailureKind { kChecks, kContract, kTask, kUnreadable, kFreshness };
std::string_view ToString(
    FailureKind kind);  // "checks", "contract", "task", "unreadable", "freshness"

// quality::CheckResult as data, of a check that is not passed.
struct FailedCheck {
  std::string dataset;  // Address.
  std::string name;
  std::string type;
  std::string severity;  // "critical", "warning", "info"
  std::string scope;     // "delivery", "dataset"
  std::string message;   // "37 of 1,157 values are unexpected: -4.99, …"
  Json observed_value;
  int64_t unexpected_count = 0;
  int64_t element_count = 0;
  std::string position;   // "file:line" of the check.
  Json sample;            // {"columns": ["payment_id", …], "rows": [[…], …]}; null where none.
  std::string first_bad;  // With which delivery, run and release the bad rows came; a sentence.
};

// The delivery that failed, or that ended it.
struct DeliveryReference {
  int64_t id = 0;  // deliveries.delivery_id
  std::string path;
  std::string period;
  Timestamp arrived_at;
};

struct Failure {
  FailureKind kind = FailureKind::kChecks;
  std::vector<std::string> datasets;  // Red ones of the unit; the first names it.
  std::vector<std::string> unit;      // The whole unit; empty: `datasets`.
  std::string run_id;
  std::optional<DeliveryReference> delivery;
  std::vector<FailedCheck> checks;  // kChecks. Also those of severity warning, told beside.
  std::vector<std::string> breaks;  // kContract: contract::Break::sentence.
  std::string message;              // kTask, kUnreadable, kFreshness: what is wrong, a sentence.
  std::string task_end;             // kTask: io::ToString(ExitStatus) where the worker was ended.
  bool was_killed = false;
  std::vector<SliceEvidence> slices;
  std::string andon_version;
  // Since when the data are not what they should be, where it is not the delivery's arrival:
  // kFreshness: the instant at which it was due.
  std::optional<Timestamp> since;
  // Readers have these rows: somebody else wrote them, past the line.
  bool is_read_already = false;
};

enum class State { kOpen, kAcknowledged, kAccepted, kResolved };
std::string_view ToString(State state);  // "open", "acknowledged", "accepted", "resolved"
Result<State> StateFromString(std::string_view text);

struct HeldDataset {
  std::string dataset;
  Timestamp since;
};

struct Incident {
  int64_t number = 0;  // 1, 2, 3 … per project.
  State state = State::kOpen;
  FailureKind kind = FailureKind::kChecks;
  std::string severity;  // "critical", or "warning" where nothing critical failed.
  std::string title;     // "payment: 3 checks failed on deliveries/payment-2005-08.csv"
  std::string cause_key;
  std::vector<std::string> datasets;   // Red.
  std::vector<std::string> published;  // Of them: already green again.
  std::vector<HeldDataset> held;
  std::string run_id;       // That opened it.
  std::string last_run_id;  // That failed last for it.
  int64_t release_id = 0;
  int64_t transitions = 0;  // Grows with each change that is notified.

  std::optional<DeliveryReference> delivery;
  std::vector<FailedCheck> checks;
  std::vector<std::string> breaks;
  std::string message;
  std::vector<Cause> causes;
  lineage::Impact impact;

  Timestamp began_at;  // The delivery's arrival; else when it was due; else opened_at.
  Timestamp opened_at;
  std::optional<Timestamp> acknowledged_at;
  std::string acknowledged_by;
  std::string assignee;
  std::optional<Timestamp> accepted_at;
  std::string accepted_by;
  std::string accepted_reason;
  std::optional<Timestamp> accepted_until;
  std::optional<Timestamp> resolved_at;
  std::string resolved_by;                   // "published @4", or a person.
  std::string resolution;                    // Note.
  std::optional<int64_t> last_good_version;  // Served meanwhile, where `served` is empty.
  std::string served;  // "bad", "stale": what readers get whom the line does not protect.
  std::optional<Timestamp> last_good_at;

  bool is_over() const { return state == State::kResolved; }
  bool IsRed(std::string_view dataset) const;
  bool Touches(std::string_view dataset) const;  // Red or held.
};

Json ToJson(const Incident& incident);

struct Event {
  int64_t id = 0;
  Timestamp at;
  std::string kind;  // "opened", "failed_again", "held", "acknowledged", "assigned", "note",
                     // "accepted", "acceptance_ended", "late", "published",
                     // "resolved"
  std::string actor;
  std::string text;  // A sentence.
};

Json ToJson(const Event& event);

// Readers' time. While the line holds, they read the last good version: stale, never bad.
struct Times {
  std::optional<Duration> to_detection;   // opened − began
  std::optional<Duration> to_resolution;  // resolved − opened; none while it lasts
  Duration downtime{0};                   // began → resolved, or → now
  Duration served_stale{0};               // The part in which main had the last good version.
  Duration served_bad{0};                 // The part in which main had accepted red data.
};
Times TimesOf(const Incident& incident, Timestamp now);
// A length of time as people say it: "3h 10m"; whole seconds, milliseconds below one.
std::string TimeText(Duration d);
Json ToJson(const Times& times);  // Seconds: {"to_detection_s": 12.0, …}

// ---- What happens to an incident. All inside the caller's transaction. ----

// Opens an incident, or updates the one with the same key; returns its number. Ranks causes,
// computes the impact, writes facts and timeline, enqueues notifications.
Result<int64_t> RecordFailure(store::Transaction& tx, const Context& context,
                              const Failure& failure, Timestamp now);

// `dataset` was not built because of the `red` ones (or of others that they hold). Joins their
// incident; returns its number, or nothing where no incident is open on any of them.
Result<std::optional<int64_t>> RecordHeld(store::Transaction& tx, const Context& context,
                                          const std::string& dataset,
                                          const std::vector<std::string>& red,
                                          const std::string& run_id, Timestamp now);

struct Published {
  std::string dataset;
  int64_t version = 0;  // 0: it has none, as it was checked where it is.
  std::string run_id;
  // Periods of the deliveries that this publish holds. An incident of a delivery of another
  // period stays open: its data are still missing. Nothing: all of the dataset's incidents end.
  std::optional<std::vector<std::string>> delivery_keys;
};

// `dataset` was published green: incidents on it end once all of their red datasets have
// published; those that held it note it. Returns the numbers of those that ended.
Result<std::vector<int64_t>> RecordPublished(store::Transaction& tx, const Context& context,
                                             const Published& published, Timestamp now);

// A late dataset is fresh again: its incident of missed freshness ends.
Result<void> RecordFresh(store::Transaction& tx, const Context& context, const std::string& dataset,
                         const std::string& text, Timestamp now);

// A dataset without its delivery (rejected or withdrawn by a person), or removed from the project:
// its open incidents end with `note`.
Result<void> RecordWithdrawn(store::Transaction& tx, const Context& context,
                             const std::string& dataset, std::string_view period,
                             std::string_view note, Timestamp now);

// By a person. kNotFound for an unknown number; kInvalid where the state does not allow it (what
// is over stays over). An acknowledged one may be acknowledged again by someone else.
Result<void> Acknowledge(store::Transaction& tx, const Context& context, int64_t number,
                         Timestamp now);
Result<void> Assign(store::Transaction& tx, const Context& context, int64_t number,
                    const std::string& assignee, Timestamp now);
Result<void> AddNote(store::Transaction& tx, const Context& context, int64_t number,
                     const std::string& text, Timestamp now);
Result<void> Resolve(store::Transaction& tx, const Context& context, int64_t number,
                     const std::string& note, Timestamp now);
// The red data of the incident are being published by the same transaction (line/accept.h).
// kInvalid for an empty reason, or an end that is not in the future.
Result<void> Accept(store::Transaction& tx, const Context& context, int64_t number,
                    const std::string& reason, std::optional<Timestamp> until, Timestamp now);
// Accepted ones whose end has passed are open again, and told. Returns the next end.
Result<std::optional<Timestamp>> ExpireAcceptances(store::Transaction& tx, const Context& context,
                                                   Timestamp now);

// ---- Reading ----

Result<Incident> Load(store::Transaction& tx, int64_t number);  // kNotFound, with the last number.
// "3", "#3" or "last".
Result<Incident> Find(store::Transaction& tx, std::string_view number_or_last);
struct Filter {
  std::optional<bool> is_over;
  std::string dataset;  // Red or held.
  int64_t limit = 200;
};
Result<std::vector<Incident>> List(store::Transaction& tx, const Filter& filter);  // Newest first.
Result<std::vector<Event>> Events(store::Transaction& tx, int64_t number);         // Oldest first.

// The channels that are told of a failure of `datasets`: those of the owners' teams, or the
// project's default ones where no owner has any. Addresses, unique.
std::vector<std::string> ChannelsOf(const definition::Project& project,
                                    const std::vector<std::string>& datasets);

}  // namespace andon::incident
