// One try of one unit: arrivals, load, checks, publish or hold. Only for this folder.
#pragma once

#include <map>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "lake/publish.h"
#include "lake/scan.h"
#include "line/check_specs.h"
#include "line/interval.h"
#include "line/quarantine.h"
#include "line/run.h"
#include "line/sight.h"
#include "line/state.h"
#include "line/worker_pool.h"
#include "store/lease.h"

namespace andon::line {

// What all units of a run share. Thread: any; the sink is called one at a time.
struct RunContext {
  const World& world;
  const RunOptions& options;
  const Sight& sight;
  const WorkerPool& pool;
  const store::Lease& lease;
  std::string run_id;
  Timestamp started_at;  // $start and $end are those of this moment, for all units.
  std::string stage_dir;
  std::set<std::string> selected;  // Addresses.
  const ProgressSink& sink;
  std::mutex& sink_mutex;

  std::string actor() const { return "run " + run_id; }
  incident::Context incident_context() const {
    return {world.project, sight.graph, world.release_id, actor()};
  }
  void Tell(const Progress& progress) const {
    if (!sink) return;
    std::lock_guard lock(sink_mutex);
    sink(progress);
  }
};

// What is to be loaded or built for one dataset of the unit.
struct Piece {
  const definition::Dataset* dataset = nullptr;
  pipeline::Need need;
  DatasetState state;
  pipeline::Basis basis;  // Of this try.
  Interval interval;      // $start and $end of its SQL, where that uses them.
  std::vector<ingest::Delivery> deliveries;
  bool is_selected = true;

  bool has_work() const { return need.work != pipeline::Work::kNone; }
};

// What one load and check of some pieces gave.
struct Attempt {
  std::string branch;
  std::map<std::string, lake::LoadResult> loads;  // By address.
  std::map<std::string, LoadOutcome> outcomes;
  std::map<std::string, std::vector<Verdict>> verdicts;
  struct Span {
    Timestamp started{};
    Duration took{0};
    int64_t bytes = -1;  // About what was read of the dataset; -1: not known.
  };
  std::map<std::string, Span> checked;  // When they were judged.
  std::vector<incident::SliceEvidence> slices;
  std::map<std::string, std::vector<SplitRule>> rules;  // Of failures that quarantine.
  std::map<std::string, Quarantined> quarantined;
  std::map<std::string, Json> newest;  // {"payment_date": "2005-08-23 …"}
  Written written;                     // Of an external dataset.
  std::vector<std::string> breaks;     // Of its contracts: sentences.
  bool has_bad_delivery = false;       // Unreadable or against the contract: nothing was committed.

  bool is_red() const;
};

// Of a dataset that somebody else builds: it is looked at whenever it is asked for, as nobody tells
// when its table changes.
pipeline::Need NeedOfExternal(const Piece& piece);

class UnitRun {
 public:
  UnitRun(const RunContext& context, const pipeline::Unit& unit, int attempt);

  // What the scheduler is to be told.
  pipeline::Event::Kind Run();

  // After Run: one for each selected dataset of the unit.
  std::vector<TaskReport>& reports() { return reports_; }
  const std::vector<int64_t>& opened() const { return opened_; }
  const std::vector<int64_t>& resolved() const { return resolved_; }

  // The unit failed for the last time: opens its incident and holds what is downstream.
  Result<void> RecordFailedForGood();
  // The unit is not tried, as the datasets of `because` are `says` ("red", "held", "failed").
  Result<void> RecordHeld(const std::vector<std::string>& because, std::string_view says);

 private:
  Result<pipeline::Event::Kind> Try();
  Result<void> Prepare();
  Result<void> ChooseDeliveries(Piece& piece);
  void RetryTheCircle();
  Result<pipeline::Event::Kind> Idle();
  void TellIdle(const Piece& piece);
  Result<void> EndMootRed(Piece& piece);
  // A dataset that somebody else builds: judged where it is, nothing is written but the verdict.
  Result<pipeline::Event::Kind> CheckInPlace(const Piece& piece);
  Result<void> RecordChecked(const Piece& piece, const Attempt& attempt);
  // What other tools committed to its tables: judged once. Red, or nothing.
  Result<std::optional<pipeline::Event::Kind>> JudgeForeign();
  Result<bool> JudgeForeignOf(Piece& piece, int64_t red_incident);
  TaskReport ForeignReport(const Piece& piece, bool is_red, const std::vector<Verdict>& verdicts,
                           const std::vector<std::string>& breaks);
  Result<void> RecordForeignVerdict(const Piece& piece, const Attempt& attempt,
                                    const std::vector<std::string>& breaks, int64_t red_incident);
  Result<void> ForgetForeign(const Piece& piece, int64_t incident);
  Result<void> ReleaseUpstreamHold(const std::string& address);
  Result<void> RecordStarted();
  Result<void> RecordFailedTry();
  void DropOwnBranches();

