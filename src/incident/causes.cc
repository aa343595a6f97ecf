#include "incident/causes.h"

#include <algorithm>
#include <map>
#include <set>

#include "base/text.h"

namespace andon::incident {
namespace {

// The weights of the table in causes.h.
constexpr double kSystemChanged = 0.5;
constexpr double kSystemAway = 0.3;
constexpr double kSystemAnswered = 0.2;
constexpr double kRowsInDelivery = 0.50;
constexpr double kRowsInDataset = 0.30;
constexpr double kNotAsDeclared = 0.70;
constexpr double kEarlierPassed = 0.40;
constexpr double kSlice = 0.30;
constexpr double kNothingChanged = 0.30;
constexpr double kEarlierFailed = 0.20;
constexpr double kCheckOrSqlChanged = 0.50;
constexpr double kTaskOnDelivery = 0.20;

constexpr double kOwnSql = 0.70;
constexpr double kFailingCheck = 0.70;
constexpr double kShape = 0.50;
constexpr double kUpstreamCode = 0.60;
constexpr double kNewObject = 0.30;
constexpr double kInputsSame = 0.60;
constexpr double kInputsCame = 0.30;

constexpr double kNewVersion = 0.45;
constexpr double kSuspectVersion = 0.60;
constexpr double kCodeChanged = 0.40;

constexpr double kAndonChanged = 0.35;
constexpr double kKilled = 0.60;
constexpr double kNothingArrived = 0.70;
constexpr double kNoRun = 0.60;
constexpr double kCodeBesideEnvironment = 0.30;
constexpr double kTaskFailed = 0.30;

// A list of causes is read by a person in a hurry.
constexpr size_t kUpstreamMax = 5;

std::string NameOf(std::string_view address) {
  size_t dot = address.rfind('.');
  return std::string(dot == std::string_view::npos ? address : address.substr(dot + 1));
}

// To the second: a sentence is read by people.
std::string Shown(Timestamp t) { return ToRfc3339(std::chrono::floor<std::chrono::seconds>(t)); }

void Support(Cause& cause, double weight, std::string sentence) {
  cause.evidence.push_back({true, weight, std::move(sentence)});
}

void Counter(Cause& cause, double weight, std::string sentence) {
  cause.evidence.push_back({false, weight, std::move(sentence)});
}

void Score(Cause& cause) {
  double doubt = 1, left = 1;
  for (const Evidence& e : cause.evidence) (e.supports ? doubt : left) *= 1 - e.weight;
  cause.score = (1 - doubt) * left;
  std::stable_sort(cause.evidence.begin(), cause.evidence.end(),
                   [](const Evidence& a, const Evidence& b) {
                     return a.supports != b.supports ? a.supports : a.weight > b.weight;
                   });
}

// "since the last good run (release 1)".
std::string SinceGood(const History& history) {
  if (!history.last_good) return "since it exists";
  return fmt::format("since the last good run (release {})", history.last_good->release_id);
}

// What may change data or verdicts, as against titles, owners, schedules.
bool IsRelevant(const Change& change, const Symptom& symptom) {
  std::string_view part = change.part;
  if (part.empty() || part == "sql" || part == "load" || part == "from" || part == "partition_by" ||
      part == "depends_on" || part == "path" || part == "options" || part.starts_with("columns")) {
    return true;
  }
  if (part == "freshness") return symptom.kind == Symptom::Kind::kFreshness;
  if (!part.starts_with("checks.")) return false;
  std::string check(part.substr(7));
  return std::find(symptom.failed_checks.begin(), symptom.failed_checks.end(), check) !=
         symptom.failed_checks.end();
}

class Ranking {
 public:
  Ranking(const Symptom& symptom, const History& history) : symptom_(symptom), history_(history) {
    for (const Change& change : history.changes) {
      if (IsRelevant(change, symptom)) changes_.push_back(&change);
    }
  }

  std::vector<Cause> Run() {
    if (!symptom_.delivery.empty()) AddDelivery();
    AddCode();
    AddUpstream();
    for (const SystemChange& change : history_.systems) AddSystem(change);
    AddEnvironment();
    if (symptom_.kind == Symptom::Kind::kFreshness) AddNothingArrived();
    for (Cause& cause : causes_) Score(cause);
    std::stable_sort(causes_.begin(), causes_.end(),
                     [](const Cause& a, const Cause& b) { return a.score > b.score; });
    bool all_cleared =
        std::all_of(causes_.begin(), causes_.end(), [](const Cause& c) { return c.is_cleared(); });
    if (all_cleared) AddUnknown();
    return std::move(causes_);
  }

