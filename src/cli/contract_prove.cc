#include <fmt/format.h>

#include "base/text.h"
#include "board/service_levels.h"
#include "cli/check_target.h"
#include "cli/contract_source.h"
#include "cli/failed_checks.h"
#include "cli/planning.h"
#include "cli/stop_on_signal.h"
#include "cli/world.h"
#include "contract/checks.h"
#include "contract/contract.h"
#include "contract/declared.h"
#include "line/check_now.h"
#include "line/external.h"
#include "line/files_in_place.h"
#include "sql/analyze.h"
#include "sql/engine.h"
#include "validation/mask.h"

namespace andon::cli {
namespace {

// Where the data of one table are.
struct Place {
  std::unique_ptr<sql::Session> own;
  std::unique_ptr<line::OpenedSource> source;  // Instead, of an external dataset.
  std::string relation;
  std::string name;
  bool has_types = true;                      // CSV and JSON have none of their own.
  std::map<std::string, std::string> tables;  // Others that references lead to.
  validation::PiiColumns pii;

  sql::Session& session() const { return source ? source->session() : *own; }
};

struct Tally {
  int promises = 0, broken = 0, warned = 0, open = 0;
};

class ContractTest {
 public:
  ContractTest(Context& context, const Arguments& arguments, ContractSource source)
      : context_(context), arguments_(arguments), source_(std::move(source)) {}

  Result<ExitCode> Run(std::stop_token stop) {
    stop_ = std::move(stop);
    std::vector<const contract::Table*> tables = TRY(Tables());
    for (const contract::Table* table : tables) TRY(Test(*table));
    TRY(TellServiceLevels());
    Summarize();
    return tally_.broken > 0 ? ExitCode::kChecksFailed : ExitCode::kDone;
  }

 private:
  Result<std::vector<const contract::Table*>> Tables() {
    std::string wanted = arguments_.String("only");
    std::vector<const contract::Table*> tables;
    std::vector<std::string> names;
    for (const contract::Table& table : source_.document.tables) {
      names.push_back(table.name);
      if (wanted.empty() || table.name == wanted || table.physical_name == wanted)
        tables.push_back(&table);
    }
    if (tables.empty()) {
      if (names.empty()) return Error::Invalid("{} promises no table.", source_.label);
      return Error::NotFound("{} has no table \"{}\"; it has {}", source_.label, wanted,
                             Join(names, ", "));
    }
    std::string data = arguments_.String("data");
    bool is_one_file = !data.empty() && data.find("{table}") == std::string::npos &&
                       IsFile(arguments_) && tables.size() > 1;
    if (is_one_file && !arguments_.Has("table")) {
      return Error::Invalid(
          "{} has {} tables ({}), and -data is one place: say which by -only=TABLE, or write "
          "{{table}} in -data.",
          source_.label, tables.size(), Join(names, ", "));
    }
    return tables;
  }

  // ------------------------------------------------------------- the data

  // A file of rows, not a database of tables.
  static bool IsFile(const Arguments& arguments) {
    std::string data = arguments.String("data");
    return data.find("://") == std::string::npos && !data.starts_with("sqlite:") &&
           !data.starts_with("duckdb:") && !data.starts_with("env:") &&
           !data.ends_with(".duckdb") && !data.ends_with(".sqlite") && !data.ends_with(".db");
  }

  Result<sql::Target> OpenData(const std::string& table) {
    std::string data = arguments_.String("data");
    if (size_t at = data.find("{table}"); at != std::string::npos) data.replace(at, 7, table);
    Arguments with_table = arguments_;
    if (!with_table.Has("table") && !IsFile(arguments_)) with_table.flags["table"] = {table};
    return OpenCheckTarget(data, with_table, stop_);
  }

  static std::string PhysicalName(const contract::Table& table) {
    return table.physical_name.empty() ? table.name : table.physical_name;
  }

