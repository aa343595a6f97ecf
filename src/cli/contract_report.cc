#include <fmt/format.h>

#include <algorithm>

#include "base/json_strings.h"
#include "base/text.h"
#include "board/service_levels.h"
#include "cli/contract_source.h"
#include "cli/open_project.h"
#include "cli/planning.h"
#include "contract/declared.h"
#include "contract/needs.h"
#include "contract/objective.h"
#include "incident/incident.h"
#include "release/release.h"

namespace andon::cli {
namespace {

struct Entry {
  const definition::Contract* contract = nullptr;
  contract::Document document;
  contract::NeedsReport needs;
  std::vector<contract::Objective> objectives;
};

void PrintNeeds(const Context& context, const contract::NeedsReport& report) {
  for (const contract::ProvenNeed& p : report.needs) {
    std::string who = fmt::format("{}: {}", context.Paint("bold", p.need.who), p.need.decision);
    if (!p.need.by_when.empty()) who += fmt::format(", by {}", p.need.by_when);
    bool ok = p.is_proven();
    context.Line(
        fmt::format("    {} {}", context.Paint(ok ? "green" : "red", ok ? "✔" : "✖"), who));
    if (p.checks.empty() && p.checks_unknown.empty()) context.Line("        no check proves it");
    if (!p.checks.empty()) context.Line("        proved by " + Join(p.checks, ", "));
    if (!p.checks_unknown.empty())
      context.Line("        nobody has the check " + Join(p.checks_unknown, ", "));
    if (!p.need.latency.empty()) {
      context.Line(fmt::format("        latency {}: {}", p.need.latency,
                               p.is_latency_kept ? "kept by " + p.service_level : p.service_level));
    }
    context.Line(p.is_confirmed
                     ? fmt::format("        confirmed by {}{}", p.need.confirmed_by,
                                   p.need.confirmed_at.empty() ? "" : " on " + p.need.confirmed_at)
                     : std::string("        not confirmed"));
  }
}

void Print(const Context& context, const Entry& entry, Duration window) {
  const contract::Document& d = entry.document;
  context.Line(fmt::format("{}  {}  {}", context.Paint("bold", entry.contract->address), d.version,
                           d.status));
  context.Line("  needs");
  if (entry.needs.needs.empty()) context.Line("    none is told: need = { who = …, decision = … }");
  PrintNeeds(context, entry.needs);
  context.Line(fmt::format("  service levels over the last {}", HumanDuration(window)));
  if (entry.objectives.empty()) context.Line("    none is promised: sla = { freshness = … }");
  TextTable table;
  for (const contract::Objective& o : entry.objectives) {
    std::string sign = !o.is_met ? "-" : *o.is_met ? "✔" : "✖";
    table.rows.push_back({sign, o.property, o.promised, o.measured.empty() ? o.why_not : o.measured,
                          contract::BudgetText(o)});
  }
  if (!table.rows.empty()) context.Print(Format(table, context, "    "));
  if (!entry.needs.checks_without_need.empty())
    context.Line("  checks without a need: " + Join(entry.needs.checks_without_need, ", "));
}

Json EventOf(const Entry& entry) {
  Json objectives = Json::List();
  for (const contract::Objective& o : entry.objectives) objectives.Push(contract::ToJson(o));
  Json needs = contract::ToJson(entry.needs);
  return Json::Object({{"type", "contract_report"},
                       {"contract", entry.contract->address},
                       {"dataset", entry.contract->dataset},
                       {"version", entry.document.version},
                       {"needs", needs["needs"]},
                       {"checks_without_need", needs["checks_without_need"]},
                       {"service_levels", std::move(objectives)}});
}

class Report {
 public:
  Report(Context& context, const Arguments& arguments) : context_(context), arguments_(arguments) {}

  Result<ExitCode> Run() {
    auto db = TRY(OpenDatabaseIfAny(context_));
    definition::Project project = TRY(DeclaredProject(context_, arguments_));
    window_ = arguments_.Time("window", board::kServiceWindow);
    if (window_ <= Duration(0)) return Error::Invalid("-window takes a duration above zero.");
    std::vector<const definition::Contract*> contracts = TRY(Chosen(project));
    if (contracts.empty() && !context_.json) context_.Line("No contract is declared.");
    bool first = true, all_well = true;
    for (const definition::Contract* contract : contracts) {
      Entry entry = TRY(One(db.get(), project, *contract));
      for (const auto& need : entry.needs.needs) all_well &= need.is_proven();
      for (const auto& o : entry.objectives) all_well &= o.is_met.value_or(true);
      if (context_.json) {
        context_.Event(EventOf(entry));
        continue;
      }
      if (!first) context_.Line();
      first = false;
      Print(context_, entry, window_);
    }
    return all_well || !arguments_.Bool("strict") ? ExitCode::kDone : ExitCode::kChecksFailed;
  }

 private:
  Result<std::vector<const definition::Contract*>> Chosen(const definition::Project& project) {
    std::vector<const definition::Contract*> chosen;
    for (const std::string& word : arguments_.positional) {
      const definition::Contract* contract = TRY(FindContract(project, word));
      chosen.push_back(contract);
    }
    if (!arguments_.positional.empty()) return chosen;
    for (const definition::Contract& contract : project.contracts) {
      if (contract.status != "retired") chosen.push_back(&contract);
    }
    return chosen;
  }

  Result<Entry> One(store::Database* db, const definition::Project& project,
                    const definition::Contract& contract) {
    Entry entry{.contract = &contract, .document = contract::DocumentOf(project, contract)};
    const definition::Dataset* dataset = project.FindDataset(contract.dataset);
    if (dataset)
      entry.needs = contract::ReportNeeds(entry.document, contract::ChecksOfDataset(*dataset));
    Timestamp now = context_.clock->Now();
    if (db && dataset) {
      entry.objectives = TRY(db->Read([&](store::Transaction& tx) {
        return board::MeasureContract(tx, project, contract, now, window_);
      }));
    } else {
      entry.objectives = contract::Measure(entry.document.sla, {.window = {now - window_, now}});
    }
    return entry;
  }

  Context& context_;
  const Arguments& arguments_;
  Duration window_{0};
};

ExitCode Run(Context& context, const Arguments& arguments) {
  auto code = Report(context, arguments).Run();
  return code.ok() ? *code : context.Fail(code.error());
}

}  // namespace

extern const Command kContractReport = {
    .name = "contract report",
    .group = Group::kTest,
    .summary = "What proves each need, and whether service levels are kept",
    .usage = "[NAME]...",
    .description =
        "For each contract: whom it serves and what for, with the checks and the service level "
        "that prove it; needs that nothing proves; checks that nobody needs. Then the service "
        "levels as objectives, measured from publishes and incidents, with what is left of their "
        "error budget: availability is the share of time without an incident, time_to_detect, "
        "time_to_notify and time_to_resolve are those of the incidents. With -strict exit code 3 "
        "where a need is not proved or a service level is missed.",
    .positional_min = 0,
    .positional_max = -1,
    .flags = WithVariableFlags({
        {"window", FlagKind::kDuration, "DURATION", "How far back to measure; 30d."},
        {"strict", FlagKind::kBool, "", "Exit code 3 where something is not proved or missed."},
    }),
    .examples = {{"andon contract report", "All contracts."},
                 {"andon contract report payment -window=7d", "One of them, the last week."}},
    .run = Run,
};

}  // namespace andon::cli
