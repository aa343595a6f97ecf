#include "line/validation_table.h"

#include <cstdlib>

#include "base/text.h"
#include "io/path.h"
#include "lake/load.h"
#include "line/columns.h"
#include "sql/engine.h"
#include "store/lease.h"
#include "validation/record.h"

namespace andon::line {
namespace {

constexpr char kLastNumber[] = "andon.last-validation";
// In one commit; a first export of many is several.
constexpr int64_t kValidationsMax = 5000;

const std::vector<definition::Column>& Columns() {
  static const std::vector<definition::Column> kColumns = {
      {.name = "validation", .type = "long"},
      {.name = "validation_id", .type = "string"},
      {.name = "time", .type = "timestamptz"},
      {.name = "dataset", .type = "string"},
      {.name = "suite", .type = "string"},
      {.name = "batch", .type = "string"},
      {.name = "branch", .type = "string"},
      {.name = "version", .type = "long"},
      {.name = "snapshot_id", .type = "long"},
      {.name = "run_id", .type = "string"},
      {.name = "release_id", .type = "long"},
      {.name = "check", .type = "string"},
      {.name = "expectation", .type = "string"},
      {.name = "severity", .type = "string"},
      {.name = "scope", .type = "string"},
      {.name = "state", .type = "string"},
      {.name = "observed", .type = "double"},
      {.name = "element_count", .type = "long"},
      {.name = "missing_count", .type = "long"},
      {.name = "unexpected_count", .type = "long"},
      {.name = "unexpected_percent", .type = "double"},
      {.name = "message", .type = "string"},
      {.name = "duration_us", .type = "long"},
  };
  return kColumns;
}

Json Optional(const std::optional<int64_t>& number) { return number ? Json(*number) : Json(); }
Json OrNull(const std::string& text) { return text.empty() ? Json() : Json(text); }
Json OrNull(int64_t number) { return number > 0 ? Json(number) : Json(); }

Json RowOf(const validation::Validation& v, const validation::CheckedCheck& c) {
  const quality::CheckResult& r = c.result;
  return Json::Object(
      {{"validation", v.number},
       {"validation_id", v.id},
       {"time", ToRfc3339(v.started)},
       {"dataset", v.dataset},
       {"suite", OrNull(v.suite)},
       {"batch", OrNull(v.batch)},
       {"branch", OrNull(v.branch)},
       {"version", OrNull(v.version)},
       {"snapshot_id", v.snapshot_id ? Json(v.snapshot_id) : Json()},
       {"run_id", OrNull(v.run_id)},
       {"release_id", OrNull(v.release_id)},
       {"check", c.check.name},
       {"expectation", c.check.type},
       {"severity", quality::ToString(c.check.severity)},
       {"scope", c.scope},
       {"state", validation::ToString(r.state)},
       {"observed", r.observed_value.is_number() ? Json(r.observed_value.AsDouble()) : Json()},
       {"element_count", Optional(r.element_count)},
       {"missing_count", Optional(r.missing_count)},
       {"unexpected_count", Optional(r.unexpected_count)},
       {"unexpected_percent", r.unexpected_percent ? Json(*r.unexpected_percent) : Json()},
       {"message", OrNull(r.message)},
       {"duration_us", static_cast<int64_t>(r.duration.count())}});
}

struct Rows {
  std::string json_lines;
  int64_t validations = 0;
  int64_t rows = 0;
  int64_t last = 0;
};

Result<Rows> ReadRows(store::Transaction& tx, int64_t after) {
  Rows out;
  auto numbers =
      TRY(tx.Query("SELECT validation_id FROM validations WHERE validation_id > ? ORDER BY "
                   "validation_id LIMIT ?",
                   {after, kValidationsMax}));
  for (const store::Row& row : numbers) {
    const validation::Validation v = TRY(validation::Find(tx, row.Integer("validation_id")));
    for (const validation::CheckedCheck& checked : v.results) {
      out.json_lines += RowOf(v, checked).Dump() + "\n";
      ++out.rows;
    }
    ++out.validations;
    out.last = v.number;
  }
  return out;
}

// How far the table goes, as its newest snapshot says.
int64_t LastOf(const iceberg::Table& table) {
  const iceberg::Snapshot* head = table.metadata.FindRef("main");
  if (!head) return 0;
  auto last = head->summary.find(kLastNumber);
  return last == head->summary.end() ? 0 : std::atoll(last->second.c_str());
}

Result<std::string> QueryOver(const std::string& file) {
  std::string types, names;
  for (const definition::Column& column : Columns()) {
    auto type = TRY(iceberg::ParseType(column.type));
    std::string sql_type = TRY(lake::DuckDbType(type));
    types += fmt::format("{}{}: {}", types.empty() ? "" : ", ", sql::QuoteLiteral(column.name),
                         sql::QuoteLiteral(sql_type));
    names += (names.empty() ? "" : ", ") + sql::QuoteIdentifier(column.name);
  }
  return fmt::format("SELECT {} FROM read_json({}, format = 'newline_delimited', columns = {{{}}})",
                     names, sql::QuoteLiteral(file), types);
}

Result<int64_t> Add(const World& world, const lake::Lake& lake, sql::Connection& connection,
                    const std::string& folder, ExportReport* report) {
  auto table = TRY(lake::OpenTable(world.db, lake, kValidationTable));
  const Rows rows =
      TRY(world.db.Read([&](store::Transaction& tx) { return ReadRows(tx, LastOf(table)); }));
  report->metadata_location = table.metadata_location;
  if (rows.validations == 0) return int64_t{0};
  const std::string file = io::Join(folder, fmt::format("{}.jsonl", rows.last));
  TRY(world.files.WriteAtomically(file, rows.json_lines));
  lake::LoadRequest request{.mode = lake::LoadMode::kAppend,
                            .branch = "main",
                            .from_main = false,
                            .is_unchecked = true,
                            .summary = {{kLastNumber, std::to_string(rows.last)}}};
  request.query = TRY(QueryOver(file));
  auto loaded = TRY(lake::Load(world.db, connection, lake, kValidationTable, request));
  report->metadata_location = loaded.table.metadata_location;
  report->validations += rows.validations;
  report->rows += rows.rows;
  return rows.validations;
}

}  // namespace

Result<ExportReport> ExportValidations(const World& world) {
  if (world.lake.project == kSystemNamespace) {
    return Error::Invalid(
        "The project is named \"{}\", as the namespace of system tables is: give it another name",
        kSystemNamespace);
  }
  lake::Lake lake = world.lake;
  lake.project = kSystemNamespace;
  auto lease = TRY(store::Lease::Acquire(world.db, world.clock, "validation export",
                                         store::ThisProcess("andon validation export")));
  lake::TableDefinition table;
  table.columns = TRY(FieldsOf(Columns()));
  TRY(lake::OpenOrCreateTable(world.db, lake, kValidationTable, table));
  constexpr int64_t kMemory = int64_t{512} << 20;
  auto engine = TRY(sql::Engine::Open({.memory_limit_bytes = kMemory, .threads = 1}));
  auto connection = TRY(engine.Connect());
  const std::string folder =
      io::Join(world.project_dir, ".andon/tmp", "export-" + RandomUuid().substr(0, 8));
  ExportReport report;
  Result<int64_t> added = kValidationsMax;
  while (added.ok() && *added == kValidationsMax)
    added = Add(world, lake, connection, folder, &report);
  // A folder that cannot go is of no consequence.
  (void)world.files.RemoveAll(folder);
  if (!added.ok()) return std::move(added).error();
  return report;
}

}  // namespace andon::line