  Result<Place> OpenPlace(const contract::Table& table) {
    if (arguments_.Has("data")) {
      sql::Target target = TRY(OpenData(PhysicalName(table)));
      Place place{.own = std::move(target.session),
                  .relation = std::move(target.relation),
                  .name = std::move(target.name),
                  .has_types = target.format != "csv" && target.format != "json"};
      // One file is one table: what it refers to is elsewhere.
      bool has_others =
          arguments_.String("data").find("{table}") != std::string::npos || !IsFile(arguments_);
      for (const std::string& other : Referenced(table)) {
        if (!has_others || arguments_.Has("table")) break;
        auto there = OpenData(other);
        if (there.ok()) place.tables[other] = there->relation;
      }
      return place;
    }
    return OpenLake(table);
  }

  // The other tables that the contract's checks read.
  std::vector<std::string> Referenced(const contract::Table& table) {
    std::vector<std::string> names;
    for (const auto& derived : contract::ChecksOf(table).checks) {
      for (std::string& name : TablesOf(table, derived.check)) names.push_back(std::move(name));
    }
    return names;
  }

  std::vector<std::string> TablesOf(const contract::Table& table, const definition::Check& check) {
    if (check.kwargs["other_table_name"].is_string())
      return {check.kwargs["other_table_name"].AsString()};
    std::string sql = check.type == "expect_sql" ? check.kwargs["sql"].AsString()
                                                 : check.kwargs["unexpected_rows_query"].AsString();
    if (sql.empty()) return {};
    for (size_t at = sql.find("{batch}"); at != std::string::npos; at = sql.find("{batch}", at))
      sql.replace(at, 7, "\"" + table.name + "\"");
    if (!analyzer_) {
      auto opened = sql::Analyzer::Open();
      if (!opened.ok()) return {};
      analyzer_.emplace(*std::move(opened));
    }
    std::vector<std::string> names = analyzer_->Parse(sql, "").TableNames();
    std::erase_if(names, [&](const std::string& name) {
      return AsciiLower(name) == AsciiLower(table.name) ||
             AsciiLower(name) == AsciiLower(PhysicalName(table));
    });
    return names;
  }

  // The dataset that the contract is about, or that has the table's name.
  const definition::Dataset* DatasetOf(const definition::Project& project,
                                       const contract::Table& table) const {
    if (const definition::Contract* contract = source_.declared()) {
      const definition::Contract* released = nullptr;
      for (const auto& candidate : project.contracts) {
        if (candidate.address == contract->address) released = &candidate;
      }
      return project.FindDataset((released ? released : contract)->dataset);
    }
    for (const std::string& name :
         {table.name, PhysicalName(table), contract::IdentifierOf(table.name)}) {
      if (const definition::Dataset* dataset = project.FindDataset(name)) return dataset;
    }
    return nullptr;
  }

  Result<Place> OpenLake(const contract::Table& table) {
    if (!world_) {
      auto world = OpenWorld(context_);
      if (!world.ok()) {
        if (world.error().kind != ErrorKind::kNotFound) return std::move(world).error();
        return Error::NotFound(
            "There is no lake here to test {} on.\nhelp: say where the data are: -data=FILE, "
            "-data=postgres://… -table=NAME",
            source_.label);
      }
      world_ = *std::move(world);
    }
    const definition::Project& project = world_->project();
    const definition::Dataset* dataset = DatasetOf(project, table);
    if (!dataset) {
      return Error::NotFound(
          "The project has no dataset \"{}\".\nhelp: say where the data are: -data=FILE, "
          "-data=postgres://… -table=NAME",
          table.name);
    }
    if (dataset->is_external()) return OpenExternal(table, *dataset);
    lake::Reference at = lake::MainReference{};
    if (arguments_.Has("at"))
      at = TRY(ReadReference(arguments_.String("at"), context_.clock->Now()));
    auto engine = TRY(sql::Engine::Open({}));
    auto connection = TRY(engine.Connect());
    Place place{.name = dataset->name};
    std::string sql = TRY(line::RelationAt(*world_->world, *dataset, at));
    place.relation = "(" + sql + ")";
    place.own = std::make_unique<sql::Connection>(std::move(connection));
    std::vector<std::string> others = Referenced(table);
    others.insert(others.end(), dataset->inputs.begin(), dataset->inputs.end());
    for (const std::string& other : others) {
      const definition::Dataset* there = project.FindDataset(other);
      if (!there || there == dataset || there->is_external()) continue;
      std::string other_sql = TRY(line::RelationAt(*world_->world, *there, lake::MainReference{}));
      place.tables[there->name] = "(" + other_sql + ")";
    }
    place.pii = validation::PiiColumnsOf(project, *dataset, {});
    return place;
  }

