#include <fmt/format.h>

#include "alarm/freshness.h"
#include "base/text.h"
#include "builtin/block.h"
#include "builtin/check_places.h"
#include "builtin/schedule.h"
#include "builtin/source_database.h"
#include "iceberg/partition_spec.h"
#include "quality/batches.h"
#include "sql/engines/duckdb_file.h"

namespace andon::builtin {
namespace {

using config::Form;

// A column as SQL text is written by people: "latest by c".
constexpr std::string_view kLatestBy = "latest by ";

// What builds a table means nothing for one that somebody else builds.
void CheckExternalParts(const Item& item, Diagnostics* diagnostics) {
  for (std::string_view part : {"from", "sql", "load", "partition_by"}) {
    if (!item.instance->positions.contains(part)) continue;
    ReportAt(item, config::kExternal,
             fmt::format("\"{}\" has no meaning for an external dataset, which Andon only checks.",
                         part),
             part, diagnostics);
  }
}

bool IsOfFiles(const ProjectView& project, const Item& item) {
  if (!item.is_external()) return false;
  const Item* source = project.Find(item.attributes["external"]["source"].AsString());
  return source != nullptr && source->instance->type == "files";
}

void CheckExternal(const ProjectView& project, const Item& item, Diagnostics* diagnostics) {
  CheckExternalParts(item, diagnostics);
  const std::string& source = item.attributes["external"]["source"].AsString();
  if (source.empty() || source.starts_with("dbt.")) return;
  SourceRange range = item.Range("external");
  project.CheckExists(item, source, range, diagnostics);
}

// Only files of CSV can be loaded in this version.
void CheckFrom(const ProjectView& project, const Item& item, Diagnostics* diagnostics) {
  const std::string& source = item.attributes["from"]["source"].AsString();
  if (source.empty() || source.starts_with("dbt.")) return;
  if (!project.CheckExists(item, source, item.Range("from"), diagnostics)) return;
  const Item& from = *project.Find(source);
  if (!IsDatabase(from.instance->type)) {
    const std::string& path = from.attributes["path"].AsString();
    if (path.empty() || sql::FileFormat(path) == "csv" || path.ends_with(".gz")) return;
    return ReportAt(
        item, config::kNotYet,
        fmt::format("This version loads CSV files: the path of {} must end with .csv, .tsv, "
                    ".csv.gz or .tsv.gz. Other files can be checked where they are.",
                    source),
        "from", diagnostics,
        fmt::format("external = {}.table.{}, without load", source,
                    item.attributes["from"]["table"].AsString()));
  }
  ReportAt(item, config::kNotYet,
           fmt::format("The tables of {} are checked where they are; this version does not load "
                       "them into the lake.",
                       source),
           "from", diagnostics,
           fmt::format("external = {}.table.{}, without load", source,
                       item.attributes["from"]["table"].AsString()));
}

void CheckHowMade(const Item& item, Diagnostics* diagnostics) {
  bool from = item.attributes.Has("from"), sql = item.attributes.Has("sql");
  // A broken `from` or `sql` was reported already; it is written all the same.
  bool from_written = item.instance->positions.contains("from"),
       sql_written = item.instance->positions.contains("sql");
  if (from && sql) {
    return ReportAt(item, config::kHowMade, "A dataset has either \"from\" or \"sql\", not both.",
                    "sql", diagnostics);
  }
  if (!from_written && !sql_written) {
    return ReportAt(item, config::kHowMade, "The dataset does not say how it is made.", "",
                    diagnostics,
                    fmt::format("Add from = source.NAME.table.{} or sql = file(\"{}.sql\").",
                                item.name, item.name));
  }
}

void CheckHasLoad(const Item& item, Diagnostics* diagnostics) {
  if (item.instance->positions.contains("load")) return;
  Diagnostic d = config::Message(
      hcl::kMissingArgument,
      "The argument \"load\" is required: How a delivery or a new result meets what stands.",
      item.Range(""));
  d.address = item.address;
  d.help = "load = { mode = \"merge\", key = [\"payment_id\"] }";
  diagnostics->Add(std::move(d));
}

void CheckLoadNeeds(const Item& item, Diagnostics* diagnostics) {
  const Json& load = item.attributes["load"];
  if (!load.is_object()) return;
  const std::string& mode = load["mode"].AsString();
  auto wrong = [&](std::string detail, std::string_view part, std::string help = {}) {
    ReportAt(item, config::kLoad, std::move(detail), part, diagnostics, std::move(help));
  };
  bool is_merge = mode == "merge", is_interval = mode == "replace_interval";
  // What is written but wrong was reported already.
  auto is_written = [&](std::string_view part) { return item.instance->positions.contains(part); };
  if (mode.empty()) return;
  if (is_merge && load["key"].size() == 0 && !is_written("load.key.0") &&
      (load.Has("key") || !is_written("load.key"))) {
    wrong("The mode \"merge\" needs a key: rows with the same key are replaced.", "load",
          "load = { mode = \"merge\", key = [\"id\"] }");
  }
  if (is_interval && (!is_written("load.by") || !is_written("load.grain"))) {
    wrong("The mode \"replace_interval\" needs \"by\", a column of time, and \"grain\".", "load",
          "load = { mode = \"replace_interval\", by = \"day\", grain = \"day\" }");
  }
  if (!is_interval && load.Has("by"))
    wrong(fmt::format("\"by\" has no meaning with the mode \"{}\".", mode), "load.by");
  if (!is_interval && load.Has("grain"))
    wrong(fmt::format("\"grain\" has no meaning with the mode \"{}\".", mode), "load.grain");
  const std::string& on_duplicate = load["on_duplicate"].AsString();
  if (!on_duplicate.empty() && !on_duplicate.starts_with(kLatestBy)) {
    wrong(fmt::format("\"{}\" says nothing about duplicates: write \"latest by COLUMN\".",
                      on_duplicate),
          "load.on_duplicate");
  }
}

void CheckColumn(const Item& item, std::string_view column, std::string_view part,
                 Diagnostics* diagnostics) {
  if (column.empty() || item.has_broken_columns || item.attributes["columns"].size() == 0) return;
  if (!HasColumn(item, column))
    ReportUnknownColumn(item, item, column, item.Range(part), diagnostics);
}

void CheckLoadColumns(const Item& item, Diagnostics* diagnostics) {
  const Json& load = item.attributes["load"];
  CheckColumns(item, item, load["key"], "load.key", diagnostics);
  CheckColumn(item, load["cursor"].AsString(), "load.cursor", diagnostics);
  CheckColumn(item, load["by"].AsString(), "load.by", diagnostics);
  std::string_view on_duplicate = load["on_duplicate"].AsString();
  if (on_duplicate.starts_with(kLatestBy)) {
    CheckColumn(item, Trim(on_duplicate.substr(kLatestBy.size())), "load.on_duplicate",
                diagnostics);
  }
  const Json& by = item.attributes["columns"][load["by"].AsString()];
  if (!by.is_object()) return;
  std::string type = by["type"].AsString();
  if (type != "date" && type != "timestamp" && type != "timestamptz") {
    return ReportAt(item, config::kLoad,
                    fmt::format("\"by\" must be a date or a timestamp, but {} is a {}.",
                                load["by"].AsString(), type),
                    "load.by", diagnostics);
  }
  if (type == "timestamp" && !by.Has("timezone")) {
    ReportAt(
        item, config::kLoad,
        fmt::format(
            "Intervals depend on the time zone of {}, which a timestamp without one does not say.",
            load["by"].AsString()),
        "load.by", diagnostics,
        fmt::format("{} = {{ type = \"timestamp\", timezone = \"UTC\" }}", load["by"].AsString()));
  }
}

// year, month, day and hour are of times.
void CheckTransform(const Item& item, std::string_view entry, const std::string& column,
                    const std::string& part, Diagnostics* diagnostics) {
  std::string_view name = Trim(entry.substr(0, entry.find('(')));
  bool is_of_time = name == "year" || name == "month" || name == "day" || name == "hour";
  const std::string& type = item.attributes["columns"][column]["type"].AsString();
  if (!is_of_time || entry.find('(') == std::string_view::npos || type.empty()) return;
  bool fits = type.starts_with("timestamp") || (type == "date" && name != "hour");
  if (fits) return;
  ReportAt(item, config::kInvalidText,
           fmt::format("\"{}\" needs a {}, but {} is a {}.", name,
                       name == "hour" ? "timestamp" : "date or a timestamp", column, type),
           part, diagnostics);
}

void CheckPartitions(const Item& item, Diagnostics* diagnostics) {
  const Json::Array& entries = item.attributes["partition_by"].items();
  for (size_t i = 0; i < entries.size(); ++i) {
    std::string part = fmt::format("partition_by.{}", i);
    auto parsed = iceberg::ParsePartitionBy(entries[i].AsString());
    if (!parsed.ok()) {
      ReportAt(item, config::kInvalidText, parsed.error().message, part, diagnostics);
    } else {
      CheckColumn(item, parsed->column, part, diagnostics);
      CheckTransform(item, entries[i].AsString(), parsed->column, part, diagnostics);
    }
  }
}

// "monthly": the definition's words, its columns and their types.
void CheckBatches(const ProjectView& project, const Item& item, Diagnostics* diagnostics) {
  const bool has_columns = item.attributes["columns"].size() > 0 && !item.has_broken_columns;
  for (const auto& [name, by] : item.attributes["batches"].members()) {
    std::string part =
        item.instance->positions.contains("batches." + name) ? "batches." + name : "batches";
    auto definition = quality::ParseBatches(by.AsString());
    if (!definition.ok()) {
      ReportAt(item, config::kInvalidText, definition.error().message, part, diagnostics);
      continue;
    }
    if (!definition->file_regex.empty()) {
      if (!IsOfFiles(project, item))
        ReportAt(item, config::kExternal,
                 "file(…) names files, and the dataset is not read from files where they are.",
                 part, diagnostics, fmt::format("{} = \"month(COLUMN)\"", name));
      continue;
    }
    std::vector<sql::TableColumn> columns;
    bool is_sound = true;
    for (const quality::BatchPart& column : definition->parts) {
      CheckColumn(item, column.column, part, diagnostics);
      is_sound = is_sound && item.attributes["columns"].Has(column.column);
      columns.push_back(
          {column.column, item.attributes["columns"][column.column]["type"].AsString(), ""});
    }
    if (!has_columns || !is_sound) continue;
    std::string mistake = quality::BatchesMistake(*definition, columns, sql::Dialect::kDuckDb);
    if (!mistake.empty())
      ReportAt(item, config::kInvalidText, std::move(mistake), part, diagnostics);
  }
}

void CheckFreshness(const Item& item, Diagnostics* diagnostics) {
  CheckColumn(item, item.attributes["freshness"]["of"].AsString(), "freshness.of", diagnostics);
  const std::string& during = item.attributes["freshness"]["during"].AsString();
  if (during.empty()) return;
  auto hours = alarm::Hours::Parse(during);
  if (hours.ok()) return;
  ReportAt(item, config::kInvalidText, hours.error().message, "freshness.during", diagnostics);
}

void CheckReferences(const ProjectView& project, const Item& item, Diagnostics* diagnostics) {
  for (const auto& [name, column] : item.attributes["columns"].members()) {
    std::string part = "columns." + name;
    CheckTimezone(item, column["timezone"].AsString(), part + ".timezone", diagnostics);
    const Json& to = column["references"];
    if (!to.is_object()) continue;
    SourceRange range = item.Range(part + ".references");
    if (!project.CheckExists(item, to["dataset"].AsString(), range, diagnostics)) continue;
    const Item& dataset = *project.Find(to["dataset"].AsString());
    if (PlaceOf(project, dataset) != PlaceOf(project, item)) {
      ReportAt(item, config::kExternal,
               fmt::format("{} lies in another place than {}: a value is looked up in its own "
                           "place alone.",
                           dataset.address, item.address),
               part + ".references", diagnostics);
      continue;
    }
    if (dataset.attributes["columns"].size() == 0 || dataset.has_broken_columns) continue;
    if (!HasColumn(dataset, to["column"].AsString())) {
      ReportUnknownColumn(item, dataset, to["column"].AsString(), range, diagnostics);
    }
  }
}

void Check(const ProjectView& project, const Item& item, Diagnostics* diagnostics) {
  if (item.is_external()) {
    CheckExternal(project, item, diagnostics);
  } else {
    CheckHowMade(item, diagnostics);
    CheckHasLoad(item, diagnostics);
  }
  CheckLoadNeeds(item, diagnostics);
  CheckLoadColumns(item, diagnostics);
  CheckPartitions(item, diagnostics);
  CheckBatches(project, item, diagnostics);
  CheckFreshness(item, diagnostics);
  CheckReferences(project, item, diagnostics);
  CheckSchedule(item, diagnostics);
  CheckFrom(project, item, diagnostics);
}

config::BlockSchema Schema() {
  config::AttributeSchema load = {
      .name = "load",
      .form = Form::kObject,
      .doc =
          "How a delivery or a new result meets what stands. Required, but for what is external.",
      .example = "{ mode = \"merge\", key = [\"payment_id\"] }",
      .nested = {
          {.name = "mode",
           .form = Form::kString,
           .required = true,
           .doc = "append adds; merge replaces rows of equal key; replace_interval replaces what "
                  "lies in its "
                  "intervals; replace replaces all.",
           .allowed = {"append", "merge", "replace", "replace_interval"}},
          {.name = "key",
           .form = Form::kStrings,
           .doc = "The columns that tell rows apart.",
           .example = "[\"payment_id\"]"},
          {.name = "cursor",
           .form = Form::kString,
           .doc = "The column that says how far a source was read."},
          {.name = "lookback",
           .form = Form::kDuration,
           .doc = "How far before the cursor to read again."},
          {.name = "by", .form = Form::kString, .doc = "Of replace_interval: the column of time."},
          {.name = "grain",
           .form = Form::kString,
           .doc = "Of replace_interval: how long one interval is.",
           .allowed = {"hour", "day", "week", "month", "year"}},
          {.name = "on_duplicate",
           .form = Form::kText,
           .doc = "Two rows of one key in one delivery: \"latest by COLUMN\" keeps one. Without it "
                  "both are kept and `unique` fails."}}};
  config::AttributeSchema columns = {
      .name = "columns",
      .form = Form::kColumns,
      .doc =
          "Name and type of each column, in their order; a plain text is the type. A model's are "
          "completed from its SQL.",
      .example =
          "{ payment_id = { type = \"long\", required = true, unique = true }, amount = "
          "\"decimal(5,2)\" }",
      .nested =
          {{.name = "type",
            .form = Form::kTypeName,
            .doc = "boolean, int, long, float, double, decimal(p,s), date, time, timestamp, "
                   "timestamptz, string, uuid or binary."},
           {.name = "required",
            .form = Form::kBool,
            .fallback = "false",
            .doc = "No value may be missing: a check."},
           {.name = "unique",
            .form = Form::kBool,
            .fallback = "false",
            .doc = "No value may occur twice: a check."},
           {.name = "references",
            .form = Form::kColumn,
            .doc = "Every value must exist there: a check, and a wish for order.",
            .example = "dataset.customer.column.customer_id"},
           {.name = "severity",
            .form = Form::kString,
            .fallback = "\"critical\"",
            .doc = "What rows do that break required, unique or references: critical stops the "
                   "line, quarantine takes them aside and publishes the rest.",
            .allowed = {"critical", "quarantine"}},
           {.name = "quarantine_max",
            .form = Form::kNumber,
            .fallback = "0.05",
            .doc = "The share of a delivery's rows that each of these rules may take aside."},
           {.name = "unit", .form = Form::kString, .doc = "What is counted.", .example = "\"USD\""},
           {.name = "doc", .form = Form::kString, .doc = "What a reader must know."},
           {.name = "pii",
            .form = Form::kBool,
            .doc =
                "Data of people: masked in samples, messages and pages. A model's column is what "
                "it is computed from, where this does not say otherwise."},
           {.name = "timezone",
            .form = Form::kTimezone,
            .doc = "Of a timestamp without one.",
            .example = "\"UTC\""}},
      .shorthand = "type"};
  config::AttributeSchema freshness = {
      .name = "freshness",
      .form = Form::kObject,
      .doc = "How old the data may be: since the last arrival, or by a column of time.",
      .example = "\"1h\"",
      .nested = {{.name = "max",
                  .form = Form::kDuration,
                  .required = true,
                  .doc = "The age that is allowed.",
                  .example = "\"1h\""},
                 {.name = "of",
                  .form = Form::kString,
                  .doc = "A column of time; without it the last arrival counts."},
                 {.name = "during",
                  .form = Form::kText,
                  .doc = "Hours of the week in which it counts.",
                  .example = "\"Mon-Fri 08:00-20:00\""}},
      .shorthand = "max"};
  return {
      .kind = "dataset",
      .doc =
          "A table of the lake: how it is made, what it promises, how it is tested, who owns it, "
          "when it is late. "
          "(Not BigQuery's dataset, which is a schema.)",
      .attributes =
          {
              {.name = "description",
               .form = Form::kString,
               .doc = "What one row is.",
               .example = "\"One row for each payment made for a rental.\""},
              {.name = "owner",
               .form = Form::kReference,
               .doc = "Who answers for it.",
               .example = "team.payments",
               .kinds = {"team", "person"}},
              {.name = "tags",
               .form = Form::kStrings,
               .doc = "Words to select it by.",
               .example = "[\"tier:1\", \"finance\"]"},
              {.name = "from",
               .form = Form::kTable,
               .doc = "The table of a source that it is loaded from.",
               .example = "source.deliveries.table.payment"},
              {.name = "sql",
               .form = Form::kSql,
               .doc = "One SELECT over other datasets, by their bare names; $start and $end are "
                      "the interval.",
               .example = "file(\"revenue_daily.sql\")"},
              {.name = "external",
               .form = Form::kTable,
               .doc =
                   "A table of somebody else, in a database, of a dbt project or in files: never "
                   "written, but checked where it is, put under contract and into lineage.",
               .example = "source.rental.table.payment"},
              load,
              columns,
              {.name = "checks",
               .form = Form::kChecks,
               .doc =
                   "What must hold before anyone reads it; the key is the check's name over time.",
               .example = "{ in_range = expect_column_values_to_be_between(\"amount\", { min_value "
                          "= 0 }) }"},
              freshness,
              {.name = "partition_by",
               .form = Form::kStrings,
               .doc = "How files are split: columns, or year, month, day, hour, "
                      "bucket, truncate of them.",
               .example = "[\"month(payment_date)\"]"},
              {.name = "batches",
               .form = Form::kStringMap,
               .doc = "How its rows fall into batches that are checked each for itself: year, "
                      "month, day or value of columns. \"andon check -all-batches\" and "
                      "checkpoints name them.",
               .example = "{ monthly = \"month(payment_date)\", staff = \"value(staff_id)\" }"},
              {.name = "schedule",
               .form = Form::kSchedule,
               .doc = "When it is built: cron or a duration. Without: by hand or by a pipeline.",
               .example = "\"*/15 * * * *\""},
              {.name = "timezone",
               .form = Form::kTimezone,
               .fallback = "\"UTC\"",
               .doc = "Of the schedule and the intervals.",
               .example = "\"Europe/Berlin\""},
          },
      .example =
          "dataset \"payment\" {\n  owner = team.payments\n  from  = "
          "source.deliveries.table.payment\n  load  = { "
          "mode = \"merge\", key = [\"payment_id\"] }\n  columns = {\n    payment_id = { type = "
          "\"long\", required = "
          "true, unique = true }\n    amount     = \"decimal(5,2)\"\n    paid_on    = \"date\"\n  "
          "}\n  checks = {\n    "
          "in_range = "
          "expect_column_values_to_be_between(\"amount\", { min_value = 0 })\n  }\n  batches   = { "
          "monthly = \"month(paid_on)\" }\n  freshness = \"1h\"\n}\n",
      .aliases = {"model", "asset", "table", "data_asset", "view", "entity"}};
}

}  // namespace

const Block& DatasetBlock() {
  static const Block kBlock = {.schema = Schema(), .check = Check};
  return kBlock;
}

}  // namespace andon::builtin
