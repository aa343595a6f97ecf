#include "incident/incident.h"

#include <algorithm>

#include "base/text.h"
#include "incident/notice.h"
#include "incident/record.h"
#include "store/database.h"
#include "store/journal.h"

namespace andon::incident {
namespace {

std::string NameOf(std::string_view address) {
  size_t dot = address.rfind('.');
  return std::string(dot == std::string_view::npos ? address : address.substr(dot + 1));
}

bool Contains(const std::vector<std::string>& list, std::string_view item) {
  return std::find(list.begin(), list.end(), item) != list.end();
}

std::string CauseKey(const Failure& failure) {
  std::vector<std::string> unit = failure.unit.empty() ? failure.datasets : failure.unit;
  std::sort(unit.begin(), unit.end());
  std::string key = Join(unit, "+");
  if (failure.kind == FailureKind::kFreshness) return key + "|late";
  if (!failure.delivery) return key;
  // A corrected file comes under the same period; without one the path is all that there is.
  return key + "|" +
         (failure.delivery->period.empty() ? failure.delivery->path : failure.delivery->period);
}

// The two lists of kinds are one: causes.h stands below incident.h and cannot name it.
static_assert(static_cast<int>(Symptom::Kind::kFreshness) ==
                  static_cast<int>(FailureKind::kFreshness) &&
              static_cast<int>(Symptom::Kind::kTask) == static_cast<int>(FailureKind::kTask));

Symptom SymptomOf(const Context& context, const Failure& failure) {
  Symptom s;
  s.kind = static_cast<Symptom::Kind>(failure.kind);
  s.dataset = failure.datasets.front();
  s.unit = failure.unit.empty() ? failure.datasets : failure.unit;
  for (const auto& member : s.unit) {
    for (auto& reached : context.graph.Upstream(member)) {
      if (Contains(s.unit, reached.id)) continue;
      bool known = std::any_of(s.upstream.begin(), s.upstream.end(),
                               [&](const auto& r) { return r.id == reached.id; });
      if (!known) s.upstream.push_back(std::move(reached));
    }
  }
  for (const auto& check : failure.checks) {
    if (!check.severity.empty() && check.severity != "critical") continue;
    if (Contains(s.failed_checks, check.name)) continue;
    s.failed_checks.push_back(check.name);
    if (check.scope == "delivery") ++s.fails_on_delivery;
  }
  if (failure.delivery) {
    s.delivery = failure.delivery->path;
    s.delivered_at = failure.delivery->arrived_at;
  }
  const definition::Dataset* dataset = context.project.FindDataset(s.dataset);
  if (dataset && dataset->external_source.starts_with("source."))
    s.delivery = dataset->external_source + ".table." + dataset->external_table;
  s.slices = failure.slices;
  s.task_end = failure.task_end;
  s.was_killed = failure.was_killed;
  s.message =
      failure.message.empty() && !failure.breaks.empty() ? failure.breaks.front() : failure.message;
  s.andon_version = failure.andon_version;
  s.release_id = context.release_id;
  return s;
}

// What a failure says of an incident, new or not.
// What readers get of rows that somebody else writes. A task that failed says nothing of them.
std::string ServedBy(const Failure& failure) {
  if (failure.kind == FailureKind::kFreshness) return "stale";
  if (failure.kind == FailureKind::kTask || failure.kind == FailureKind::kUnreadable) return "";
  bool is_old_only =
      failure.kind == FailureKind::kChecks &&
      std::all_of(failure.checks.begin(), failure.checks.end(), [](const FailedCheck& c) {
        bool is_age = c.type == "expect_column_newest_value_to_be_younger_than" ||
                      c.type == "expect_table_last_write_to_be_younger_than";
        return is_age || (!c.severity.empty() && c.severity != "critical");
      });
  return is_old_only ? "stale" : "bad";
}

Result<void> Describe(store::Transaction& tx, const Context& context, const Failure& failure,
                      Incident& in) {
  in.checks = failure.checks;
  in.breaks = failure.breaks;
  in.message = failure.message;
  in.last_run_id = failure.run_id;
  in.severity = "critical";
  if (failure.kind == FailureKind::kChecks) {
    bool is_critical = std::any_of(
        failure.checks.begin(), failure.checks.end(),
        [](const FailedCheck& c) { return c.severity.empty() || c.severity == "critical"; });
    if (!is_critical) in.severity = "warning";
  }
  for (const auto& dataset : failure.datasets) {
    if (!in.IsRed(dataset)) in.datasets.push_back(dataset);
    std::erase(in.published, dataset);
    std::erase_if(in.held, [&](const HeldDataset& h) { return h.dataset == dataset; });
  }
  if (failure.delivery) in.delivery = failure.delivery;
  const definition::Dataset* first = context.project.FindDataset(failure.datasets.front());
  const bool is_past_the_line = failure.is_read_already || (first && first->is_external());
  if (is_past_the_line && in.served != "bad") in.served = ServedBy(failure);
  Symptom symptom = SymptomOf(context, failure);
  History history = TRY(ReadHistory(tx, context.project, symptom));
  in.causes = RankCauses(symptom, history);
  in.impact = context.graph.ImpactOf(in.datasets);
  if (history.last_good && history.last_good->version > 0 && !in.last_good_version) {
    in.last_good_version = history.last_good->version;
    in.last_good_at = history.last_good->at;
  }
  in.title = TitleOf(in);
  return {};
}

std::string Story(const Incident& in) {
  std::string text = in.title + ".";
  if (!in.message.empty()) text += " " + in.message;
  return text;
}

Result<void> Log(store::Transaction& tx, const Context& context, const Incident& in,
                 const std::string& kind, const std::string& fact_kind, const std::string& text,
                 Timestamp now) {
  TRY(AddEvent(tx, in.number, {.at = now, .kind = kind, .actor = context.actor, .text = text}));
  if (fact_kind.empty()) return {};
  store::Fact fact{
      .time = now,
      .actor = context.actor,
      .kind = fact_kind,
      .address = in.datasets.empty() ? "" : in.datasets.front(),
      .run_id = in.last_run_id,
      .release_id = context.release_id,
      .body = Json::Object({{"incident", in.number}, {"title", in.title}, {"text", text}})};
  TRY(store::Append(tx, fact));
  return {};
}

// The incident that a failure belongs to, where there is one that is not over.
Result<std::optional<Incident>> FindSame(store::Transaction& tx, const Failure& failure,
                                         const std::string& key) {
  std::vector<Incident> open = TRY(ListOpen(tx));
  for (Incident& in : open) {
    if (in.cause_key == key) return std::optional<Incident>(std::move(in));
  }
  // A dataset that is red or held is late because of that.
  if (failure.kind == FailureKind::kFreshness) {
    for (Incident& in : open) {
      if (in.Touches(failure.datasets.front())) return std::optional<Incident>(std::move(in));
    }
  }
  return std::optional<Incident>();
}

Result<int64_t> Join(store::Transaction& tx, const Context& context, const Failure& failure,
                     Incident in, const std::string& key, Timestamp now) {
  if (failure.kind == FailureKind::kFreshness && in.cause_key != key) {
    std::string text =
        failure.message.empty() ? NameOf(failure.datasets.front()) + " is late." : failure.message;
    std::vector<Event> events = TRY(Events(tx, in.number));
    for (const Event& e : events) {
      if (e.kind == "late" && e.text.starts_with(NameOf(failure.datasets.front()) + " "))
        return in.number;
    }
    TRY(Log(tx, context, in, "late", store::fact::kFreshnessMissed, text, now));
    return in.number;
  }
  bool is_repeat = !failure.run_id.empty() && in.last_run_id == failure.run_id;
  if (is_repeat && failure.kind != FailureKind::kFreshness) {
    TRY(Describe(tx, context, failure, in));
    TRY(Save(tx, in));
    return in.number;
  }
  if (failure.kind == FailureKind::kFreshness) return in.number;
  in.kind = failure.kind;
  if (in.state == State::kAccepted) in.state = State::kOpen;  // What was accepted was another file.
  TRY(Describe(tx, context, failure, in));
  std::string text = "Failed again. " + Story(in);
  TRY(Log(tx, context, in, "failed_again", "", text, now));
  TRY(Tell(tx, context, in, Notice::kUpdated, text, now));
  TRY(Save(tx, in));
  return in.number;
}

Result<void> End(store::Transaction& tx, const Context& context, Incident& in,
                 const std::string& by, const std::string& text, Timestamp now) {
  in.state = State::kResolved;
  in.resolved_at = now;
  in.resolved_by = by;
  in.resolution = text;
  TRY(Log(tx, context, in, "resolved", store::fact::kIncidentResolved, text, now));
  TRY(Tell(tx, context, in, Notice::kResolved, text, now));
  return Save(tx, in);
}

// The incident, if a person may still change it.
Result<Incident> LoadForChange(store::Transaction& tx, int64_t number) {
  Incident in = TRY(Load(tx, number));
  if (!in.is_over()) return in;
  return Error::Invalid("Incident {} is over since {} ({})", number,
                        ToRfc3339(in.resolved_at.value_or(in.opened_at)), in.resolved_by);
}

// Whether a publish with these deliveries brings what the incident waits for.
bool Brings(const Published& published, const Incident& in) {
  if (!published.delivery_keys || !in.delivery || in.kind == FailureKind::kFreshness) return true;
  return Contains(*published.delivery_keys, in.delivery->period) ||
         Contains(*published.delivery_keys, in.delivery->path);
}

}  // namespace

Result<int64_t> RecordFailure(store::Transaction& tx, const Context& context,
                              const Failure& failure, Timestamp now) {
  ASSERT(!failure.datasets.empty());
  std::string key = CauseKey(failure);
  auto same = TRY(FindSame(tx, failure, key));
  if (same) return Join(tx, context, failure, std::move(*same), key, now);
  Incident in;
  in.kind = failure.kind;
  in.cause_key = key;
  in.run_id = failure.run_id;
  in.release_id = context.release_id;
  in.opened_at = now;
  in.began_at = failure.since      ? *failure.since
                : failure.delivery ? failure.delivery->arrived_at
                                   : now;
  in.began_at = std::min(in.began_at, now);
  TRY(Describe(tx, context, failure, in));
  TRY(Save(tx, in));
  std::string text = Story(in);
  TRY(Log(tx, context, in, "opened", store::fact::kIncidentOpened, text, now));
  TRY(Tell(tx, context, in, Notice::kOpened, text, now));
  TRY(Save(tx, in));
  return in.number;
}

Result<std::optional<int64_t>> RecordHeld(store::Transaction& tx, const Context& context,
                                          const std::string& dataset,
                                          const std::vector<std::string>& red,
                                          const std::string& run_id, Timestamp now) {
  (void)run_id;
  std::optional<int64_t> joined;
  std::vector<Incident> open = TRY(ListOpen(tx));
  for (Incident& in : open) {
    bool holds = std::any_of(red.begin(), red.end(), [&](const auto& r) { return in.Touches(r); });
    if (!holds) continue;
    if (!joined) joined = in.number;
    if (in.Touches(dataset)) continue;
    in.held.push_back({dataset, now});
    TRY(Log(tx, context, in, "held", "",
            fmt::format("{} is held: it is made of {}.", NameOf(dataset), NameOf(red.front())),
            now));
    TRY(Save(tx, in));
  }
  return joined;
}

Result<std::vector<int64_t>> RecordPublished(store::Transaction& tx, const Context& context,
                                             const Published& published, Timestamp now) {
  std::vector<int64_t> ended;
  std::vector<Incident> open = TRY(ListOpen(tx));
  for (Incident& in : open) {
    if (!in.Touches(published.dataset)) continue;
    // A table that is checked in its place has no version.
    const bool is_checked = published.version == 0;
    std::string text =
        is_checked
            ? fmt::format("{} passed its checks where it is.", NameOf(published.dataset))
            : fmt::format("{} published @{} green.", NameOf(published.dataset), published.version);
    if (!in.IsRed(published.dataset)) {
      std::erase_if(in.held, [&](const HeldDataset& h) { return h.dataset == published.dataset; });
      TRY(Log(tx, context, in, "published", "", text, now));
      TRY(Save(tx, in));
      continue;
    }
    if (Contains(in.published, published.dataset) || !Brings(published, in)) continue;
    in.published.push_back(published.dataset);
    TRY(Log(tx, context, in, "published", "", text, now));
    bool all = std::all_of(in.datasets.begin(), in.datasets.end(),
                           [&](const auto& d) { return Contains(in.published, d); });
    if (!all) {
      TRY(Save(tx, in));
      continue;
    }
    TRY(End(tx, context, in,
            is_checked ? "checked" : fmt::format("published @{}", published.version), text, now));
    ended.push_back(in.number);
  }
  return ended;
}

Result<void> RecordFresh(store::Transaction& tx, const Context& context, const std::string& dataset,
                         const std::string& text, Timestamp now) {
  std::vector<Incident> open = TRY(ListOpen(tx));
  for (Incident& in : open) {
    if (in.kind != FailureKind::kFreshness || !in.IsRed(dataset)) continue;
    TRY(End(tx, context, in, "arrival", text, now));
  }
  return {};
}

Result<void> RecordWithdrawn(store::Transaction& tx, const Context& context,
                             const std::string& dataset, std::string_view period,
                             std::string_view note, Timestamp now) {
  std::vector<Incident> open = TRY(ListOpen(tx));
  for (Incident& in : open) {
    if (!in.IsRed(dataset)) continue;
    if (!period.empty() && (!in.delivery || in.delivery->period != period)) continue;
    TRY(End(tx, context, in, context.actor, std::string(note), now));
  }
  return {};
}

Result<void> Acknowledge(store::Transaction& tx, const Context& context, int64_t number,
                         Timestamp now) {
  Incident in = TRY(LoadForChange(tx, number));
  if (in.state == State::kAcknowledged && in.acknowledged_by == context.actor) return {};
  if (in.state == State::kOpen) in.state = State::kAcknowledged;
  if (!in.acknowledged_at) in.acknowledged_at = now;
  in.acknowledged_by = context.actor;
  std::string text = fmt::format("{} is on it.", context.actor);
  TRY(Log(tx, context, in, "acknowledged", store::fact::kIncidentAcknowledged, text, now));
  TRY(Tell(tx, context, in, Notice::kUpdated, text, now));
  return Save(tx, in);
}

Result<void> Assign(store::Transaction& tx, const Context& context, int64_t number,
                    const std::string& assignee, Timestamp now) {
  Incident in = TRY(LoadForChange(tx, number));
  if (Trim(assignee).empty()) return Error::Invalid("Say whom the incident is assigned to");
  if (in.assignee == assignee) return {};
  in.assignee = assignee;
  std::string text = fmt::format("Assigned to {}.", assignee);
  TRY(Log(tx, context, in, "assigned", "", text, now));
  TRY(Tell(tx, context, in, Notice::kUpdated, text, now));
  return Save(tx, in);
}

Result<void> AddNote(store::Transaction& tx, const Context& context, int64_t number,
                     const std::string& text, Timestamp now) {
  if (Trim(text).empty()) return Error::Invalid("The note is empty");
  Incident in = TRY(Load(tx, number));  // A note may be added when all is over, too.
  return Log(tx, context, in, "note", "", text, now);
}

Result<void> Resolve(store::Transaction& tx, const Context& context, int64_t number,
                     const std::string& note, Timestamp now) {
  Incident in = TRY(LoadForChange(tx, number));
  std::string text = note.empty() ? fmt::format("Resolved by {}.", context.actor) : note;
  return End(tx, context, in, context.actor, text, now);
}

Result<void> Accept(store::Transaction& tx, const Context& context, int64_t number,
                    const std::string& reason, std::optional<Timestamp> until, Timestamp now) {
  Incident in = TRY(LoadForChange(tx, number));
  if (Trim(reason).empty()) {
    return Error::Invalid("Accepting red data needs a reason: it is kept with the version");
  }
  if (until && *until <= now)
    return Error::Invalid("The end {} is not in the future", ToRfc3339(*until));
  if (in.kind == FailureKind::kFreshness || in.kind == FailureKind::kUnreadable ||
      in.kind == FailureKind::kTask) {
    return Error::Invalid("Incident {} cannot be accepted: there are no data to publish ({})",
                          number, in.title);
  }
  in.state = State::kAccepted;
  in.accepted_at = now;
  in.accepted_by = context.actor;
  in.accepted_reason = reason;
  in.accepted_until = until;
  std::string text = fmt::format("Accepted by {}{}: {}", context.actor,
                                 until ? " until " + ToRfc3339(*until) : "", reason);
  TRY(Log(tx, context, in, "accepted", store::fact::kIncidentAccepted, text, now));
  TRY(Tell(tx, context, in, Notice::kUpdated, text, now));
  return Save(tx, in);
}

Result<std::optional<Timestamp>> ExpireAcceptances(store::Transaction& tx, const Context& context,
                                                   Timestamp now) {
  std::optional<Timestamp> next;
  std::vector<Incident> open = TRY(ListOpen(tx));
  for (Incident& in : open) {
    if (in.state != State::kAccepted || !in.accepted_until) continue;
    if (*in.accepted_until > now) {
      if (!next || *in.accepted_until < *next) next = in.accepted_until;
      continue;
    }
    in.state = State::kOpen;
    std::string text =
        "The time for which the red data were accepted is over; they are still published.";
    TRY(Log(tx, context, in, "acceptance_ended", "", text, now));
    TRY(Tell(tx, context, in, Notice::kUpdated, text, now));
    TRY(Save(tx, in));
  }
  return next;
}

}  // namespace andon::incident
