// What another tool committed to a table of the lake: readers have it already, so it is judged as
// soon as a run sees it. Its columns are compared with what is declared and promised, then all
// checks run over main. What is red opens an incident and holds downstream, which is not made of
// it; the table itself stays as its writer left it until somebody corrects it or goes back.
#include <algorithm>

#include "base/text.h"
#include "contract/contract.h"
#include "lake/scan.h"
#include "line/settle_records.h"
#include "line/unit_run.h"
#include "sql/engine.h"
#include "sql/types.h"
#include "store/journal.h"
#include "store/meta.h"
#include "validation/record.h"

namespace andon::line {

using pipeline::Event;
using pipeline::Work;

namespace {

// {"version": 2, "is_red": true, "kind": "checks", "message": "…", "incident": 1} by address.
constexpr char kForeign[] = "foreign";

std::vector<contract::ActualColumn> ColumnsOf(const iceberg::Schema& schema) {
  std::vector<contract::ActualColumn> columns;
  for (const iceberg::Field& field : schema.fields) {
    Result<std::string> native = lake::DuckDbType(field.type);
    Result<std::string> type =
        native.ok() ? sql::FromDuckDbType(*native) : Result<std::string>(Error::Invalid("none"));
    columns.push_back({field.name, type.ok() ? *type : ""});
  }
  return columns;
}

// The incident of a commit that is no more; another one of the dataset stays.
Result<bool> EndIncident(store::Transaction& tx, const incident::Context& context, int64_t number,
                         const std::string& note, Timestamp now) {
  if (number == 0) return false;
  auto found = TRY(incident::Load(tx, number));
  if (found.is_over()) return false;
  TRY(incident::Resolve(tx, context, number, note, now));
  return true;
}

}  // namespace

Result<std::optional<Event::Kind>> UnitRun::JudgeForeign() {
  std::optional<Event::Kind> end;
  for (Piece& piece : pieces_) {
    if (!piece.is_selected || piece.dataset->is_external() || !piece.state.table.version) continue;
    auto known = TRY(context_.world.db.Read([&](store::Transaction& tx) {
      return store::GetDocument(tx, kForeign, piece.dataset->address);
    }));
    const lake::Version& version = *piece.state.table.version;
    const bool is_judged = known && known->body["version"].AsInteger() == version.version;
    const bool was_red = known && known->body["is_red"].AsBool();
    const int64_t incident = was_red ? known->body["incident"].AsInteger() : 0;
    if (version.state != "foreign") {
      if (was_red) TRY(ForgetForeign(piece, incident));
      continue;
    }
    bool is_red = was_red;
    if (!is_judged) is_red = TRY(JudgeForeignOf(piece, incident));
    if (!is_red) continue;
    end = Event::kRed;
    if (!is_judged) continue;
    TaskReport& report = ReportOf(piece.dataset->address);
    report.outcome =
        known->body["kind"].AsString() == "contract" ? Outcome::kContract : Outcome::kRed;
    report.is_standing = true;
    report.version = version.version;
    report.message = known->body["message"].AsString();
    report.incident = known->body["incident"].AsInteger();
    context_.Tell({.kind = Progress::kEnded, .dataset = report.dataset, .report = &report});
  }
  return end;
}

// Main is at another version, which was published by a run, or which somebody went back to.
Result<void> UnitRun::ForgetForeign(const Piece& piece, int64_t incident) {
  const std::string& address = piece.dataset->address;
  const Timestamp now = context_.world.clock.Now();
  const std::string note = fmt::format("Main is at @{}, past what the other tool committed.",
                                       piece.state.table.version->version);
  bool is_ended = false;
  TRY(context_.world.db.Write([&](store::Transaction& tx) -> Result<void> {
    TRY(context_.lease.Confirm(tx));
    TRY(store::RemoveDocument(tx, kForeign, address));
    is_ended = TRY(EndIncident(tx, context_.incident_context(), incident, note, now));
    return {};
  }));
  if (is_ended) resolved_.push_back(incident);
  return {};
}

Result<bool> UnitRun::JudgeForeignOf(Piece& piece, int64_t red_incident) {
  const World& world = context_.world;
  const definition::Dataset& dataset = *piece.dataset;
  const std::string& address = dataset.address;
  const lake::Version& version = *piece.state.table.version;
  const pipeline::Need before = piece.need;
  piece.need = {.work = Work::kBuild,
                .why = fmt::format("another tool committed @{}", version.version)};
  TRY(RecordStarted());
  context_.Tell({.kind = Progress::kStarted, .dataset = address, .step = "checking"});
  Attempt attempt;
  auto table = TRY(lake::OpenTable(world.db, world.lake, dataset.name));
  auto scan = TRY(lake::PlanScan(world.lake, table.metadata, table.metadata.current_snapshot_id));
  std::vector<std::string> breaks;
  for (const contract::Break& b :
       contract::CompareColumns(dataset, world.project.contracts, ColumnsOf(scan.schema))) {
    if (b.is_breaking) breaks.push_back(b.sentence);
  }
  if (breaks.empty()) TRY(CheckPieces({}, attempt, {}));
  const bool is_red = !breaks.empty() || attempt.is_red();
  TRY(RecordForeignVerdict(piece, attempt, breaks, red_incident));
  piece.need = before;  // What it waits for itself, and is red by, stands beside.
  if (is_red || !piece.state.red) judged_.insert(address);
  return is_red;
}

TaskReport UnitRun::ForeignReport(const Piece& piece, bool is_red,
                                  const std::vector<Verdict>& verdicts,
                                  const std::vector<std::string>& breaks) {
  const std::string& address = piece.dataset->address;
  const lake::Version& version = *piece.state.table.version;
  TaskReport report = ReportOf(address);
  report.why = piece.need.why;
  report.version = version.version;
  report.checks = static_cast<int>(verdicts.size());
  report.breaks = breaks;
  report.outcome = !breaks.empty() ? Outcome::kContract
                   : is_red        ? Outcome::kRed
                                   : Outcome::kUnchanged;
  report.message = fmt::format("another tool committed @{}", version.version);
  if (breaks.empty() && is_red) report.message += ": " + CountOfFailed(verdicts);
  for (const Verdict& v : verdicts) {
    if (!v.result.success()) report.failed.push_back(ToFailedCheck(address, v));
  }
  return report;
}

Result<void> UnitRun::RecordForeignVerdict(const Piece& piece, const Attempt& attempt,
                                           const std::vector<std::string>& breaks,
                                           int64_t red_incident) {
  const World& world = context_.world;
  const std::string& address = piece.dataset->address;
  const lake::Version& version = *piece.state.table.version;
  const Timestamp now = world.clock.Now();
  const bool is_red = !breaks.empty() || attempt.is_red();
  static const std::vector<Verdict> kNone;
  auto checked = attempt.verdicts.find(address);
  const std::vector<Verdict>& verdicts =
      checked == attempt.verdicts.end() ? kNone : checked->second;
  TaskReport report = ForeignReport(piece, is_red, verdicts, breaks);
  std::vector<int64_t> ended;
  TRY(world.db.Write([&](store::Transaction& tx) -> Result<void> {
    ended.clear();
    TRY(context_.lease.Confirm(tx));
    if (!verdicts.empty()) {
      const Attempt::Span& span = attempt.checked.at(address);
      TRY(validation::Record(tx, {.name = piece.dataset->name,
                                  .dataset = address,
                                  .branch = "main",
                                  .version = version.version,
                                  .snapshot_id = version.snapshot_id,
                                  .release_id = world.release_id,
                                  .run_id = context_.run_id,
                                  .trigger = "run",
                                  .started = span.started,
                                  .duration = span.took,
                                  .results = ToCheckedChecks(verdicts)}));
    }
    TRY(WriteFailedFacts(tx, context_, address, verdicts, now));
    store::Fact fact{
        .time = now,
        .actor = context_.actor(),
        .kind = breaks.empty() ? store::fact::kCheckPassed : store::fact::kContractBroken,
        .address = address,
        .run_id = context_.run_id,
        .release_id = world.release_id,
        .body = Json::Object(
            {{"version", version.version}, {"foreign", true}, {"reason", report.message}})};
    if (!breaks.empty() || !is_red) TRY(store::Append(tx, fact));
    if (is_red) {
      report.incident =
          TRY(incident::RecordFailure(tx, context_.incident_context(),
                                      {.kind = breaks.empty() ? incident::FailureKind::kChecks
                                                              : incident::FailureKind::kContract,
                                       .datasets = {address},
                                       .unit = unit_.datasets,
                                       .run_id = context_.run_id,
                                       .checks = report.failed,
                                       .breaks = breaks,
                                       .message = report.message,
                                       .andon_version = world.andon_version,
                                       .since = version.published_at,
                                       .is_read_already = true},
                                      now));
      TRY(HoldDownstream(tx, {address}, report.incident, now));
    } else {
      const bool is_ended = TRY(EndIncident(
          tx, context_.incident_context(), red_incident,
          fmt::format("Another tool committed @{}, which passes all checks.", version.version),
          now));
      if (is_ended) ended.push_back(red_incident);
    }
    TRY(store::PutDocument(tx,
                           {.kind = kForeign,
                            .key = address,
                            .updated_at = now,
                            .body = Json::Object({{"version", version.version},
                                                  {"is_red", is_red},
                                                  {"kind", breaks.empty() ? "checks" : "contract"},
                                                  {"message", report.message},
                                                  {"incident", report.incident}})}));
    return EndTask(tx, context_, piece.dataset->name, attempt_, ToString(report.outcome), now,
                   TaskBody(report));
  }));
  EndJudged(std::move(report), ended);
  return {};
}

}  // namespace andon::line