 private:
  bool IsOwn(const Change& change) const {
    return change.address == symptom_.dataset ||
           std::find(symptom_.unit.begin(), symptom_.unit.end(), change.address) !=
               symptom_.unit.end();
  }

  int DepthOf(const std::string& address) const {
    for (const auto& reached : symptom_.upstream) {
      if (reached.id == address || reached.id.starts_with(address + "."))
        return std::max(1, reached.depth);
    }
    return 1;
  }

  void AddDelivery() {
    Cause cause;
    cause.kind = CauseKind::kData;
    cause.title = (IsTable() ? "The rows of " : "This delivery's file: ") + symptom_.delivery;
    cause.address = symptom_.dataset;
    std::string arrived =
        symptom_.delivered_at ? ", which arrived at " + Shown(*symptom_.delivered_at) : "";
    switch (symptom_.kind) {
      case Symptom::Kind::kContract:
      case Symptom::Kind::kUnreadable:
        Support(cause, kNotAsDeclared, symptom_.message);
        break;
      case Symptom::Kind::kTask:
        Support(cause, kTaskOnDelivery,
                "The task that failed was loading this delivery" + arrived + ".");
        break;
      default:
        AddWhereItFails(cause, arrived);
    }
    AddDeliveryHistory(cause);
    causes_.push_back(std::move(cause));
  }

  // Checked in its own place: "source.rental.table.payment".
  bool IsTable() const {
    return symptom_.delivery.starts_with("source.") &&
           symptom_.delivery.find(".table.") != std::string::npos;
  }

  void AddWhereItFails(Cause& cause, const std::string& arrived) {
    if (IsTable()) {
      std::string text = symptom_.failed_checks.size() == 1 ? "The check fails" : "The checks fail";
      text += " on the table in its own place";
      if (!history_.last_good) return Support(cause, kRowsInDataset, text + ".");
      return Support(cause, kRowsInDelivery,
                     fmt::format("{}; at {} it passed.", text, Shown(history_.last_good->at)));
    }
    int all = static_cast<int>(symptom_.failed_checks.size());
    int early = symptom_.fails_on_delivery;
    if (early > 0 && early >= all) {
      Support(cause, kRowsInDelivery,
              fmt::format("{} on the file itself, before anything is loaded{}.",
                          all == 1 ? "The check fails" : fmt::format("All {} checks fail", all),
                          arrived));
      return;
    }
    std::string text = early > 0
                           ? fmt::format(
                                 "{} of the {} failing checks fail on the file itself, the "
                                 "others once its rows are loaded{}",
                                 early, all, arrived)
                           : fmt::format("{} once this delivery's rows are loaded{}",
                                         all == 1 ? "The check fails" : "The checks fail", arrived);
    if (!history_.last_good)
      return Support(cause, early > 0 ? kRowsInDelivery : kRowsInDataset, text + ".");
    Support(
        cause, kRowsInDelivery,
        fmt::format("{}; version @{}, without them, passed.", text, history_.last_good->version));
  }

  void AddDeliveryHistory(Cause& cause) {
    for (const SliceEvidence& slice : symptom_.slices) {
      if (!slice.text.empty()) Support(cause, kSlice * slice.coverage, slice.text + ".");
    }
    if (history_.deliveries_passed > 0) {
      Support(cause, kEarlierPassed,
              history_.deliveries_passed == 1
                  ? "The delivery before it passed the same checks."
                  : fmt::format("The {} deliveries before it passed the same checks.",
                                WithThousands(history_.deliveries_passed)));
    }
    if (history_.deliveries_failed > 0) {
      Counter(cause, kEarlierFailed,
              fmt::format("{} of other periods failed too.",
                          Count(history_.deliveries_failed, "delivery", "deliveries")));
    }
    if (changes_.empty() && history_.last_good) {
      Support(cause, kNothingChanged,
              fmt::format("Nothing changed in code or definitions {}.", SinceGood(history_)));
    }
    for (const Change* change : changes_) {
      if (!history_.last_good || !IsOwn(*change)) continue;
      bool tells = change->part == "sql" || change->part.starts_with("checks.");
      if (!tells) continue;
      Counter(cause, kCheckOrSqlChanged,
              fmt::format("{} changed in release {}.", Part(*change), change->release_id));
      break;  // Said once: a second changed check does not clear the file twice.
    }
  }

