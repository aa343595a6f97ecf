#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "builtin/block.h"
#include "builtin/contract_file.h"
#include "contract/contract.h"

namespace andon::builtin {
namespace {

using config::Form;

bool IsVersion(const std::string& text) {
  std::vector<std::string> parts = Split(text, '.');
  if (parts.empty() || parts.size() > 3) return false;
  return std::all_of(parts.begin(), parts.end(), [](const std::string& part) {
    return !part.empty() && part.size() < 10 &&
           std::all_of(part.begin(), part.end(), [](char c) { return c >= '0' && c <= '9'; });
  });
}

void CheckPromisedFreshness(const Item& contract, const Item& dataset, Diagnostics* diagnostics) {
  if (contract.attributes["status"].AsString() == "retired") return;
  const std::string& own = dataset.attributes["freshness"]["max"].AsString();
  // Written, but not a value: that was told.
  if (own.empty() && dataset.instance->positions.contains("freshness")) return;
  auto problem =
      contract::CheckFreshness({.promised = contract.attributes["sla"]["freshness"].AsString(),
                                .dataset = dataset.address,
                                .own = own});
  if (!problem) return;
  Diagnostic d = config::Message(config::kContract, std::move(problem->sentence),
                                 contract.Range("sla.freshness"));
  d.address = contract.address;
  d.help = std::move(problem->help);
  if (problem->is_error)
    d.labels.push_back({dataset.Range("freshness"), "the dataset's own freshness"});
  else
    d.severity = Severity::kWarning;
  diagnostics->Add(std::move(d));
}

// A text that begins with no kind of block is the name of somebody outside of the project.
void CheckConsumer(const ProjectView& project, const Item& item, const std::string& consumer,
                   const std::string& part, Diagnostics* diagnostics) {
  bool is_address = std::any_of(
      project.module().language->blocks().begin(), project.module().language->blocks().end(),
      [&](const config::BlockSchema* b) { return consumer.starts_with(b->kind + "."); });
  if (is_address) (void)project.CheckExists(item, consumer, item.Range(part), diagnostics);
}

void CheckConsumers(const ProjectView& project, const Item& item, Diagnostics* diagnostics) {
  for (const char* list : {"consumers", "agreed"}) {
    const Json::Array& consumers = item.attributes[list].items();
    for (size_t i = 0; i < consumers.size(); ++i)
      CheckConsumer(project, item, consumers[i].AsString(), fmt::format("{}.{}", list, i),
                    diagnostics);
  }
}

void CheckDay(const Item& item, const std::string& day, const std::string& part,
              Diagnostics* diagnostics) {
  if (day.empty() || ParseTimestamp(day).ok()) return;
  ReportAt(item, config::kInvalidText,
           fmt::format("\"{}\" is no day: write one like 2026-11-20.", day), part, diagnostics);
}

// What a need names must be there, or nothing would ever prove it.
void CheckNeeds(const ProjectView& project, const Item& item, const Item& dataset,
                Diagnostics* diagnostics) {
  std::vector<std::string> checks;
  for (const auto& [name, check] : dataset.attributes["checks"].members()) checks.push_back(name);
  for (const auto& [name, column] : dataset.attributes["columns"].members()) {
    for (const char* promise : {"required", "unique", "references"}) {
      if (column.Has(promise)) checks.push_back(fmt::format("{}.{}", name, promise));
    }
  }
  const Json::Array& needs = item.attributes["need"].items();
  for (size_t i = 0; i < needs.size(); ++i) {
    std::string part = fmt::format("need.{}", i);
    CheckConsumer(project, item, needs[i]["who"].AsString(), part + ".who", diagnostics);
    CheckDay(item, needs[i]["confirmed_at"].AsString(), part + ".confirmed_at", diagnostics);
    CheckColumns(item, dataset, needs[i]["columns"], part + ".columns", diagnostics);
    for (size_t k = 0; k < needs[i]["checks"].items().size(); ++k) {
      const std::string& check = needs[i]["checks"].items()[k].AsString();
      if (std::find(checks.begin(), checks.end(), check) != checks.end()) continue;
      Diagnostic d = config::Message(config::kNeed,
                                     fmt::format("{} has no check \"{}\".", dataset.address, check),
                                     item.Range(fmt::format("{}.checks.{}", part, k)));
      d.address = item.address;
      d.at_caret = config::Suggest(DidYouMean(check, checks));
      diagnostics->Add(std::move(d));
    }
  }
}

void Check(const ProjectView& project, const Item& item, Diagnostics* diagnostics) {
  const std::string& version = item.attributes["version"].AsString();
  if (!version.empty() && !IsVersion(version)) {
    ReportAt(item, config::kInvalidText,
             fmt::format("\"{}\" is no version: write one like 1.0.0.", version), "version",
             diagnostics);
  }
  if (!item.instance->positions.contains("version") && !item.instance->positions.contains("file")) {
    ReportAt(item, hcl::kMissingArgument, "A contract has a version, its own or that of its file.",
             "", diagnostics, "version = \"1.0.0\", or file = \"x.odcs.yaml\"");
  }
  CheckDay(item, item.attributes["announced"].AsString(), "announced", diagnostics);
  CheckConsumers(project, item, diagnostics);
  const std::string& address = item.attributes["dataset"].AsString();
  if (address.empty() || !project.CheckExists(item, address, item.Range("dataset"), diagnostics))
    return;
  const Item& dataset = *project.Find(address);
  if (dataset.has_broken_columns) return;
  if (item.attributes["promised"].size() > 0 && dataset.attributes["columns"].size() == 0) {
    ReportAt(
        item, config::kNoColumns,
        fmt::format("The contract promises columns of {}, which declares none.", dataset.address),
        "promised", diagnostics, fmt::format("Declare the columns of {}.", dataset.address));
  }
  CheckColumns(item, dataset, item.attributes["promised"], "promised", diagnostics);
  CheckPromisedFreshness(item, dataset, diagnostics);
  CheckNeeds(project, item, dataset, diagnostics);
}

config::AttributeSchema SlaSchema() {
  auto duration = [](const char* name, const char* doc) {
    return config::AttributeSchema{.name = name, .form = Form::kDuration, .doc = doc};
  };
  auto text = [](const char* name, const char* doc) {
    return config::AttributeSchema{.name = name, .form = Form::kString, .doc = doc};
  };
  return {.name = "sla",
          .form = Form::kObject,
          .doc = "What is promised beside the columns; measured by \"andon contract report\".",
          .example = "{ freshness = \"1h\", availability = \"99.9%\", time_to_resolve = \"4h\" }",
          .nested = {
              duration("freshness", "The data is never older; not tighter than the dataset's own."),
              duration("latency", "From what happened to where it can be read."),
              duration("frequency", "How often new data comes at the latest."),
              text("availability", "Share of the time in which good data can be read."),
              text("throughput", "How much can be read."),
              text("error_rate", "Share of wrong values at most."),
              duration("retention", "How long data is kept."),
              duration("time_to_detect", "Until an incident is noticed."),
              duration("time_to_notify", "Until people are told of it."),
              duration("time_to_resolve", "Until an incident is over (timeToRepair)."),
              text("time_of_availability", "When in the day the data is there."),
              text("general_availability", "From which day on it is there."),
              text("end_of_support", "Until which day it is looked after."),
              text("end_of_life", "Until which day it is there."),
          }};
}

config::AttributeSchema NeedSchema() {
  return {
      .name = "need",
      .form = Form::kObjects,
      .doc = "Whom the data serves, and for what; \"andon contract report\" says what proves it.",
      .example = "{ who = team.finance, decision = \"close the day\", latency = \"2h\" }",
      .nested = {
          {.name = "who",
           .form = Form::kConsumer,
           .required = true,
           .doc = "Who decides: an object of the project, or a name.",
           .example = "team.finance"},
          {.name = "decision",
           .form = Form::kString,
           .required = true,
           .doc = "What is decided by the data."},
          {.name = "by_when", .form = Form::kString, .doc = "When it must be decided."},
          {.name = "latency",
           .form = Form::kDuration,
           .doc = "Older data is of no use; a service level keeps it."},
          {.name = "confirmed_by", .form = Form::kConsumer, .doc = "Who said that this is so."},
          {.name = "confirmed_at",
           .form = Form::kString,
           .doc = "On which day.",
           .example = "\"2026-11-20\""},
          {.name = "columns",
           .form = Form::kStrings,
           .doc = "What is looked at; without it all that is promised."},
          {.name = "checks",
           .form = Form::kStrings,
           .doc = "Which checks prove it; without it those on its columns."}}};
}

}  // namespace

const Block& ContractBlock() {
  static const Block kBlock = {
      .schema = {.kind = "contract",
                 .doc =
                     "What a dataset promises to those who read it. Schema and checks are the "
                     "dataset's own, written once; the "
                     "contract only promises parts of them. What breaks a promise is not loaded.",
                 .attributes =
                     {
                         {.name = "dataset",
                          .form = Form::kReference,
                          .required = true,
                          .doc = "What the contract is about.",
                          .example = "dataset.payment",
                          .kinds = {"dataset"}},
                         {.name = "version",
                          .form = Form::kString,
                          .doc = "Counts as software does: a promise taken back is a new first "
                                 "number. Needed where there is no file.",
                          .example = "\"1.1.0\""},
                         {.name = "status",
                          .form = Form::kString,
                          .fallback = "\"active\"",
                          .doc = "Where it is in its life.",
                          .example = "\"active\"",
                          .allowed = {"proposed", "draft", "active", "deprecated", "retired"}},
                         {.name = "purpose",
                          .form = Form::kString,
                          .doc = "What the data is meant for.",
                          .example = "\"Revenue reporting and refunds\""},
                         {.name = "promised",
                          .form = Form::kStrings,
                          .doc = "The columns that consumers may rely on.",
                          .example = "[\"payment_id\", \"amount\"]"},
                         {.name = "consumers",
                          .form = Form::kConsumers,
                          .doc = "Who relies on it: objects of the project, or names of those "
                                 "outside of it.",
                          .example = "[dataset.revenue_daily, team.finance]"},
                         SlaSchema(),
                         NeedSchema(),
                         {.name = "notice",
                          .form = Form::kDuration,
                          .doc = "How long before a breaking change consumers are told.",
                          .example = "\"90d\""},
                         {.name = "announced",
                          .form = Form::kString,
                          .doc = "The day on which consumers were told of the breaking change that "
                                 "this version brings; the notice runs from it.",
                          .example = "\"2026-09-01\""},
                         {.name = "agreed",
                          .form = Form::kConsumers,
                          .doc = "Consumers that agreed to it: for them no notice must pass.",
                          .example = "[team.finance]"},
                         {.name = "file",
                          .form = Form::kString,
                          .doc = "A file of the Open Data Contract Standard that is the truth: it "
                                 "says version, status, promises and terms. A dataset takes its "
                                 "columns and checks: columns = contract.x.columns.",
                          .example = "\"payment.odcs.yaml\""},
                         {.name = "table",
                          .form = Form::kString,
                          .doc = "Which object of the file the dataset is, where it has several of "
                                 "other names."},
                         {.name = "odcs",
                          .form = Form::kAny,
                          .doc = "What the exported document has besides, in the standard's words: "
                                 "laid over what the block and the dataset say.",
                          .example = "{ domain = \"sales\", support = [{ channel = \"#data\" }] }"},
                         {.name = "columns",
                          .form = Form::kAny,
                          .doc = "The columns that the file declares.",
                          .is_computed = true,
                          .is_recorded = false},
                         {.name = "checks",
                          .form = Form::kAny,
                          .doc = "The checks that follow from the file's limits and rules.",
                          .is_computed = true,
                          .is_recorded = false},
                         {.name = "document",
                          .form = Form::kAny,
                          .doc = "The whole of the file.",
                          .is_computed = true},
                         {.name = "owner",
                          .form = Form::kReference,
                          .doc = "Who answers for it, where it is not the dataset's owner.",
                          .example = "team.payments",
                          .kinds = {"team", "person"}},
                         {.name = "description",
                          .form = Form::kString,
                          .doc = "What a reader must know."},
                     },
                 .example =
                     "contract \"payment\" {\n  dataset   = dataset.payment\n  version   = "
                     "\"1.1.0\"\n  promised  = "
                     "[\"payment_id\", \"amount\"]\n  consumers = [dataset.revenue_daily]\n  "
                     "sla       = { freshness = \"1h\" }\n}\n",
                 .aliases = {"data_contract", "slo", "sla"},
                 .complete = CompleteContract},
      .check = Check};
  return kBlock;
}

}  // namespace andon::builtin