  // What somebody else builds, where it is; and what it refers to in the same place.
  Result<Place> OpenExternal(const contract::Table& table, const definition::Dataset& dataset) {
    const line::World& world = *world_->world;
    auto opened =
        TRY(line::OpenExternal(world, dataset, arguments_.Integer("memory-mb") << 20, stop_));
    Place place{.source = std::move(opened.source),
                .relation = std::move(opened.relation),
                .name = dataset.name,
                .has_types = opened.has_types,
                .pii = validation::PiiColumnsOf(world.project, dataset, {})};
    for (const std::string& name : Referenced(table)) {
      const definition::Dataset* there = world.project.FindDataset(name);
      if (!there || there->external_source != dataset.external_source) continue;
      if (line::IsOfFiles(world.project, *there)) {
        auto other = line::OpenExternal(world, *there, 0, stop_);
        if (other.ok()) place.tables[name] = other->relation;
      } else {
        auto other = place.source->Relation(there->external_table);
        if (other.ok()) place.tables[name] = *other;
      }
    }
    return place;
  }

  // ------------------------------------------------------------- the test

  Result<void> Test(const contract::Table& table) {
    Place place = TRY(OpenPlace(table));
    if (!context_.json) context_.Line(context_.Paint("bold", table.name));
    std::vector<sql::TableColumn> columns = TRY(place.session().Columns(place.relation));
    std::vector<contract::Break> breaks = CompareColumns(table, place, columns);
    TRY(RunChecks(table, place, columns, breaks));
    return {};
  }

  std::vector<contract::Break> CompareColumns(const contract::Table& table, const Place& place,
                                              const std::vector<sql::TableColumn>& columns) {
    definition::Dataset dataset{
        .address = table.name, .name = table.name, .columns = contract::ColumnsOf(table)};
    for (size_t i = 0; i < dataset.columns.size(); ++i)
      dataset.columns[i].type = table.properties[i].type;  // Empty: not compared.
    std::vector<contract::ActualColumn> actual;
    for (const sql::TableColumn& column : columns)
      actual.push_back({column.name, place.has_types ? column.type : ""});
    auto breaks = contract::CompareColumns(dataset, {}, actual);
    tally_.promises += static_cast<int>(dataset.columns.size());
    for (const contract::Break& b : breaks) {
      if (!b.is_breaking) continue;
      ++tally_.broken;
      TellBreak(table, b);
    }
    int kept = static_cast<int>(dataset.columns.size()) -
               static_cast<int>(std::count_if(breaks.begin(), breaks.end(),
                                              [](const auto& b) { return b.is_breaking; }));
    if (!context_.json && kept > 0)
      context_.Line(fmt::format(
          "  {} columns{}", context_.Paint("green", "✔"),
          context_.Paint("dim", fmt::format("  {} there{}", Count(kept, "column"),
                                            place.has_types ? " and of their types" : ""))));
    return breaks;
  }

  void TellBreak(const contract::Table& table, const contract::Break& b) {
    if (context_.json) {
      Json event = Json::Object({{"type", "contract_break"}, {"table", table.name}});
      const Json json = contract::ToJson(b);
      for (const auto& [name, value] : json.members()) event.Set(name, value);
      return context_.Event(event);
    }
    context_.Line(fmt::format("  {} {}: {}", context_.Paint("red", "✖"),
                              context_.Paint("bold", b.column + ".column"), b.sentence));
  }