  // "The SQL of daily_revenue", "The check amount_in_range of payment".
  static std::string Part(const Change& change) {
    std::string name = NameOf(change.address);
    if (change.part.empty()) return "The definition of " + name;
    if (change.part == "sql") return "The SQL of " + name;
    if (change.part.starts_with("checks.")) {
      return fmt::format("The check {} of {}", change.part.substr(7), name);
    }
    if (change.part.starts_with("columns.")) {
      return fmt::format("The column {} of {}", change.part.substr(8), name);
    }
    return fmt::format("\"{}\" of {}", change.part, change.address);
  }

  double WeightOf(const Change& change) const {
    if (change.part.empty() && !history_.last_good) return kNewObject;
    if (!IsOwn(change)) return kUpstreamCode / DepthOf(change.address);
    if (change.part == "sql") return kOwnSql;
    if (change.part.starts_with("checks.")) return kFailingCheck;
    return kShape;
  }

  void AddCode() {
    if (changes_.empty()) {
      Cause cleared;
      cleared.kind = CauseKind::kCode;
      cleared.title = "Code and definitions";
      Counter(cleared, 1,
              fmt::format("Nothing changed in code or definitions {}.", SinceGood(history_)));
      causes_.push_back(std::move(cleared));
      return;
    }
    // One cause for each object of each release: that is what a person would roll back.
    std::map<std::pair<int64_t, std::string>, std::vector<const Change*>> groups;
    for (const Change* change : changes_)
      groups[{-change->release_id, change->address}].push_back(change);
    for (auto& [key, parts] : groups) {
      std::stable_sort(parts.begin(), parts.end(), [&](const Change* a, const Change* b) {
        return WeightOf(*a) > WeightOf(*b);
      });
      causes_.push_back(CodeCause(parts));
    }
  }

  Cause CodeCause(const std::vector<const Change*>& parts) {
    const Change& first = *parts.front();
    Cause cause;
    cause.kind = CauseKind::kCode;
    cause.address = first.address;
    cause.position = first.position;
    cause.release_id = first.release_id;
    std::string what = Part(first);
    what[0] = static_cast<char>(what[0] >= 'A' && what[0] <= 'Z' ? what[0] + 32 : what[0]);
    cause.title = fmt::format("Release {} changed {}{}", first.release_id, what,
                              first.position.empty() ? "" : ": " + first.position);
    for (size_t i = 0; i < parts.size(); ++i) {
      const Change& change = *parts[i];
      std::string by = change.actor.empty() ? "" : " by " + change.actor;
      // Further parts of one object are told, but one hint already spoke for the object.
      double weight = i == 0 ? WeightOf(change) : 0.05;
      Support(cause, weight,
              fmt::format("{} {} in release {}{} at {}{}.", Part(change),
                          change.part.empty() ? "is new" : "changed", change.release_id, by,
                          Shown(change.at), change.position.empty() ? "" : ": " + change.position));
    }
    AddInputs(cause);
    return cause;
  }

  void AddInputs(Cause& cause) {
    if (!history_.last_good) return;
    if (IsTable()) {
      Counter(cause, kInputsCame, "Rows may have come or changed in between.");
    } else if (!symptom_.delivery.empty()) {
      Counter(cause, kInputsCame,
              fmt::format("A new delivery came in between: {}.", symptom_.delivery));
    } else if (!history_.upstream.empty()) {
      const UpstreamVersion& input = history_.upstream.front();
      Counter(cause, kInputsCame,
              fmt::format("{} published @{} in between.", NameOf(input.dataset), input.version));
    } else if (!symptom_.upstream.empty()) {
      Support(cause, kInputsSame, fmt::format("No input changed {}.", SinceGood(history_)));
    }
  }

