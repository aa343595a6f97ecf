// Quarantine, in a try: the bad rows of what came are split off, the rest is loaded anew and
// judged again, and what was split off goes to a branch of the table beside, which publishes
// together with the dataset.
#include <algorithm>

#include "base/text.h"
#include "definition/quarantine.h"
#include "io/path.h"
#include "lake/scan.h"
#include "line/columns.h"
#include "line/quarantine.h"
#include "line/unit_run.h"
#include "pipeline/staleness.h"
#include "sql/quote.h"

namespace andon::line {
namespace {

// What one split takes away may make rows of another dataset bad, which refer to it.
constexpr int kSplitsMax = 4;

std::map<int64_t, std::string> NamesOf(const Piece& piece) {
  std::map<int64_t, std::string> names;
  for (const ingest::Delivery& d : piece.deliveries) names[d.id] = d.path;
  return names;
}

std::string CaseOf(const Piece& piece, std::string ingest::Delivery::* member) {
  std::string cases;
  for (const ingest::Delivery& d : piece.deliveries) {
    if ((d.*member).empty()) continue;
    cases += fmt::format(" WHEN {} THEN {}", d.id, sql::QuoteLiteral(d.*member));
  }
  return cases.empty() ? "CAST(NULL AS VARCHAR)"
                       : fmt::format("CASE {}{} END", kDeliveryColumn, cases);
}

std::string Names(const std::vector<definition::Column>& columns) {
  std::vector<std::string> names;
  for (const definition::Column& c : columns) names.push_back(sql::QuoteIdentifier(c.name));
  return Join(names, ", ");
}

// The rows that the splits took, as the table beside has them.
std::string TakenSql(const Piece& piece, const Quarantined& q,
                     const std::vector<definition::Column>& columns, const std::string& run_id,
                     Timestamp now) {
  std::vector<std::string> parts;
  for (const std::string& file : q.files) {
    parts.push_back(fmt::format(
        "SELECT {}, {} AS {}, {} AS {}, {} AS {}, {} AS {}, CAST({} AS TIMESTAMP WITH TIME ZONE) "
        "AS {} FROM ({})",
        Names(columns), kReasonsColumn, definition::kQuarantineReasons,
        CaseOf(piece, &ingest::Delivery::path), definition::kQuarantineDelivery,
        CaseOf(piece, &ingest::Delivery::period), definition::kQuarantinePeriod,
        sql::QuoteLiteral(run_id), definition::kQuarantineRun, sql::QuoteLiteral(ToRfc3339(now)),
        definition::kQuarantineTime, BadOf(file)));
  }
  return Join(parts, " UNION ALL ");
}

// Which rows of the table beside stand no more, now that these rows come: those of a file or a
// period that comes again, of a key that comes again, of an interval that is replaced.
std::string SettledSql(const Piece& piece, const std::string& rest, bool is_whole) {
  const definition::Load& load = piece.dataset->load;
  if (is_whole || load.mode == definition::LoadMode::kReplace) return "TRUE";
  std::vector<std::string> parts = {"FALSE"};
  std::vector<std::string> paths, periods;
  for (const ingest::Delivery& d : piece.deliveries) {
    paths.push_back(sql::QuoteLiteral(d.path));
    if (!d.period.empty()) periods.push_back(sql::QuoteLiteral(d.period));
  }
  if (!paths.empty())
    parts.push_back(fmt::format("{} IN ({})", definition::kQuarantineDelivery, Join(paths, ", ")));
  if (!periods.empty())
    parts.push_back(fmt::format("{} IN ({})", definition::kQuarantinePeriod, Join(periods, ", ")));
  if (load.mode == definition::LoadMode::kMerge && !load.key.empty()) {
    std::vector<std::string> key;
    for (const std::string& column : load.key) key.push_back(sql::QuoteIdentifier(column));
    const std::string tuple = key.size() == 1 ? key[0] : "(" + Join(key, ", ") + ")";
    parts.push_back(fmt::format("{} IN (SELECT {} FROM ({}))", tuple, Join(key, ", "), rest));
  }
  if (load.mode == definition::LoadMode::kReplaceInterval) {
    const std::string by = sql::QuoteIdentifier(load.by);
    if (!piece.interval.start.empty()) {
      parts.push_back(fmt::format("({0} >= TIMESTAMP {1} AND {0} < TIMESTAMP {2})", by,
                                  sql::QuoteLiteral(piece.interval.start),
                                  sql::QuoteLiteral(piece.interval.end)));
    } else {
      const std::string grain = sql::QuoteLiteral(load.grain.empty() ? "day" : load.grain);
      parts.push_back(
          fmt::format("EXISTS (SELECT 1 FROM (SELECT date_trunc({0}, min({1})) AS least, "
                      "date_trunc({0}, max({1})) AS greatest FROM ({2}) GROUP BY {3}) AS range "
                      "WHERE date_trunc({0}, beside.{1}) BETWEEN least AND greatest)",
                      grain, by, rest, kDeliveryColumn));
    }
  }
  return Join(parts, " OR ");
}

}  // namespace

// Rows that came are kept apart where a check may split them, or a row that is aside may be settled
// by them.
Result<bool> UnitRun::KeepsIncoming(const Piece& piece) {
  if (piece.need.work == pipeline::Work::kShape) return false;
  if (definition::HasQuarantine(*piece.dataset)) return true;
  auto beside = TRY(OpenQuarantine(context_.world, piece.dataset->name));
  return beside && beside->metadata.current_snapshot_id.has_value();
}

Result<void> UnitRun::Quarantine(const std::vector<Piece>& pieces, Attempt& attempt) {
  for (int round = 1; round <= kSplitsMax; ++round) {
    std::map<std::string, std::string> split;
    bool is_too_much = false;
    for (const Piece& piece : pieces) {
      const std::string& address = piece.dataset->address;
      // A model of this unit is built anew when what it reads was split; its rows come after.
      const auto& reads = context_.sight.line.reads.at(address);
      const bool is_behind = std::any_of(reads.begin(), reads.end(),
                                         [&](const std::string& r) { return split.count(r) > 0; });
      if (is_behind) {
        split[address];
        continue;
      }
      auto file = TRY(SplitPiece(piece, attempt, round));
      is_too_much = is_too_much || !attempt.quarantined[address].too_many.empty();
      if (!file.empty()) split[address] = file;
    }
    if (is_too_much) {
      TRY(GiveUpQuarantine(pieces, attempt, round > 1));
      break;
    }
    if (split.empty()) break;
    for (const Piece& piece : pieces) {
      auto found = split.find(piece.dataset->address);
      if (found == split.end()) continue;
      TRY(lake::DropBranch(context_.world.db, context_.world.lake, piece.dataset->name,
                           attempt.branch));
      TRY(LoadPiece(piece, attempt, found->second));
    }
    std::vector<incident::SliceEvidence> slices = attempt.slices;
    TRY(CheckPieces(pieces, attempt, {}));
    // Where the rows lay is told of the whole, not of what is left.
    for (incident::SliceEvidence& slice : attempt.slices) {
      const bool is_known = std::any_of(slices.begin(), slices.end(),
                                        [&](const auto& s) { return s.check == slice.check; });
      if (!is_known) slices.push_back(std::move(slice));
    }
    attempt.slices = std::move(slices);
  }
  for (const Piece& piece : pieces) TRY(LoadQuarantine(piece, attempt));
  TellQuarantine(attempt);
  return {};
}

void UnitRun::TellQuarantine(Attempt& attempt) {
  for (auto& [address, verdicts] : attempt.verdicts) {
    TellQuarantined(attempt.quarantined[address], context_.world.project.FindDataset(address)->name,
                    &verdicts);
  }
}

// The file that the split made; empty where no row that came is bad.
Result<std::string> UnitRun::SplitPiece(const Piece& piece, Attempt& attempt, int round) {
  const std::string& address = piece.dataset->address;
  const std::vector<SplitRule>& rules = attempt.rules[address];
  const LoadOutcome& outcome = attempt.outcomes.at(address);
  if (rules.empty() || outcome.incoming.empty()) return std::string();
  Step(piece, "quarantining");
  Quarantined& q = attempt.quarantined[address];
  const auto checks = ChecksOf(context_.world.project, *piece.dataset);
  SplitTask task{
      .incoming = q.files.empty() ? outcome.incoming : RestOf(q.files.back()),
      .path = io::Join(context_.stage_dir, fmt::format("{}-{}-split{}.parquet", piece.dataset->name,
                                                       attempt.branch, round)),
      .rules = rules,
      .checks = checks};
  const std::string path = task.path;
  SplitOutcome split =
      TRY(context_.pool.Split(std::move(task), context_.options.stop, &worker_end_));
  q.Add(split, checks, NamesOf(piece));
  for (const Verdict& v : attempt.verdicts.at(address)) {
    if (v.result.success() || v.check.severity != quality::CheckSeverity::kQuarantine) continue;
    const bool is_split = std::any_of(rules.begin(), rules.end(), [&](const SplitRule& rule) {
      return rule.check == v.check.name;
    });
    if (!is_split) continue;
    if (split.BadBy(v.check.name) == 0) q.none_left.insert(v.check.name);
    q.told.emplace(v.check.name, v);
  }
  if (split.bad() == 0) return std::string();
  q.files.push_back(path);
  return path;
}

// Too many rows are bad: the line stops, with everything on the branch as it came.
Result<void> UnitRun::GiveUpQuarantine(const std::vector<Piece>& pieces, Attempt& attempt,
                                       bool is_split) {
  std::map<std::string, Quarantined> why;
  for (auto& [address, q] : attempt.quarantined) {
    why[address].too_many = std::move(q.too_many);
    why[address].told = std::move(q.told);
    why[address].none_left = std::move(q.none_left);
    // What could have gone aside stays with the rest.
    for (const auto& [check, verdict] : why[address].told) {
      if (!why[address].none_left.count(check))
        why[address].too_many.emplace(check, "not quarantined, as the line stops");
    }
  }
  if (is_split) {
    for (const Piece& piece : pieces) {
      TRY(lake::DropBranch(context_.world.db, context_.world.lake, piece.dataset->name,
                           attempt.branch));
      TRY(LoadPiece(piece, attempt));
    }
    TRY(CheckPieces(pieces, attempt, {}));
  }
  attempt.quarantined = std::move(why);
  return {};
}

// The branch of the table beside: what was taken, without what is settled.
Result<void> UnitRun::LoadQuarantine(const Piece& piece, Attempt& attempt) {
  const World& world = context_.world;
  const definition::Dataset& dataset = *piece.dataset;
  const LoadOutcome& outcome = attempt.outcomes.at(dataset.address);
  Quarantined& q = attempt.quarantined[dataset.address];
  if (outcome.incoming.empty() || !q.too_many.empty()) return {};
  auto beside = TRY(OpenQuarantine(world, dataset.name));
  const bool has_old = beside && beside->metadata.current_snapshot_id.has_value();
  std::string old, settled;
  if (has_old) {
    auto scan =
        TRY(lake::PlanScan(world.lake, beside->metadata, beside->metadata.current_snapshot_id));
    old = std::move(scan.sql);
    settled = SettledSql(piece, q.files.empty() ? outcome.incoming : RestOf(q.files.back()),
                         context_.options.full_refresh);
    auto counted = TRY(context_.pool.Query(
        {.sql = fmt::format("SELECT count(*) FROM ({}) AS beside WHERE {}", old, settled),
         .rows_max = 1}));
    q.settled = counted.values.at(0).at(0).AsInteger();
  }
  if (q.rows == 0 && q.settled == 0) return {};
  definition::Dataset shape = definition::QuarantineOf(dataset);
  shape.columns = outcome.columns;
  for (definition::Column& c : shape.columns) c.required = false;
  const auto& own = definition::QuarantineColumns();
  shape.columns.insert(shape.columns.end(), own.begin(), own.end());
  if (beside) {
    // A column that the dataset has no more is still one of rows that are aside.
    for (const iceberg::Field& field : beside->metadata.schema().fields) {
      if (!shape.FindColumn(field.name))
        shape.columns.push_back({.name = field.name, .type = iceberg::ToString(field.type)});
    }
  }
  std::string query = TakenSql(piece, q, outcome.columns, context_.run_id, world.clock.Now());
  if (q.settled > 0) {
    query = fmt::format("SELECT * FROM ({}) AS beside WHERE NOT coalesce({}, FALSE){}{}", old,
                        settled, query.empty() ? "" : " UNION ALL BY NAME ", query);
  }
  std::vector<std::string> values;
  for (const definition::Column& c : shape.columns) values.push_back(sql::QuoteIdentifier(c.name));
  query =
      fmt::format("SELECT * FROM ({}) UNION ALL BY NAME {}", query, EmptyRelation(shape.columns));
  lake::TableDefinition table_definition{.key = {}};
  table_definition.columns = TRY(FieldsOf(shape.columns));
  iceberg::Table table =
      TRY(lake::OpenOrCreateTable(world.db, world.lake, shape.name, table_definition));
  const lake::LoadMode mode = q.settled > 0 ? lake::LoadMode::kReplace : lake::LoadMode::kAppend;
  LoadTask task{.lake_root = world.lake.root,
                .project = world.lake.project,
                .table = shape.name,
                .metadata_location = table.metadata_location,
                .branch = attempt.branch,
                .stage_dir = context_.stage_dir,
                .mode = mode,
                .columns = shape.columns,
                .summary = {{"andon.run-id", context_.run_id}},
                .sql = query};
  LoadOutcome done =
      TRY(context_.pool.Load(std::move(task), context_.options.stop, nullptr, &worker_end_));
  lake::LoadRequest request{.mode = mode, .branch = attempt.branch, .from_main = true};
  request.columns = TRY(FieldsOf(done.columns));
  request.summary = {{"andon.run-id", context_.run_id}};
  TRY(lake::CommitLoad(world.db, world.lake, shape.name, request, *done.delta));
  q.is_loaded = true;
  return {};
}

}  // namespace andon::line