  Result<void> RunChecks(const contract::Table& table, Place& place,
                         const std::vector<sql::TableColumn>& columns,
                         const std::vector<contract::Break>& breaks) {
    contract::DerivedChecks derived = contract::ChecksOf(table);
    std::vector<quality::CheckSpec> specs;
    for (const contract::DerivedCheck& d : derived.checks) {
      std::string other;
      for (const std::string& name : TablesOf(table, d.check)) {
        if (!place.tables.contains(name)) other = name;
      }
      // A column that is not there is one break, not one for each promise about it.
      bool is_gone = std::any_of(breaks.begin(), breaks.end(), [&](const contract::Break& b) {
        return b.column == d.column &&
               (b.kind == contract::BreakKind::kMissing || b.kind == contract::BreakKind::kRenamed);
      });
      if (is_gone) continue;
      if (!other.empty()) {
        derived.unproven.push_back(
            {d.check.name, d.path, fmt::format("it reads \"{}\", which is not here", other)});
        continue;
      }
      Json kwargs = d.check.kwargs;
      kwargs.Set("severity", d.check.severity);
      Diagnostics diagnostics;
      specs.push_back(quality::ReadCheck(
          d.check.name, d.check.type, std::move(kwargs),
          source_.file ? source_.file->PlaceOf(d.path) : SourceRange{}, &diagnostics));
      context_.Report(diagnostics);
    }
    std::vector<sql::ColumnInfo> infos;
    for (const sql::TableColumn& column : columns) infos.push_back({column.name, column.type});
    quality::RunOptions options{.table_name = table.name, .key_columns = table.Key()};
    options.tables = place.tables;
    options.sample_rows = static_cast<int>(arguments_.Integer("sample", 3));
    options.now = context_.clock->Now();
    options.query.stop = stop_;
    auto results = TRY(quality::RunChecks(place.session(), place.relation, infos, specs, options));
    std::vector<line::Verdict> verdicts;
    for (size_t i = 0; i < results.size(); ++i)
      verdicts.push_back({.check = specs[i], .result = std::move(results[i]), .scope = "dataset"});
    line::Mask(place.pii, &verdicts);
    for (const line::Verdict& verdict : verdicts) Tell(table, verdict, options.sample_rows);
    for (const contract::UnprovenRule& rule : derived.unproven) TellOpen(table, rule);
    return {};
  }

  void Tell(const contract::Table& table, const line::Verdict& verdict, int sample) {
    const quality::CheckResult& result = verdict.result;
    ++tally_.promises;
    bool is_critical = result.severity == quality::CheckSeverity::kCritical;
    if (!result.success()) ++(is_critical ? tally_.broken : tally_.warned);
    if (context_.json) {
      Json event = Json::Object({{"type", "check"}, {"table", table.name}});
      const Json json = quality::ToJson(result);
      for (const auto& [key, value] : json.members())
        event.Set(key == "type" ? "expectation" : key, value);
      return context_.Event(event);
    }
    if (!result.success())
      return PrintFailedChecks(context_, {line::ToFailedCheck(table.name, verdict)}, "  ", sample);
    std::string says = quality::Describe(verdict.check);
    context_.Line(fmt::format("  {} {}{}", context_.Paint("green", "✔"), result.name,
                              context_.Paint("dim", "  " + says.substr(0, says.find('\n')))));
  }

  void TellOpen(const contract::Table& table, const contract::UnprovenRule& rule) {
    ++tally_.open;
    if (context_.json)
      return context_.Event(Json::Object({{"type", "contract_unproven"},
                                          {"table", table.name},
                                          {"name", rule.name},
                                          {"why", rule.why}}));
    context_.Line(
        context_.Paint("dim", fmt::format("  - {}: not tested, {}", rule.name, rule.why)));
  }