  void AddUpstream() {
    if (symptom_.kind == Symptom::Kind::kFreshness) return;
    std::map<std::string, const UpstreamVersion*> newest;
    for (const UpstreamVersion& v : history_.upstream) {
      auto [at, is_new] = newest.try_emplace(v.dataset, &v);
      if (!is_new && v.version > at->second->version) at->second = &v;
    }
    std::vector<const UpstreamVersion*> nearest;
    for (const auto& [dataset, version] : newest) nearest.push_back(version);
    std::stable_sort(nearest.begin(), nearest.end(),
                     [](const auto* a, const auto* b) { return a->depth < b->depth; });
    if (nearest.size() > kUpstreamMax) nearest.resize(kUpstreamMax);
    for (const UpstreamVersion* version : nearest) causes_.push_back(UpstreamCause(*version));
    bool has_inputs = std::any_of(symptom_.upstream.begin(), symptom_.upstream.end(),
                                  [](const auto& r) { return r.id.starts_with("dataset."); });
    if (nearest.empty() && has_inputs && history_.last_good) {
      Cause cleared;
      cleared.kind = CauseKind::kUpstream;
      cleared.title = "Inputs";
      Counter(cleared, 1, fmt::format("No input published a new version {}.", SinceGood(history_)));
      causes_.push_back(std::move(cleared));
    }
  }

  Cause UpstreamCause(const UpstreamVersion& v) {
    Cause cause;
    cause.kind = CauseKind::kUpstream;
    cause.address = v.dataset;
    cause.title = v.is_foreign
                      ? fmt::format("{} was changed by another tool", NameOf(v.dataset))
                      : fmt::format("A new version of {}: @{}", NameOf(v.dataset), v.version);
    Support(cause, kNewVersion / std::max(1, v.depth),
            fmt::format("{} @{} was published at {}, {}.", NameOf(v.dataset), v.version,
                        Shown(v.at), SinceGood(history_)));
    if (v.is_accepted_red) {
      Support(cause, kSuspectVersion,
              "It was published though its checks failed: a person accepted it.");
    }
    if (v.is_foreign)
      Support(cause, kSuspectVersion, "Another tool committed it; no check has seen it.");
    if (history_.last_good && !changes_.empty()) {
      Counter(cause, kCodeChanged,
              fmt::format("{} changed in between (release {}).", Part(*changes_.back()),
                          changes_.back()->release_id));
    }
    return cause;
  }

  void AddSystem(const SystemChange& change) {
    Cause cause{.kind = CauseKind::kEnvironment,
                .title = change.is_drift
                             ? fmt::format("{} was changed outside", change.address)
                             : fmt::format("{} was changed ({})", change.address, change.what),
                .position = change.position,
                .address = change.address};
    std::string when = change.is_drift
                           ? "that it differs was seen " + Shown(change.at)
                           : fmt::format("changed by {} {}", change.actor, Shown(change.at));
    if (!change.position.empty()) when += ": " + change.position;
    if (!change.detail.empty()) when += fmt::format(" ({})", change.detail);
    Support(cause, kSystemChanged / change.depth,
            fmt::format("{} reads it; {}.", change.reader, when));
    bool is_away =
        symptom_.kind == Symptom::Kind::kTask || symptom_.kind == Symptom::Kind::kFreshness;
    if (is_away)
      Support(cause, kSystemAway, "What is built on it could not be read, or did not come.");
    else
      Counter(cause, kSystemAnswered, "Data came, and checks failed on them: it answers.");
    causes_.push_back(std::move(cause));
  }

  void AddEnvironment() {
    Cause cause;
    cause.kind = CauseKind::kEnvironment;
    cause.title = "The environment";
    if (symptom_.kind == Symptom::Kind::kTask) {
      if (symptom_.was_killed) {
        Support(cause, kKilled, fmt::format("The worker {}.", symptom_.task_end));
        cause.title = "The worker " + symptom_.task_end;
      } else if (!symptom_.message.empty()) {
        Support(cause, kTaskFailed, symptom_.message);
        cause.title = "The task failed";
      }
    }
    if (history_.last_good && !history_.last_good->andon_version.empty() &&
        !symptom_.andon_version.empty() &&
        history_.last_good->andon_version != symptom_.andon_version) {
      Support(cause, kAndonChanged,
              fmt::format("Andon changed from {} to {} {}.", history_.last_good->andon_version,
                          symptom_.andon_version, SinceGood(history_)));
    }
    if (cause.evidence.empty()) return;
    if (!changes_.empty() && history_.last_good) {
      Counter(cause, kCodeBesideEnvironment,
              fmt::format("{} changed in between.", Part(*changes_.back())));
    }
    causes_.push_back(std::move(cause));
  }

