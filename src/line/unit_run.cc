#include "line/unit_run.h"

#include <algorithm>

#include "base/text.h"
#include "io/path.h"
#include "lake/scan.h"
#include "line/columns.h"
#include "line/external.h"
#include "line/file_states.h"
#include "line/work.h"
#include "pipeline/retry.h"
#include "store/journal.h"

namespace andon::line {

using pipeline::Event;
using pipeline::Work;

bool Attempt::is_red() const {
  for (const auto& [address, list] : verdicts) {
    if (std::any_of(list.begin(), list.end(), [](const Verdict& v) { return IsRed(v); }))
      return true;
  }
  return false;
}

UnitRun::UnitRun(const RunContext& context, const pipeline::Unit& unit, int attempt)
    : context_(context), unit_(unit), attempt_(attempt), started_(context.world.clock.Now()) {
  for (const std::string& address : unit.datasets) {
    if (!context.selected.count(address)) continue;
    const definition::Dataset* dataset = context.world.project.FindDataset(address);
    reports_.push_back({.dataset = address, .name = dataset ? dataset->name : address});
  }
}

TaskReport& UnitRun::ReportOf(const std::string& address) {
  for (TaskReport& report : reports_) {
    if (report.dataset == address) return report;
  }
  // A member of the unit that was not selected but moves with it.
  const definition::Dataset* dataset = context_.world.project.FindDataset(address);
  reports_.push_back({.dataset = address, .name = dataset ? dataset->name : address});
  return reports_.back();
}

void UnitRun::Step(const Piece& piece, std::string_view step) {
  context_.Tell({.kind = Progress::kStep,
                 .dataset = piece.dataset->address,
                 .step = std::string(step),
                 .elapsed = context_.world.clock.Now() - started_});
}

std::function<void(int64_t)> UnitRun::RowsSink(const std::string& address) {
  return [this, address](int64_t rows) {
    context_.Tell({.kind = Progress::kRows,
                   .dataset = address,
                   .rows = rows,
                   .elapsed = context_.world.clock.Now() - started_});
  };
}

void UnitRun::End(TaskReport& report) {
  if (is_collecting_) return;
  report.duration = context_.world.clock.Now() - started_;
  report.attempt = attempt_;
  context_.Tell({.kind = Progress::kEnded,
                 .dataset = report.dataset,
                 .elapsed = report.duration,
                 .report = &report});
}

std::string UnitRun::NextBranch() {
  std::string name = "run-" + context_.run_id;
  if (attempt_ > 1) name += fmt::format("-try{}", attempt_);
  if (!branches_.empty()) name += fmt::format("-{}", branches_.size() + 1);
  branches_.push_back(name);
  return name;
}

Event::Kind UnitRun::Run() {
  auto done = Try();
  if (done.ok()) return *done;
  const Error& error = done.error();
  const bool is_stopped = context_.options.stop.stop_requested();
  is_collecting_ = false;
  for (TaskReport& report : reports_) {
    // What was settled before the error stays settled.
    if (report.outcome != Outcome::kUpToDate) continue;
    report.outcome = is_stopped ? Outcome::kCancelled : Outcome::kFailed;
    report.message = error.message;
    End(report);
  }
  // Where even that cannot be written, the next run finds this one dead, and says so.
  const bool is_recorded = RecordFailedTry().ok();
  if (is_recorded) DropOwnBranches();
  // What was asked for wrongly, or is in another's way, is the same a moment later.
  const bool is_final = is_stopped || !is_recorded || error.kind == ErrorKind::kInvalid ||
                        error.kind == ErrorKind::kConflict || error.kind == ErrorKind::kHeld ||
                        error.kind == ErrorKind::kCorrupt;
  return is_final ? Event::kFailedForGood : Event::kFailed;
}

Result<Event::Kind> UnitRun::Try() {
  TRY(Prepare());
  std::vector<Piece> work;
  for (const Piece& piece : pieces_) {
    if (piece.has_work()) work.push_back(piece);
  }
  if (work.empty()) {
    auto foreign = TRY(JudgeForeign());
    return foreign ? *foreign : Idle();
  }
  if (work[0].dataset->is_external()) return CheckInPlace(work[0]);
  TRY(RecordStarted());
  for (const Piece& piece : work) {
    context_.Tell({.kind = Progress::kStarted,
                   .dataset = piece.dataset->address,
                   .step = piece.dataset->sql.empty() ? "loading" : "building"});
  }
  for (const Piece& piece : pieces_) {
    if (!piece.has_work() && piece.is_selected) TellIdle(piece);
  }
  Attempt attempt = TRY(TryPieces(work));
  return Settle(std::move(work), std::move(attempt));
}

Result<void> UnitRun::Prepare() {
  const World& world = context_.world;
  std::vector<std::string> missing;
  for (const std::string& address : unit_.datasets) {
    Piece piece;
    piece.dataset = world.project.FindDataset(address);
    ASSERT(piece.dataset != nullptr);
    piece.is_selected = context_.selected.count(address) > 0;
    if (piece.is_selected && !piece.dataset->source.empty()) {
      TRY(ingest::RecordArrivals(world.db, world.files, world.project_dir, world.project,
                                 *piece.dataset, world.clock, world.actor, context_.run_id));
    }
    piece.state = TRY(ReadDatasetState(world.db, world.lake, *piece.dataset));
    pieces_.push_back(std::move(piece));
  }
  for (Piece& piece : pieces_) {
    const std::string& address = piece.dataset->address;
    if (piece.dataset->is_external()) {
      piece.need = NeedOfExternal(piece);
      continue;
    }
    std::map<std::string, int64_t> versions;
    std::string waits_for;
    auto look = [&](const std::vector<std::string>& others, bool is_input) -> Result<void> {
      for (const std::string& other : others) {
        const definition::Dataset* dataset = world.project.FindDataset(other);
        if (dataset->is_external()) {
          // It has no versions, and is there as far as we know.
          if (is_input) versions[other] = 0;
          continue;
        }
        const bool in_unit =
            context_.sight.line.unit_of.at(other) == context_.sight.line.unit_of.at(address);
        auto state = TRY(ReadTableState(world.db, world.lake, dataset->name));
        if (state.version) {
          if (is_input) versions[other] = state.version->version;
        } else if (!is_input && !in_unit && waits_for.empty()) {
          waits_for = dataset->name;
        } else if (is_input && in_unit) {
          versions[other] = 0;  // It comes with this unit's own publish.
        }
      }
      return {};
    };
    TRY(look(context_.sight.line.reads.at(address), true));
    TRY(look(context_.sight.line.checked_with.at(address), false));
    std::string interval;
    if (UsesInterval(piece.dataset->sql)) {
      piece.interval = TRY(LastGrain(world.project, *piece.dataset, context_.started_at));
      interval = piece.interval.start + " to " + piece.interval.end;
    }
    piece.basis = {.definition = pipeline::Fingerprint(*piece.dataset, true),
                   .shape = pipeline::Fingerprint(*piece.dataset, false),
                   .inputs = versions,
                   .interval = interval};
    if (!piece.is_selected) {
      piece.need = {.why = "not selected", .is_red = piece.state.red.has_value()};
      continue;
    }
    if (auto* source = context_.world.project.FindSource(piece.dataset->source))
      piece.state.facts.expected_path = ingest::PathFor(source->path, piece.dataset->source_table);
    piece.need =
        pipeline::NeedOf(*piece.dataset, piece.state.facts, context_.sight.line.reads.at(address),
                         versions, interval, context_.options.full_refresh);
    if (piece.need.work != Work::kNone && !waits_for.empty()) {
      piece.need = {.why =
                        fmt::format("it is checked against {}, which has no data yet", waits_for)};
    }
    TRY(ChooseDeliveries(piece));
  }
  RetryTheCircle();
  return {};
}

// In a circle a delivery may have been rejected for what another one of it did not have: with a
// new delivery of any of them, all are tried together.
void UnitRun::RetryTheCircle() {
  if (pieces_.size() < 2) return;
  const bool has_news = std::any_of(pieces_.begin(), pieces_.end(), [](const Piece& p) {
    return p.need.work == Work::kLoad && !p.state.fresh.empty();
  });
  if (!has_news) return;
  for (Piece& piece : pieces_) {
    if (piece.has_work() || piece.need.is_held || !piece.is_selected) continue;
    for (const ingest::Delivery& delivery : piece.state.rejected) {
      if (delivery.state == ingest::DeliveryState::kRejected) piece.deliveries.push_back(delivery);
    }
    if (piece.deliveries.empty()) continue;
    if (piece.dataset->load.mode == definition::LoadMode::kReplace) {
      piece.deliveries = {piece.deliveries.back()};
    }
    piece.need.work = Work::kLoad;
    piece.need.why = "others of its unit were delivered again";
  }
}

namespace {

bool Before(const ingest::Delivery& a, const ingest::Delivery& b) {
  return std::tie(a.period, a.id) < std::tie(b.period, b.id);
}

}  // namespace

Result<void> UnitRun::ChooseDeliveries(Piece& piece) {
  if (piece.need.work != Work::kLoad) return {};
  std::vector<ingest::Delivery>& chosen = piece.deliveries;
  chosen = piece.state.fresh;
  if (piece.need.retry_red) {
    chosen.insert(chosen.end(), piece.state.rejected.begin(), piece.state.rejected.end());
  }
  const definition::LoadMode mode = piece.dataset->load.mode;
  if (context_.options.full_refresh) {
    chosen.insert(chosen.end(), piece.state.loaded.begin(), piece.state.loaded.end());
  }
  std::sort(chosen.begin(), chosen.end(), Before);
  if (context_.options.full_refresh) {
    // Of one file that was delivered again, only what stands there now can be read.
    for (size_t i = 0; i < chosen.size();) {
      const bool again = std::any_of(chosen.begin(), chosen.end(), [&](const auto& other) {
        return other.path == chosen[i].path && other.id > chosen[i].id;
      });
      if (again)
        chosen.erase(chosen.begin() + static_cast<ptrdiff_t>(i));
      else
        ++i;
    }
  }
  if (mode == definition::LoadMode::kReplace && chosen.size() > 1) {
    // Each is the whole table: the last one counts.
    const ingest::Delivery last = chosen.back();
    TRY(context_.world.db.Write([&](store::Transaction& tx) -> Result<void> {
      for (ingest::Delivery& d : chosen) {
        if (d.id == last.id || d.state != ingest::DeliveryState::kNew) continue;
        d.state = ingest::DeliveryState::kSuperseded;
        d.superseded_by = last.id;
        TRY(ingest::SaveDelivery(tx, d, context_.world.clock.Now()));
      }
      return {};
    }));
    chosen = {last};
  }
  if (chosen.empty()) piece.need = {.why = pipeline::SayNothingDelivered(piece.state.facts)};
  return {};
}

// The last try was red, but what was wrong with it is gone (its definition went back, its file went
// away): main is what it should be.
Result<void> UnitRun::EndMootRed(Piece& piece) {
  const World& world = context_.world;
  const std::string& address = piece.dataset->address;
  const Timestamp now = world.clock.Now();
  TRY(world.db.Write([&](store::Transaction& tx) -> Result<void> {
    TRY(context_.lease.Confirm(tx));
    TRY(ForgetRed(tx, address));
    return incident::RecordWithdrawn(
        tx, context_.incident_context(), address, "",
        piece.dataset->sql.empty()
            ? "What was delivered went away again."
            : "Its definition is again that of the version that readers have.",
        now);
  }));
  resolved_.push_back(piece.state.red->incident);
  piece.state.red.reset();
  return {};
}

Result<void> UnitRun::ReleaseUpstreamHold(const std::string& address) {
  auto holds =
      TRY(context_.world.db.Read([&](store::Transaction& tx) { return ActiveHolds(tx, address); }));
  if (std::none_of(holds.begin(), holds.end(),
                   [](const Hold& h) { return h.kind == "upstream"; })) {
    return {};
  }
  const Timestamp now = context_.world.clock.Now();
  return context_.world.db.Write([&](store::Transaction& tx) -> Result<void> {
    TRY(ReleaseHolds(tx, address, {"upstream"}, now));
    TRY(store::Append(tx, {.time = now,
                           .actor = context_.actor(),
                           .kind = store::fact::kResumed,
                           .address = address,
                           .run_id = context_.run_id,
                           .release_id = context_.world.release_id}));
    return {};
  });
}

// Nothing to do: tells why, and lets go what an upstream held.
Result<Event::Kind> UnitRun::Idle() {
  bool is_red = false;
  for (Piece& piece : pieces_) {
    if (piece.is_selected && piece.state.red && !piece.need.is_red && !piece.need.is_held) {
      TRY(EndMootRed(piece));
    }
    is_red = is_red || (piece.state.red && !piece.state.red->is_passed);
    if (!piece.is_selected) continue;
    TellIdle(piece);
    if (!piece.need.is_held && (!piece.state.red || piece.state.red->is_passed)) {
      TRY(ReleaseUpstreamHold(piece.dataset->address));
    }
  }
  return is_red ? Event::kRed : Event::kGreen;
}

// The report of a dataset that has no work.
void UnitRun::TellIdle(const Piece& piece) {
  if (judged_.contains(piece.dataset->address)) return;
  TaskReport& report = ReportOf(piece.dataset->address);
  report.why = piece.need.why;
  if (piece.state.table.version) report.version = piece.state.table.version->version;
  if (piece.need.is_held) {
    report.outcome = Outcome::kHeld;
    report.message = piece.need.why;
  } else if (piece.state.red) {
    const Red& red = *piece.state.red;
    report.outcome = red.kind == "unreadable" ? Outcome::kUnreadable
                     : red.kind == "contract" ? Outcome::kContract
                                              : Outcome::kRed;
    report.is_standing = true;
    report.message = red.message;
    report.incident = red.incident;
  } else if (!piece.state.table.version) {
    report.outcome = Outcome::kWaiting;
  }
  context_.Tell({.kind = Progress::kEnded, .dataset = report.dataset, .report = &report});
}

Result<void> UnitRun::RecordStarted() {
  TRY(context_.world.db.Write([&](store::Transaction& tx) -> Result<void> {
    TRY(context_.lease.Confirm(tx));
    for (const Piece& piece : pieces_) {
      if (!piece.has_work()) continue;
      TRY(tx.Execute(
          "INSERT INTO run_tasks (run_id, task, attempt, dataset, state, started_at, body) "
          "VALUES (?, ?, ?, ?, 'running', ?, ?)",
          {context_.run_id, piece.dataset->name, attempt_, piece.dataset->address, started_,
           Json::Object({{"why", piece.need.why}})}));
      TRY(store::Append(tx,
                        {.time = started_,
                         .actor = context_.actor(),
                         .kind = store::fact::kTaskStarted,
                         .address = piece.dataset->address,
                         .run_id = context_.run_id,
                         .release_id = context_.world.release_id,
                         .body = Json::Object({{"attempt", attempt_}, {"why", piece.need.why}})}));
    }
    return {};
  }));
  return {};
}

Result<Attempt> UnitRun::TryPieces(const std::vector<Piece>& pieces) {
  Attempt attempt{.branch = NextBranch()};
  for (const Piece& piece : pieces) {
    TRY(LoadPiece(piece, attempt));
    if (attempt.has_bad_delivery && pieces.size() == 1) return attempt;
  }
  if (attempt.has_bad_delivery) return attempt;
  TRY(CheckPieces(pieces, attempt, {}));
  TRY(Quarantine(pieces, attempt));
  TRY(FindFirstBad(pieces, attempt));
  return attempt;
}

}  // namespace andon::line