  // They are of the past, which no test of today's data can mend: told, and judged by "contract
  // report -strict".
  Result<void> TellServiceLevels() {
    const definition::Contract* contract = source_.declared();
    if (contract == nullptr || !world_) return {};
    auto levels = TRY(world_->db().Read([&](store::Transaction& tx) {
      return board::MeasureContract(tx, world_->project(), *contract, context_.clock->Now());
    }));
    if (levels.empty()) return {};
    if (!context_.json) context_.Line("service levels over the last 30d");
    TextTable table;
    for (const contract::Objective& level : levels) {
      if (context_.json) {
        Json event = Json::Object({{"type", "service_level"}, {"contract", contract->address}});
        const Json json = contract::ToJson(level);
        for (const auto& [name, value] : json.members()) event.Set(name, value);
        context_.Event(event);
        continue;
      }
      table.rows.push_back({!level.is_met   ? "-"
                            : *level.is_met ? "✔"
                                            : "✖",
                            level.property, level.promised,
                            level.measured.empty() ? level.why_not : level.measured,
                            contract::BudgetText(level)});
    }
    if (!table.rows.empty()) context_.Print(Format(table, context_, "  "));
    return {};
  }

  void Summarize() {
    if (context_.json) {
      return context_.Event(Json::Object({{"type", "contract_test"},
                                          {"contract", source_.document.title()},
                                          {"promises", tally_.promises},
                                          {"broken", tally_.broken},
                                          {"warnings", tally_.warned},
                                          {"not_tested", tally_.open}}));
    }
    std::string line = fmt::format("\n{}: {} kept, {} broken", Count(tally_.promises, "promise"),
                                   tally_.promises - tally_.broken - tally_.warned, tally_.broken);
    if (tally_.warned > 0) line += fmt::format(", {}", Count(tally_.warned, "warning"));
    if (tally_.open > 0) line += fmt::format(", {} not tested", tally_.open);
    context_.Line(line + ".");
  }

  Context& context_;
  const Arguments& arguments_;
  ContractSource source_;
  std::stop_token stop_;
  std::unique_ptr<OpenedWorld> world_;
  std::optional<sql::Analyzer> analyzer_;  // Opened for the first rule that is SQL.
  Tally tally_;
};

ExitCode Run(Context& context, const Arguments& arguments) {
  StopOnSignal signals;
  auto source = ReadContractSource(context, arguments, arguments.positional[0]);
  if (!source.ok()) return context.Fail(source.error());
  if (source->file && source->file->diagnostics.has_errors()) return ExitCode::kError;
  auto code = ContractTest(context, arguments, *std::move(source)).Run(signals.token());
  if (signals.stop_requested()) {
    context.Fail(Error::Interrupted("Stopped; what was told is all that was tested."));
    return ExitCode::kInterrupted;
  }
  return code.ok() ? *code : context.Fail(code.error());
}

}  // namespace

extern const Command kContractTest = {
    .name = "contract test",
    .group = Group::kTest,
    .summary = "Whether data keep what a contract promises",
    .usage = "NAME|FILE|git:REF:FILE",
    .description =
        "Tests what a contract promises about data: that its columns are there and of their types, "
        "that values are required, unique, within their limits, and all its rules (the standard's "
        "metrics, SQL, Great Expectations). On the lake's dataset of that name, or on any data: a "
        "file, a database, an Iceberg table; {table} in -data stands for each table's name. Rules "
        "that nothing can prove are told. Exit code 3 where a promise is broken.",
    .positional_min = 1,
    .positional_max = 1,
    .flags = WithVariableFlags({
        {"data", FlagKind::kString, "DATA",
         "Instead of the lake: a file (Parquet, CSV, JSON lines), postgres://…, sqlite:FILE, the "
         "metadata file of an Iceberg table, or env:NAME for any of them."},
        {"table", FlagKind::kString, "NAME", "The table in -data; without it the contract's name."},
        {"schema", FlagKind::kString, "NAME", "Its schema."},
        {"only", FlagKind::kString, "TABLE", "Only this table of the contract."},
        {"at", FlagKind::kString, "REF", "In the lake: a version (@3), a branch, a tag, a time."},
        {"sample", FlagKind::kInteger, "ROWS", "Bad rows shown for each broken promise; 3."},
        {"memory-mb", FlagKind::kInteger, "MB", "Of memory for files; a quarter of the machine's."},
    }),
    .examples = {{"andon contract test payment", "The dataset in the lake."},
                 {"andon contract test payment.odcs.yaml -data=payment.parquet",
                  "A file against a contract, without a project."}},
    .run = Run,
};

}  // namespace andon::cli