  void AddNothingArrived() {
    Cause source;
    source.kind = CauseKind::kData;
    source.address = symptom_.dataset;
    source.title = "Nothing arrived";
    Support(source, kNothingArrived, symptom_.message);
    bool ran = history_.last_run_at && symptom_.delivered_at &&
               *history_.last_run_at > *symptom_.delivered_at;
    Cause no_run;
    no_run.kind = CauseKind::kEnvironment;
    no_run.title = "No run looked for deliveries";
    if (ran) {
      Support(source, 0.3,
              fmt::format("A run looked for deliveries at {} and found none.",
                          Shown(*history_.last_run_at)));
    } else {
      Support(no_run, kNoRun,
              history_.last_run_at
                  ? fmt::format("The last run began at {}.", Shown(*history_.last_run_at))
                  : std::string("No run has begun yet."));
      Counter(source, 0.3, "No run looked for deliveries since the last one arrived.");
      causes_.push_back(std::move(no_run));
    }
    causes_.push_back(std::move(source));
  }

  void AddUnknown() {
    Cause cause;
    cause.kind = symptom_.kind == Symptom::Kind::kTask ? CauseKind::kEnvironment : CauseKind::kData;
    cause.address = symptom_.dataset;
    cause.title = "Not known";
    Support(
        cause, 0.1,
        history_.last_good
            ? fmt::format("Neither code nor inputs changed {}; the data themselves, or something "
                          "that the journal does not see, must have.",
                          SinceGood(history_))
            : fmt::format("{} has no good version yet to compare with.", NameOf(symptom_.dataset)));
    Score(cause);
    causes_.insert(causes_.begin(), std::move(cause));
  }

  const Symptom& symptom_;
  const History& history_;
  std::vector<const Change*> changes_;  // Relevant ones.
  std::vector<Cause> causes_;
};

}  // namespace

std::string_view ToString(CauseKind kind) {
  switch (kind) {
    case CauseKind::kData:
      return "data";
    case CauseKind::kCode:
      return "code";
    case CauseKind::kUpstream:
      return "upstream";
    case CauseKind::kEnvironment:
      return "environment";
  }
  return "";
}

Json ToJson(const Cause& cause) {
  Json evidence = Json::List();
  for (const Evidence& e : cause.evidence) {
    evidence.Push(
        Json::Object({{"supports", e.supports}, {"weight", e.weight}, {"sentence", e.sentence}}));
  }
  return Json::Object({{"kind", ToString(cause.kind)},
                       {"title", cause.title},
                       {"position", cause.position},
                       {"address", cause.address},
                       {"release", cause.release_id},
                       {"score", cause.score},
                       {"cleared", cause.is_cleared()},
                       {"evidence", std::move(evidence)}});
}

Cause CauseFromJson(const Json& json) {
  Cause cause;
  for (CauseKind kind :
       {CauseKind::kData, CauseKind::kCode, CauseKind::kUpstream, CauseKind::kEnvironment}) {
    if (json["kind"].AsString() == ToString(kind)) cause.kind = kind;
  }
  cause.title = json["title"].AsString();
  cause.position = json["position"].AsString();
  cause.address = json["address"].AsString();
  cause.release_id = json["release"].AsInteger();
  cause.score = json["score"].AsDouble();
  for (const Json& e : json["evidence"].items()) {
    cause.evidence.push_back(
        {e["supports"].AsBool(true), e["weight"].AsDouble(), e["sentence"].AsString()});
  }
  return cause;
}

std::vector<Cause> RankCauses(const Symptom& symptom, const History& history) {
  return Ranking(symptom, history).Run();
}

int FirstChangedLine(std::string_view before, std::string_view after) {
  int line = 1;
  size_t i = 0;
  for (; i < before.size() && i < after.size() && before[i] == after[i]; ++i) {
    if (after[i] == '\n') ++line;
  }
  // What was cut off at the end is marked at the last line that stayed.
  return line;
}

}  // namespace andon::incident
