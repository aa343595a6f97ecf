#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <thread>

#include "base/text.h"
#include "cli/command.h"
#include "cli/world.h"
#include "definition/quarantine.h"
#include "lake/diff.h"
#include "lake/log.h"
#include "line/check_now.h"
#include "line/intervene.h"
#include "line/work.h"
#include "line/worker_pool.h"
#include "sql/analyze.h"

namespace andon::cli {
namespace {

line::Limits LimitsOf(const Context& context) {
  return {.memory_bytes = line::DefaultMemory(),
          .threads = std::max(1, static_cast<int>(std::thread::hardware_concurrency())),
          .spill_dir = context.project_dir + "/.andon/tmp/query"};
}

std::string CellOf(const Json& value) {
  if (value.is_null()) return "null";
  return value.is_string() ? value.AsString() : value.Dump();
}

// ---- log ----

ExitCode RunLog(Context& context, const Arguments& arguments) {
  auto world = OpenWorld(context);
  if (!world.ok()) return context.Fail(world.error());
  auto dataset = line::FindReadable((*world)->project(), arguments.positional[0]);
  if (!dataset.ok()) return context.Fail(dataset.error());
  auto log = lake::ReadLog((*world)->db(), (*world)->world->lake, dataset->name);
  if (!log.ok()) {
    if (log.error().kind != ErrorKind::kNotFound) return context.Fail(log.error());
    if (!context.json) context.Line(fmt::format("{} was never published.", dataset->name));
    return ExitCode::kDone;
  }
  TextTable table{
      .header = {"version", "published", "rows", "added", "changed", "removed", "state", "run", ""},
      .right = {true, false, true, true, true, true}};
  auto number = [](const std::optional<int64_t>& n) {
    return n ? WithThousands(*n) : std::string();
  };
  for (const lake::LogEntry& e : log->entries) {
    const lake::Version& v = e.version;
    std::vector<std::string> remarks;
    if (e.is_current) remarks.push_back("main");
    for (const std::string& tag : e.tags) remarks.push_back("tag " + tag);
    if (v.body["accepted"].is_object()) {
      remarks.push_back("accepted though red: " + v.body["accepted"]["reason"].AsString());
    }
    if (!e.is_readable) remarks.push_back("expired");
    Json event = Json::Object({{"type", "version"},
                               {"dataset", dataset->address},
                               {"version", v.version},
                               {"snapshot_id", v.snapshot_id},
                               {"state", v.state},
                               {"published_at", ToRfc3339(v.published_at)},
                               {"run_id", v.run_id},
                               {"release_id", v.release_id},
                               {"current", e.is_current}});
    if (e.rows_total) event.Set("rows", *e.rows_total);
    if (e.rows_added) event.Set("rows_added", *e.rows_added);
    if (e.rows_changed) event.Set("rows_changed", *e.rows_changed);
    if (e.rows_removed) event.Set("rows_removed", *e.rows_removed);
    context.Event(event);
    table.rows.push_back({fmt::format("@{}", v.version), Moment(v.published_at),
                          number(e.rows_total), number(e.rows_added), number(e.rows_changed),
                          number(e.rows_removed), v.state, v.run_id, Join(remarks, ", ")});
  }
  if (context.json) return ExitCode::kDone;
  context.Print(Format(table, context));
  context.Line(fmt::format(
      "{} has {}{}.", dataset->name, Count(static_cast<int64_t>(log->entries.size()), "version"),
      log->branches.empty() ? "" : "; branches: " + Join(log->branches, ", ")));
  return ExitCode::kDone;
}

// ---- diff ----

void PrintRows(const Context& context, const lake::Diff& diff) {
  TextTable table;
  table.header = {""};
  table.right = {false};
  for (const std::string& column : diff.columns) {
    table.header.push_back(column);
    table.right.push_back(false);
  }
  auto add = [&](std::string_view sign, const Json& row) {
    std::vector<std::string> cells = {std::string(sign)};
    for (size_t i = 0; i < diff.columns.size(); ++i) {
      const Json* value = row.Find(diff.columns[i]);
      if (value && value->is_number()) table.right[i + 1] = true;
      cells.push_back(value ? CellOf(*value) : "");
    }
    table.rows.push_back(std::move(cells));
  };
  for (const Json& row : diff.removed_rows) add("-", row);
  for (const Json& row : diff.added_rows) add("+", row);
  for (const lake::ChangedRow& row : diff.changed_rows) {
    // The key, and what differs, as before -> after.
    Json shown = Json::Object();
    for (const std::string& column : diff.columns) {
      const bool differs =
          std::find(row.columns.begin(), row.columns.end(), column) != row.columns.end();
      if (differs) {
        shown.Set(column, CellOf(row.before[column]) + " → " + CellOf(row.after[column]));
      } else {
        shown.Set(column, row.after[column]);
      }
    }
    add("~", shown);
  }
  if (!table.rows.empty()) context.Print(Format(table, context));
}

ExitCode RunDiff(Context& context, const Arguments& arguments) {
  auto range = lake::ParseReferenceRange(arguments.positional[0]);
  if (!range.ok()) return context.Fail(range.error());
  auto world = OpenWorld(context);
  if (!world.ok()) return context.Fail(world.error());
  auto dataset = line::FindDataset((*world)->project(), range->table);
  if (!dataset.ok()) return context.Fail(dataset.error());
  lake::DiffOptions options{.key = (*dataset)->load.key,
                            .samples_max = arguments.Integer("sample", 5)};
  if (arguments.Has("keys")) options.key = Split(arguments.String("keys"), ',');
  if (options.key.empty()) {
    for (const definition::Column& c : (*dataset)->columns) {
      if (c.unique && options.key.empty()) options.key.push_back(c.name);
    }
  }
  auto diff = [&]() -> Result<lake::Diff> {
    const lake::Lake& lake = (*world)->world->lake;
    auto table = TRY(lake::OpenTable((*world)->db(), lake, (*dataset)->name));
    TRY((*world)->db().Write(
        [&](store::Transaction& tx) { return lake::RecordForeign(tx, table); }));
    struct Ends {
      std::optional<int64_t> from, to;
    };
    auto ends = TRY((*world)->db().Read([&](store::Transaction& tx) -> Result<Ends> {
      Ends e;
      e.from = TRY(lake::Resolve(tx, table, range->from));
      e.to = TRY(lake::Resolve(tx, table, range->to));
      return e;
    }));
    auto engine =
        TRY(sql::Engine::Open({.temp_directory = context.project_dir + "/.andon/tmp/query"}));
    auto connection = TRY(engine.Connect());
    return lake::DiffSnapshots(connection, lake, table.metadata, ends.from, ends.to, options);
  }();
  if (!diff.ok()) return context.Fail(diff.error());
  auto rows = [](const std::vector<Json>& list) { return Json::List(list); };
  Json changed = Json::List();
  for (const lake::ChangedRow& row : diff->changed_rows) {
    changed.Push(Json::Object({{"before", row.before}, {"after", row.after}}));
  }
  Json schema = Json::List();
  for (const std::string& change : diff->schema_changes) schema.Push(change);
  context.Event(Json::Object({{"type", "diff"},
                              {"dataset", (*dataset)->address},
                              {"added", diff->added},
                              {"removed", diff->removed},
                              {"changed", diff->changed},
                              {"added_rows", rows(diff->added_rows)},
                              {"removed_rows", rows(diff->removed_rows)},
                              {"changed_rows", std::move(changed)},
                              {"schema_changes", std::move(schema)}}));
  if (context.json) return ExitCode::kDone;
  for (const std::string& change : diff->schema_changes) context.Line(change);
  PrintRows(context, *diff);
  const std::string by = diff->key.empty() ? "whole rows" : Join(diff->key, ", ");
  context.Line(fmt::format("{} {} → {}: {} added, {} removed, {} changed (by {}).",
                           (*dataset)->name, lake::ToString(range->from), lake::ToString(range->to),
                           WithThousands(diff->added), WithThousands(diff->removed),
                           WithThousands(diff->changed), by));
  return ExitCode::kDone;
}

// ---- query ----

// "-at=2026-01-01" for all tables, "-at=payment@2" for one.
struct At {
  std::optional<lake::Reference> all;
  std::map<std::string, lake::Reference> of;
};
Result<At> ReadAt(const std::vector<std::string>& texts, const definition::Project& project,
                  Timestamp now) {
  At at;
  for (const std::string& text : texts) {
    const size_t sign = text.find('@');
    if (sign != text.npos && sign > 0) {
      auto reference = TRY(ReadTableReference(text, now));
      const definition::Dataset dataset = TRY(line::FindReadable(project, reference.table));
      at.of.insert_or_assign(dataset.name, reference.at);
    } else {
      at.all = TRY(ReadReference(text, now));
    }
  }
  return at;
}

Result<line::QueryTask> QueryOf(OpenedWorld& world, const std::string& text,
                                const std::vector<std::string>& at_texts) {
  line::QueryTask task{.sql = text};
  while (!task.sql.empty() &&
         (task.sql.back() == ';' || task.sql.back() == '\n' || task.sql.back() == ' ')) {
    task.sql.pop_back();
  }
  auto at = TRY(ReadAt(at_texts, world.project(), world.world->clock.Now()));
  auto analyzer = TRY(sql::Analyzer::Open());
  auto analysis = analyzer.Parse(task.sql, "query");
  if (analysis.diagnostics.has_errors()) {
    const Diagnostic& first = analysis.diagnostics.list().front();
    return Error::Invalid("{}: {}", first.summary, first.detail);
  }
  const std::vector<std::string> names = analysis.TableNames();
  if (at.all && std::holds_alternative<lake::VersionReference>(*at.all) && names.size() > 1) {
    return Error::Invalid("Versions are counted for each table: write -at={}@{} instead of -at=@{}",
                          names[0], std::get<lake::VersionReference>(*at.all).version,
                          std::get<lake::VersionReference>(*at.all).version);
  }
  for (const std::string& name : names) {
    const definition::Dataset dataset = TRY(line::FindReadable(world.project(), name));
    lake::Reference reference = at.all.value_or(lake::MainReference{});
    if (auto it = at.of.find(dataset.name); it != at.of.end()) reference = it->second;
    auto relation = TRY(line::RelationAt(*world.world, dataset, reference));
    task.tables.push_back({dataset.name, std::move(relation)});
  }
  return task;
}

// A misspelled column is told with the one that was meant.
ExitCode ExplainFailure(Context& context, const OpenedWorld& world, const std::string& sql,
                        const Error& error) {
  if (error.kind != ErrorKind::kInvalid) return context.Fail(error);
  std::vector<sql::KnownTable> tables;
  for (const definition::Dataset& dataset : world.project().datasets) {
    tables.push_back({dataset.name, line::ColumnInfosOf(dataset)});
  }
  auto analyzer = sql::Analyzer::Open();
  if (!analyzer.ok()) return context.Fail(error);
  sql::Analysis analysis = analyzer->Analyze(sql, "query", tables);
  if (!analysis.diagnostics.has_errors()) return context.Fail(error);
  context.sources.Add("query", sql);
  context.Report(analysis.diagnostics);
  return ExitCode::kError;
}

std::string CsvField(const std::string& text) {
  if (text.find_first_of(",\"\n\r") == text.npos) return text;
  std::string out = "\"";
  for (char c : text) out += c == '"' ? "\"\"" : std::string(1, c);
  return out + "\"";
}

ExitCode RunQuery(Context& context, const Arguments& arguments) {
  auto world = OpenWorld(context);
  if (!world.ok()) return context.Fail(world.error());
  auto task = QueryOf(**world, arguments.positional[0], arguments.List("at"));
  if (!task.ok()) return context.Fail(task.error());
  const std::string form = arguments.String("o", "table");
  if (form != "table" && form != "csv") {
    return context.Fail(Error::Invalid("-o is table or csv; -json gives JSON Lines"));
  }
  task->rows_max = arguments.Integer("limit", form == "table" && !context.json ? 100 : 0);
  auto outcome = line::DoQuery(*task, LimitsOf(context), [](const Json&) {});
  if (!outcome.ok()) return ExplainFailure(context, **world, task->sql, outcome.error());
  if (context.json) {
    for (const auto& row : outcome->values) {
      Json values = Json::Object();
      for (size_t i = 0; i < row.size(); ++i) values.Set(outcome->columns[i].name, row[i]);
      context.Event(Json::Object({{"type", "row"}, {"row", std::move(values)}}));
    }
    return ExitCode::kDone;
  }
  if (form == "csv") {
    std::string text;
    for (size_t i = 0; i < outcome->columns.size(); ++i) {
      text += (i ? "," : "") + CsvField(outcome->columns[i].name);
    }
    text += '\n';
    for (size_t r = 0; r < outcome->rows.size(); ++r) {
      for (size_t i = 0; i < outcome->rows[r].size(); ++i) {
        text +=
            (i ? "," : "") + (outcome->values[r][i].is_null() ? "" : CsvField(outcome->rows[r][i]));
      }
      text += '\n';
    }
    context.Print(text);
    return ExitCode::kDone;
  }
  TextTable table;
  for (const sql::ColumnInfo& c : outcome->columns) {
    table.header.push_back(c.name);
    const bool is_number = c.type.substr(0, 7) == "DECIMAL" || c.type.find("INT") != c.type.npos ||
                           c.type == "DOUBLE" || c.type == "FLOAT";
    table.right.push_back(is_number);
  }
  table.rows = outcome->rows;
  context.Print(Format(table, context));
  context.Line(fmt::format("{}{}", Count(static_cast<int64_t>(outcome->rows.size()), "row"),
                           outcome->truncated ? "; there are more (-limit)." : "."));
  return ExitCode::kDone;
}

// ---- rollback, branch, tag ----

ExitCode RunRollback(Context& context, const Arguments& arguments) {
  auto to = ReadReference(arguments.positional[1], context.clock->Now());
  if (!to.ok()) return context.Fail(to.error());
  auto world = OpenWorldToChange(context);
  if (!world.ok()) return context.Fail(world.error());
  auto report = line::RollBack(*(*world)->world, arguments.positional[0], *to,
                               arguments.String("reason"), arguments.Time("lock-timeout"));
  if (!report.ok()) return context.Fail(report.error());
  auto version = [](const std::optional<int64_t>& v) {
    return v ? fmt::format("@{}", *v) : std::string("an unnumbered version");
  };
  const std::string name = report->dataset.substr(report->dataset.rfind('.') + 1);
  context.Event(Json::Object(
      {{"type", "rolled_back"},
       {"dataset", report->dataset},
       {"from", report->from_version ? Json(*report->from_version) : Json()},
       {"to", report->to_version ? Json(*report->to_version) : Json()},
       {"deliveries_again", report->deliveries_again},
       {"quarantined_before", report->quarantined ? Json(report->quarantined->first) : Json()},
       {"quarantined", report->quarantined ? Json(report->quarantined->second) : Json()}}));
  if (context.json) return ExitCode::kDone;
  context.Line(fmt::format("{} {}: {} → {}.", context.Paint("yellow", "▲"), name,
                           version(report->from_version), version(report->to_version)));
  if (report->deliveries_again > 0) {
    context.Line(fmt::format("  {} will be loaded again.",
                             Count(report->deliveries_again, "delivery", "deliveries")));
  }
  if (report->quarantined) {
    context.Line(fmt::format("  {} has {} again, after {}.", definition::QuarantineTable(name),
                             Count(report->quarantined->second, "row"),
                             report->quarantined->first));
  }
  if (!report->downstream.empty()) {
    context.Line(fmt::format("  {} {} stale now: \"andon run\".", Join(report->downstream, ", "),
                             report->downstream.size() > 1 ? "are" : "is"));
  }
  context.Line(fmt::format("{} is held until \"andon resume {}\".", name, name));
  return ExitCode::kDone;
}

ExitCode RunBranch(Context& context, const Arguments& arguments) {
  auto world = OpenWorld(context);
  if (!world.ok()) return context.Fail(world.error());
  std::vector<std::string> names;
  for (const std::string& word : arguments.positional) {
    auto dataset = line::FindDataset((*world)->project(), word);
    if (!dataset.ok()) return context.Fail(dataset.error());
    names.push_back((*dataset)->name);
  }
  if (names.empty()) {
    auto all = lake::ListTables((*world)->db(), (*world)->world->lake);
    if (!all.ok()) return context.Fail(all.error());
    names = std::move(*all);
  }
  TextTable table{.header = {"dataset", "name", "kind", "snapshot", "made", "rows"},
                  .right = {false, false, false, false, false, true}};
  for (const std::string& name : names) {
    auto opened = lake::OpenTable((*world)->db(), (*world)->world->lake, name);
    if (!opened.ok()) {
      if (opened.error().kind == ErrorKind::kNotFound) continue;
      return context.Fail(opened.error());
    }
    for (const auto& [ref, target] : opened->metadata.refs) {
      const iceberg::Snapshot* snapshot = opened->metadata.FindSnapshot(target.snapshot_id);
      const std::string kind = target.is_branch() ? "branch" : "tag";
      std::string rows;
      if (snapshot) {
        auto it = snapshot->summary.find("total-records");
        if (it != snapshot->summary.end()) rows = it->second;
      }
      context.Event(Json::Object({{"type", kind},
                                  {"dataset", lake::Address(name)},
                                  {"name", ref},
                                  {"snapshot_id", target.snapshot_id}}));
      table.rows.push_back({name, ref, kind, std::to_string(target.snapshot_id),
                            snapshot ? Moment(FromMillis(snapshot->timestamp_ms)) : "", rows});
    }
  }
  if (context.json) return ExitCode::kDone;
  context.Print(Format(table, context));
  context.Line(fmt::format(
      "{}.", Count(static_cast<int64_t>(table.rows.size()), "branch or tag", "branches and tags")));
  return ExitCode::kDone;
}

ExitCode RunTag(Context& context, const Arguments& arguments) {
  auto reference = ReadTableReference(arguments.positional[0], context.clock->Now());
  if (!reference.ok()) return context.Fail(reference.error());
  const std::string& tag = arguments.positional[1];
  if (tag.empty() || tag == "main" || tag.find_first_of("@/. ") != tag.npos ||
      tag.find_first_not_of("0123456789") == tag.npos) {
    return context.Fail(
        Error::Invalid("\"{}\" is no name for a tag: use letters, digits, - and _", tag));
  }
  auto world = OpenWorld(context);
  if (!world.ok()) return context.Fail(world.error());
  auto dataset = line::FindDataset((*world)->project(), reference->table);
  if (!dataset.ok()) return context.Fail(dataset.error());
  auto tagged = [&]() -> Result<int64_t> {
    const lake::Lake& lake = (*world)->world->lake;
    auto table = TRY(lake::OpenTable((*world)->db(), lake, (*dataset)->name));
    auto snapshot = TRY((*world)->db().Read(
        [&](store::Transaction& tx) { return lake::Resolve(tx, table, reference->at); }));
    if (!snapshot) return Error::Invalid("{} was never published", (*dataset)->name);
    auto change = TRY(iceberg::CreateTag(table.metadata, tag, *snapshot, lake.now_ms()));
    TRY(lake::CommitAlone((*world)->db(), lake, table, std::move(change)));
    return *snapshot;
  }();
  if (!tagged.ok()) return context.Fail(tagged.error());
  context.Event(Json::Object({{"type", "tag"},
                              {"dataset", (*dataset)->address},
                              {"name", tag},
                              {"snapshot_id", *tagged}}));
  if (!context.json) {
    context.Line(fmt::format("{}@{} is {} now; it is kept until the tag goes.", (*dataset)->name,
                             lake::ToString(reference->at), tag));
  }
  return ExitCode::kDone;
}

}  // namespace

extern const Command kDataLog = {
    .name = "data log",
    .group = Group::kData,
    .summary = "The versions of a dataset",
    .usage = "DATASET",
    .description =
        "Newest first: every publish, also those of other tools, with what it added and removed. "
        "Numbers "
        "are never used again.",
    .positional_min = 1,
    .positional_max = 1,
    .examples = {{"andon data log payment", "The history of one table."},
                 {"andon data log payment -json", "For a program."}},
    .run = RunLog,
};

extern const Command kDataDiff = {
    .name = "data diff",
    .group = Group::kData,
    .summary = "What differs between two versions, row by row",
    .usage = "TABLE@A..@B",
    .description =
        "Rows are told apart by the dataset's key, or by its first unique column. Only files that "
        "the two "
        "versions do not share are read.",
    .positional_min = 1,
    .positional_max = 1,
    .flags = {{"keys", FlagKind::kString, "COLUMNS", "Columns that tell rows apart, by comma."},
              {"sample", FlagKind::kInteger, "N", "Rows shown of each kind; default 5."}},
    .examples = {{"andon data diff payment@1..@2", "Two versions."},
                 {"andon data diff payment@1..", "A version and main."}},
    .run = RunDiff,
};

extern const Command kDataQuery = {
    .name = "data query",
    .group = Group::kData,
    .summary = "Ask the published data with SQL",
    .usage = "SQL",
    .description =
        "One SELECT over the datasets by their names, in the SQL of DuckDB. -at reads another "
        "version: a "
        "time, a tag or a branch for all tables, or TABLE@REF for one.",
    .positional_min = 1,
    .positional_max = 1,
    .flags = {{"at", FlagKind::kList, "REF", "2026-01-01, audit, payment@2; may be repeated."},
              {"o", FlagKind::kString, "FORM", "table (default) or csv."},
              {"limit", FlagKind::kInteger, "N",
               "At most so many rows; default 100 for a table, else all."}},
    .examples = {{"andon data query 'select count(*) from payment'", "What readers see."},
                 {"andon data query 'select sum(amount) from payment' -at=payment@1",
                  "What they saw then."}},
    .run = RunQuery,
};

extern const Command kDataRollback = {
    .name = "data rollback",
    .group = Group::kData,
    .summary = "Take main of a table back to an earlier version",
    .usage = "TABLE REF",
    .description =
        "main points to the earlier version at once; the cursor goes back too, so deliveries that "
        "it does "
        "not have will be loaded again, and so does the table with what was quarantined. The "
        "dataset is held until \"andon resume\".",
    .positional_min = 2,
    .positional_max = 2,
    .flags = {{"reason", FlagKind::kString, "TEXT", "Why, for the journal."},
              {"lock-timeout", FlagKind::kDuration, "TIME", "Wait so long for a run to end."}},
    .examples = {{"andon data rollback payment @1", "To a version."},
                 {"andon data rollback payment 2026-01-01 -reason 'wrong rates'",
                  "To what main was then."}},
    .run = RunRollback,
};

extern const Command kDataBranch = {
    .name = "data branch",
    .group = Group::kData,
    .summary = "The branches and tags of the tables",
    .usage = "[DATASET…]",
    .description =
        "A branch \"run-…\" holds what a run loaded and its checks did not let pass, until it is "
        "accepted or "
        "a corrected delivery comes.",
    .positional_max = -1,
    .examples = {{"andon data branch", "Of all tables."}, {"andon data branch payment", "Of one."}},
    .run = RunBranch,
};

extern const Command kDataTag = {
    .name = "data tag",
    .group = Group::kData,
    .summary = "Give a version a name that keeps it",
    .usage = "TABLE[@REF] NAME",
    .description =
        "The version is kept as long as the tag stands, and can be named wherever a version can.",
    .positional_min = 2,
    .positional_max = 2,
    .examples = {{"andon data tag payment@1 audit-2005", "An earlier version."},
                 {"andon data tag payment month-end", "main as it is now."}},
    .run = RunTag,
};

}  // namespace andon::cli
