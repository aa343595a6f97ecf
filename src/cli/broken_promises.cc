#include "cli/broken_promises.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "base/json_strings.h"
#include "base/text.h"
#include "cli/planned_projects.h"
#include "cli/planning.h"
#include "config/codes.h"
#include "lineage/lineage.h"
#include "release/release.h"

namespace andon::cli {
namespace {

// Who reads what a change takes away, by what the models' SQL and references say.
class Readers {
 public:
  explicit Readers(const definition::Project& before)
      : before_(before), graph_(lineage::Graph::Build(before)) {}

  std::vector<std::string> Of(const std::string& dataset, const contract::Change& change) const {
    std::vector<std::string> out;
    if (change.column.empty()) {
      for (const std::string& reader : graph_.Outputs(dataset)) Add(reader, &out);
      return out;
    }
    for (const lineage::ColumnEdge& edge : graph_.column_edges()) {
      if (edge.from_dataset == dataset && edge.from_column == change.column)
        Add(edge.to_dataset, &out);
    }
    for (const definition::Dataset& other : before_.datasets) {
      for (const definition::Column& column : other.columns) {
        if (column.references && column.references->dataset == dataset &&
            column.references->column == change.column)
          Add(other.address, &out);
      }
      // Of a model whose columns could not be told apart it is not known that it does not read it.
      bool reads =
          std::find(other.inputs.begin(), other.inputs.end(), dataset) != other.inputs.end();
      if (reads && other.lineage.empty() && !other.sql.empty()) Add(other.address, &out);
    }
    return out;
  }

  std::string PositionOf(const std::string& address) const {
    const definition::Dataset* dataset = before_.FindDataset(address);
    if (!dataset) return "";
    std::string at = definition::PositionOf(dataset->positions, "sql");
    return at.empty() ? definition::PositionOf(dataset->positions, "") : at;
  }