  Result<Attempt> TryPieces(const std::vector<Piece>& pieces);
  // `split`: a file of a split, whose good rows are loaded instead of all.
  Result<void> LoadPiece(const Piece& piece, Attempt& attempt, const std::string& split = {});
  Result<LoadTask> LoadTaskOf(const Piece& piece, const Attempt& attempt,
                              const iceberg::Table& table);
  Result<void> CheckPieces(const std::vector<Piece>& pieces, Attempt& attempt,
                           const std::map<std::string, iceberg::TableMetadata>& moved);
  Result<std::optional<lake::Scan>> ScanOf(
      const std::string& address, const Attempt& attempt,
      const std::map<std::string, iceberg::TableMetadata>& moved);
  Result<std::string> RelationOf(const std::string& address, const Attempt& attempt,
                                 const std::map<std::string, iceberg::TableMetadata>& moved);

  // Splits off what its checks quarantine, and judges the rest.
  Result<void> Quarantine(const std::vector<Piece>& pieces, Attempt& attempt);
  Result<bool> KeepsIncoming(const Piece& piece);
  Result<std::string> SplitPiece(const Piece& piece, Attempt& attempt, int round);
  Result<void> LoadQuarantine(const Piece& piece, Attempt& attempt);
  Result<void> GiveUpQuarantine(const std::vector<Piece>& pieces, Attempt& attempt, bool is_split);
  void TellQuarantine(Attempt& attempt);
  // Tells in each failed verdict with which delivery, run and release its bad rows came.
  Result<void> FindFirstBad(const std::vector<Piece>& pieces, Attempt& attempt);
  // Of what else failed, since when it does.
  void FindRedSince(const std::string& address, std::vector<Verdict>* verdicts);
  Result<std::string> FirstBadOf(const Piece& piece, const Attempt& attempt,
                                 const Verdict& verdict);

  Result<pipeline::Event::Kind> Settle(std::vector<Piece> pieces, Attempt attempt);
  Result<pipeline::Event::Kind> IsolateRed(Piece piece);
  // Green, or red where main moved meanwhile and the checks fail on what it would be.
  Result<pipeline::Event::Kind> Publish(const std::vector<Piece>& pieces, Attempt& attempt);
  Result<void> RejectBadDeliveries(std::vector<Piece>& pieces, const Attempt& attempt);
  // `on_top_of`: deliveries that the try held beside those of `pieces`.
  Result<void> RejectRed(const std::vector<Piece>& pieces, const Attempt& attempt,
                         const std::vector<ingest::Delivery>& on_top_of = {});
  Result<void> HoldDownstream(store::Transaction& tx, const std::vector<std::string>& red,
                              int64_t incident, Timestamp now);
  Result<void> CheckUntouched(const Piece& piece);

  TaskReport& ReportOf(const std::string& address);
  void Step(const Piece& piece, std::string_view step);
  std::function<void(int64_t)> RowsSink(const std::string& address);
  void End(TaskReport& report);
  // What is judged where it stands, without a load; `ended`: incidents that it closed.
  void EndJudged(TaskReport report, const std::vector<int64_t>& ended);
  std::string NextBranch();

  const RunContext& context_;
  const pipeline::Unit& unit_;
  const int attempt_;
  Timestamp started_;
  std::vector<std::string> branches_;  // That this try made.
  std::vector<Piece> pieces_;
  std::vector<TaskReport> reports_;
  std::vector<int64_t> opened_, resolved_;
  WorkerEnd worker_end_;
  std::set<std::string> judged_;  // What another tool committed; told already.
  bool is_collecting_ = false;    // Several outcomes of one dataset are told together at the end.
};

}  // namespace andon::line
