#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "builtin/block.h"
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

void CheckConsumers(const ProjectView& project, const Item& item, Diagnostics* diagnostics) {
  const Json::Array& consumers = item.attributes["consumers"].items();
  for (size_t i = 0; i < consumers.size(); ++i) {
    // A text without a dot is the name of somebody outside of the project.
    const std::string& consumer = consumers[i].AsString();
    bool is_address = std::any_of(
        project.module().language->blocks().begin(), project.module().language->blocks().end(),
        [&](const config::BlockSchema* b) { return consumer.starts_with(b->kind + "."); });
    if (is_address)
      (void)project.CheckExists(item, consumer, item.Range(fmt::format("consumers.{}", i)),
                                diagnostics);
  }
}

void Check(const ProjectView& project, const Item& item, Diagnostics* diagnostics) {
  const std::string& version = item.attributes["version"].AsString();
  if (!version.empty() && !IsVersion(version)) {
    ReportAt(item, config::kInvalidText,
             fmt::format("\"{}\" is no version: write one like 1.0.0.", version), "version",
             diagnostics);
  }
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
}

}  // namespace

const Block& ContractBlock() {
  static const Block kBlock =
      {
          .schema =
              {.kind = "contract",
               .doc = "What a dataset promises to those who read it. Schema and checks are the "
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
                        .required = true,
                        .doc =
                            "Counts as software does: a promise taken back is a new first number.",
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
                       {.name = "sla",
                        .form = Form::kObject,
                        .doc = "What is promised beside the columns.",
                        .example = "{ freshness = \"1h\", time_to_resolve = \"4h\" }",
                        .nested = {{.name = "freshness",
                                    .form = Form::kDuration,
                                    .doc = "The data is never older; not tighter than the "
                                           "dataset's own."},
                                   {.name = "availability",
                                    .form = Form::kString,
                                    .doc = "Share of the time in which it can be read."},
                                   {.name = "retention",
                                    .form = Form::kDuration,
                                    .doc = "How long data is kept."},
                                   {.name = "time_to_detect",
                                    .form = Form::kDuration,
                                    .doc = "Until an incident is noticed."},
                                   {.name = "time_to_resolve",
                                    .form = Form::kDuration,
                                    .doc = "Until an incident is over."}}},
                       {.name = "notice",
                        .form = Form::kDuration,
                        .doc = "How long before a breaking change consumers are told.",
                        .example = "\"90d\""},
                       {.name = "owner",
                        .form = Form::kReference,
                        .doc = "Who answers for it, where it is not the dataset's owner.",
                        .example = "team.payments",
                        .kinds = {"team", "person"}},
                       {.name = "description",
                        .form = Form::kString,
                        .doc = "What a reader must know."},
                   },
               .example = "contract \"payment\" {\n  dataset   = dataset.payment\n  version   = "
                          "\"1.1.0\"\n  promised  = "
                          "[\"payment_id\", \"amount\"]\n  consumers = [dataset.revenue_daily]\n  "
                          "sla       = { freshness = \"1h\" }\n}\n",
               .aliases = {"data_contract", "slo", "sla"}},
          .check = Check};
  return kBlock;
}

}  // namespace andon::builtin