 private:
  static void Add(const std::string& reader, std::vector<std::string>* out) {
    if (reader.starts_with("dataset.") && std::find(out->begin(), out->end(), reader) == out->end())
      out->push_back(reader);
  }
  const definition::Project& before_;
  lineage::Graph graph_;
};

SourceRange RangeOf(const std::string& position) {
  SourceRange range;
  size_t colon = position.rfind(':');
  if (colon == std::string::npos) return range;
  range.filename = position.substr(0, colon);
  range.start.line = range.end.line = std::max(1, std::atoi(position.c_str() + colon + 1));
  return range;
}

void PrintChange(const Context& context, const Readers& readers, const std::string& dataset,
                 const contract::Change& change) {
  context.Line(fmt::format("  {} {}  {}", context.Paint("red", "-"),
                           context.Paint("bold", change.path), change.message));
  for (const std::string& reader : readers.Of(dataset, change)) {
    std::string at = readers.PositionOf(reader);
    context.Line(fmt::format("      {} reads it{}", reader,
                             at.empty() ? "" : context.Paint("dim", "  " + at)));
  }
  if (!change.compatible.empty())
    context.Line(fmt::format("      compatible: {}", change.compatible));
}

void PrintContract(const Context& context, const Readers& readers,
                   const contract::ContractChange& c) {
  const contract::Comparison& comparison = c.comparison;
  auto breaking = std::count_if(comparison.changes.begin(), comparison.changes.end(),
                                [](const auto& change) { return change.is_breaking; });
  std::string version =
      comparison.version_before == comparison.version_after
          ? comparison.version_before
          : fmt::format("{} -> {}", comparison.version_before, comparison.version_after);
  context.Line();
  context.Line(fmt::format("{} {} {}: {}{}", context.Paint("bold", c.address),
                           c.is_removed ? "(removed)" : version,
                           c.is_allowed ? "breaks, as agreed" : context.Paint("red", "BREAKING"),
                           Count(breaking, "change"),
                           c.position.empty() ? "" : context.Paint("dim", "  " + c.position)));
  for (const contract::Change& change : comparison.changes) {
    if (change.is_breaking) PrintChange(context, readers, c.dataset, change);
  }
  if (!c.consumers.empty()) {
    context.Line(fmt::format("  consumers: {}{}", Join(c.consumers, ", "),
                             c.waiting.empty() ? " (all agreed)"
                             : c.waiting.size() == c.consumers.size()
                                 ? " (none agreed)"
                                 : fmt::format(" ({} did not agree)", Join(c.waiting, ", "))));
  }
  if (!c.notice.empty()) {
    context.Line(fmt::format(
        "  notice: {}, {}", c.notice,
        c.notice_over ? fmt::format("over on {}", ToRfc3339(*c.notice_over).substr(0, 10))
                      : "not announced"));
  }
}

Json EventOf(const Readers& readers, const contract::ContractChange& c) {
  Json changes = Json::List();
  for (const contract::Change& change : c.comparison.changes) {
    Json json = contract::ToJson(change);
    json.Set("readers", Strings(readers.Of(c.dataset, change)));
    changes.Push(std::move(json));
  }
  Json event = Json::Object({{"type", "contract_break"},
                             {"contract", c.address},
                             {"dataset", c.dataset},
                             {"allowed", c.is_allowed},
                             {"consumers", Strings(c.consumers)},
                             {"waiting", Strings(c.waiting)},
                             {"notice", c.notice},
                             {"version_before", c.comparison.version_before},
                             {"version_after", c.comparison.version_after},
                             {"version_wanted", c.comparison.version_wanted},
                             {"why", c.why},
                             {"changes", std::move(changes)}});
  if (c.notice_over) event.Set("notice_over", ToRfc3339(*c.notice_over));
  return event;
}

void ReportRefusal(Context& context, const contract::ContractChange& c) {
  Diagnostic d = config::Message(config::kBreaking, c.why, RangeOf(c.position));
  d.address = c.address;
  d.help = c.help;
  Diagnostics one;
  one.Add(std::move(d));
  context.Report(one);
}

// The version of a contract that changed without breaking anything, and did not go up.
void WarnVersion(Context& context, const contract::ContractChange& c) {
  const contract::Comparison& comparison = c.comparison;
  if (c.is_removed || comparison.version_fits || comparison.version_wanted.empty()) return;
  Diagnostic d =
      config::Message(config::kContractVersion,
                      fmt::format("{} changed by {}, and its version stays {}.", c.address,
                                  Count(static_cast<int64_t>(comparison.changes.size()), "change"),
                                  comparison.version_after),
                      RangeOf(c.position));
  d.severity = Severity::kWarning;
  d.address = c.address;
  d.help = fmt::format("version = \"{}\"", comparison.version_wanted);
  Diagnostics one;
  one.Add(std::move(d));
  context.Report(one);
}

// What -fail-on=drop and -fail-on=pii ask for, beside contracts: a sentence for each.
std::vector<std::string> Losses(const PlannedProjects& projects, bool drops, bool pii) {
  std::vector<std::string> out;
  for (const definition::Dataset& was : projects.before.datasets) {
    const definition::Dataset* is = projects.after.FindDataset(was.address);
    if (!is) {
      if (drops) out.push_back(fmt::format("{} is removed.", was.address));
      continue;
    }
    for (const definition::Column& column : was.columns) {
      const definition::Column* now = is->FindColumn(column.name);
      if (!now && drops)
        out.push_back(fmt::format("The column {} of {} is removed.", column.name, was.address));
      if (now && pii && column.pii.value_or(false) && !now->pii.value_or(false))
        out.push_back(fmt::format("The column {} of {} is no longer marked as pii.", column.name,
                                  was.address));
    }
  }
  return out;
}

}  // namespace

std::vector<Flag> WithFailOn(std::vector<Flag> flags) {
  flags.push_back({"fail-on", FlagKind::kString, "WHAT",
                   "breaking (the default): exit code 5 where a contract's promise is broken; also "
                   "drop (a dataset or column is removed), pii (a column loses its mark), none; "
                   "several with commas."});
  return flags;
}

Result<ExitCode> CheckPromises(Context& context, const Arguments& arguments, store::Database* db,
                               const plan::Plan& plan) {
  std::set<std::string> fail_on;
  for (const std::string& word : Split(arguments.String("fail-on", "breaking"), ',')) {
    if (word != "breaking" && word != "drop" && word != "pii" && word != "none")
      return Error::Invalid("-fail-on takes breaking, drop, pii or none, not \"{}\".", word);
    fail_on.insert(word);
  }
  if (!db || plan.base_release == 0) return ExitCode::kDone;
  PlannedProjects projects = TRY(ReadPlannedProjects(*db, plan));
  Readers readers(projects.before);
  bool refuses = false;
  for (const contract::ContractChange& change :
       contract::Enforce(projects.before, projects.after, context.clock->Now())) {
    if (!change.comparison.is_breaking()) {
      WarnVersion(context, change);
      continue;
    }
    if (context.json)
      context.Event(EventOf(readers, change));
    else
      PrintContract(context, readers, change);
    if (change.is_allowed || !fail_on.contains("breaking")) continue;
    refuses = true;
    ReportRefusal(context, change);
  }
  for (const std::string& loss :
       Losses(projects, fail_on.contains("drop"), fail_on.contains("pii"))) {
    refuses = true;
    context.Fail(Error::Invalid("{}", loss));
  }
  return refuses ? ExitCode::kBreaking : ExitCode::kDone;
}

}  // namespace andon::cli
