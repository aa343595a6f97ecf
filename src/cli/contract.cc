#include "contract/contract.h"

#include <fmt/format.h>

#include "base/text.h"
#include "board/board.h"
#include "cli/command.h"
#include "cli/open_project.h"

namespace andon::cli {
namespace {

Json ContractJson(const definition::Contract& c) {
  Json promised = Json::List(), consumers = Json::List();
  for (const auto& column : c.promised) promised.Push(column);
  for (const auto& consumer : c.consumers) consumers.Push(consumer);
  return Json::Object({{"type", "contract"},
                       {"address", c.address},
                       {"dataset", c.dataset},
                       {"version", c.version},
                       {"status", c.status},
                       {"purpose", c.purpose},
                       {"promised", std::move(promised)},
                       {"consumers", std::move(consumers)},
                       {"sla", c.sla},
                       {"notice", c.notice}});
}

const definition::Contract* Find(const definition::Project& project, const std::string& word) {
  for (const auto& contract : project.contracts) {
    if (contract.address == word || contract.name == word) return &contract;
  }
  return nullptr;
}

ExitCode RunList(Context& context, const Arguments&) {
  auto opened = OpenProject(context);
  if (!opened.ok()) return context.Fail(opened.error());
  TextTable table{.header = {"contract", "dataset", "version", "status", "promised", "consumers"}};
  for (const auto& c : opened->project.contracts) {
    context.Event(ContractJson(c));
    table.rows.push_back({c.name, c.dataset, c.version, c.status,
                          Count(static_cast<int64_t>(c.promised.size()), "column"),
                          Join(c.consumers, ", ")});
  }
  if (context.json) return ExitCode::kDone;
  if (table.rows.empty())
    context.Line("No contract is declared.");
  else
    context.Print(Format(table, context));
  return ExitCode::kDone;
}

void PrintContract(const Context& context, const definition::Project& project,
                   const definition::Contract& c, const board::DatasetRow& row) {
  context.Line(fmt::format("{}  {}  {}", context.Paint("bold", c.address), c.version, c.status));
  if (!c.purpose.empty()) context.Line(c.purpose);
  context.Line();
  context.Line(fmt::format("  dataset    {}  {} {}{}", c.dataset, board::SignOf(row.light),
                           board::ToString(row.light), row.why.empty() ? "" : "  " + row.why));
  context.Line(fmt::format("  consumers  {}", c.consumers.empty() ? "–" : Join(c.consumers, ", ")));
  for (const auto& [name, value] : c.sla.members()) {
    context.Line(fmt::format("  sla        {}: {}", name,
                             value.is_string() ? value.AsString() : value.Dump()));
  }
  if (!c.notice.empty()) context.Line(fmt::format("  notice     {}", c.notice));
  const definition::Dataset* dataset = project.FindDataset(c.dataset);
  if (!dataset) return;
  context.Line();
  TextTable table{.header = {"promised", "type", "rules", "what it is"}};
  for (const auto& name : c.promised) {
    const definition::Column* column = dataset->FindColumn(name);
    if (!column) continue;
    std::string rules = column->required ? "required" : "";
    if (column->unique) rules += rules.empty() ? "unique" : ", unique";
    table.rows.push_back({name, column->type, rules, column->doc});
  }
  context.Print(Format(table, context, "  "));
}

// What plan warned of when the release was made, and still holds.
void NoteFreshness(Context& context, const definition::Project& project,
                   const definition::Contract& c) {
  const definition::Dataset* dataset = project.FindDataset(c.dataset);
  if (!dataset || c.status == "retired") return;
  auto problem =
      contract::CheckFreshness({.promised = c.sla["freshness"].AsString(),
                                .dataset = dataset->address,
                                .own = dataset->freshness ? dataset->freshness->max : ""});
  if (problem) context.Note(fmt::format("warning: {} {}", problem->sentence, problem->help));
}

ExitCode RunShow(Context& context, const Arguments& arguments) {
  auto opened = OpenProject(context);
  if (!opened.ok()) return context.Fail(opened.error());
  const definition::Contract* contract = Find(opened->project, arguments.positional[0]);
  if (!contract) {
    std::vector<std::string> names;
    for (const auto& c : opened->project.contracts) names.push_back(c.name);
    std::string meant = DidYouMean(arguments.positional[0], names);
    return context.Fail(
        Error::NotFound("There is no contract \"{}\"{}", arguments.positional[0],
                        meant.empty() ? "" : fmt::format("; did you mean \"{}\"?", meant)));
  }
  if (context.json) {
    context.Event(ContractJson(*contract));
    return ExitCode::kDone;
  }
  lineage::Graph graph = lineage::Graph::Build(opened->project);
  auto detail = opened->db->Read([&](store::Transaction& tx) {
    return board::ReadDataset(tx, opened->project, graph, contract->dataset, context.clock->Now());
  });
  if (!detail.ok()) return context.Fail(detail.error());
  PrintContract(context, opened->project, *contract, detail->row);
  NoteFreshness(context, opened->project, *contract);
  return ExitCode::kDone;
}

}  // namespace

extern const Command kContractList = {
    .name = "contract list",
    .group = Group::kTest,
    .summary = "The contracts of the current release",
    .usage = "",
    .description =
        "A contract promises columns of a dataset to its consumers. What comes is compared with it "
        "before anything is loaded.",
    .examples = {{"andon contract list", "All of them."},
                 {"andon contract list -json", "For a program."}},
    .run = RunList,
};

extern const Command kContractShow = {
    .name = "contract show",
    .group = Group::kTest,
    .summary = "What a contract promises, to whom, and how its dataset is",
    .usage = "NAME",
    .description =
        "The promised columns with their types, the SLA, the consumers, and the dataset's light.",
    .positional_min = 1,
    .positional_max = 1,
    .examples = {{"andon contract show payment", "One contract."},
                 {"andon contract show payment -json", "For a program."}},
    .run = RunShow,
};

}  // namespace andon::cli
