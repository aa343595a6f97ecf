#include <fmt/format.h>

#include "base/text.h"
#include "builtin/block.h"

namespace andon::builtin {
namespace {

using config::Form;

constexpr std::string_view kActions[] = {"docs", "notify", "report"};

void CheckValidated(const ProjectView& project, const Item& item, const Json& validated,
                    const std::string& part, Diagnostics* diagnostics) {
  const std::string& address = validated["dataset"].AsString();
  if (address.empty() || !project.CheckExists(item, address, item.Range(part), diagnostics)) return;
  const std::string& batches = validated["batches"].AsString();
  if (batches.empty()) {
    if (validated.Has("batch"))
      ReportAt(item, config::kNotAllowed, "\"batch\" needs \"batches\", which says of which.", part,
               diagnostics);
    return;
  }
  std::vector<std::string> names;
  for (const auto& [name, by] : project.Find(address)->attributes["batches"].members())
    names.push_back(name);
  for (const std::string& name : names) {
    if (name == batches) return;
  }
  std::string meant = DidYouMean(batches, names);
  ReportAt(item, config::kNotAllowed,
           fmt::format("{} has no batches \"{}\"{}", address, batches,
                       names.empty()    ? "; it declares none."
                       : !meant.empty() ? fmt::format("; did you mean \"{}\"?", meant)
                                        : "; it has " + Join(names, ", ") + "."),
           part, diagnostics, "Declare them: batches = { monthly = \"month(payment_date)\" }");
}

void CheckAction(const ProjectView& project, const Item& item, const Json& action,
                 const std::string& part, Diagnostics* diagnostics) {
  int said = 0;
  for (std::string_view kind : kActions) said += action.Has(kind);
  if (said != 1)
    return ReportAt(item, config::kNotAllowed,
                    "An action is one of \"docs\", \"notify\" and \"report\".", part, diagnostics);
  const std::string& channel = action["notify"].AsString();
  if (!channel.empty()) (void)project.CheckExists(item, channel, item.Range(part), diagnostics);
  const std::string& report = action["report"].AsString();
  if (report.empty()) return;
  size_t colon = report.find(':');
  std::string format = report.substr(0, colon);
  bool is_known = format == "gx" || format == "junit" || format == "sarif" || format == "md";
  if (!is_known || colon == std::string::npos || colon + 1 == report.size())
    ReportAt(item, config::kInvalidText,
             fmt::format("\"{}\" is no report: write gx, junit, sarif or md, a colon and a file.",
                         report),
             part, diagnostics, "report = \"junit:payments.xml\"");
}

void Check(const ProjectView& project, const Item& item, Diagnostics* diagnostics) {
  const Json::Array& validated = item.attributes["validate"].items();
  for (size_t i = 0; i < validated.size(); ++i)
    CheckValidated(project, item, validated[i], fmt::format("validate.{}", i), diagnostics);
  const Json::Array& actions = item.attributes["actions"].items();
  for (size_t i = 0; i < actions.size(); ++i)
    CheckAction(project, item, actions[i], fmt::format("actions.{}", i), diagnostics);
}

config::AttributeSchema Validate() {
  return {.name = "validate",
          .form = Form::kObjects,
          .required = true,
          .doc = "What is validated together: datasets, or batches of them.",
          .example = "[dataset.customer, { dataset = dataset.payment, batches = \"monthly\" }]",
          .nested = {{.name = "dataset",
                      .form = Form::kReference,
                      .required = true,
                      .doc = "The dataset; a plain reference means all of its rows.",
                      .example = "dataset.payment",
                      .kinds = {"dataset"}},
                     {.name = "batches",
                      .form = Form::kString,
                      .doc = "One of the names in the dataset's \"batches\".",
                      .example = "\"monthly\""},
                     {.name = "batch",
                      .form = Form::kString,
                      .fallback = "\"last\"",
                      .doc = "\"last\", \"all\", or the name of one, as \"2005-07\".",
                      .example = "\"all\""}},
          .shorthand = "dataset"};
}

config::AttributeSchema Actions() {
  return {.name = "actions",
          .form = Form::kObjects,
          .doc =
              "What is done with the results, in this order. They are kept in the control store "
              "in any case.",
          .example = "[{ docs = \"site\" }, { notify = channel.line, on = \"failure\" }]",
          .nested = {{.name = "docs",
                      .form = Form::kString,
                      .doc = "Builds Data Docs into this folder.",
                      .example = "\"site\""},
                     {.name = "notify",
                      .form = Form::kReference,
                      .doc = "Tells this channel.",
                      .example = "channel.line",
                      .kinds = {"channel"}},
                     {.name = "report",
                      .form = Form::kText,
                      .doc = "Writes a file: gx, junit, sarif or md, a colon and its name.",
                      .example = "\"junit:payments.xml\""},
                     {.name = "on",
                      .form = Form::kString,
                      .doc = "When. Without: \"failure\" for notify, \"all\" for the others.",
                      .example = "\"failure\"",
                      .allowed = {"failure", "success", "all"}}}};
}

}  // namespace

const Block& CheckpointBlock() {
  static const Block kBlock = {
      .schema =
          {.kind = "checkpoint",
           .doc = "Datasets, or batches of them, that are validated together by \"andon "
                  "checkpoint run\", and what is done with the results.",
           .attributes = {Validate(),
                          Actions(),
                          {.name = "description", .form = Form::kString, .doc = "What it is for."},
                          {.name = "owner",
                           .form = Form::kReference,
                           .doc = "Who answers for it.",
                           .example = "team.payments",
                           .kinds = {"team", "person"}}},
           .example = "checkpoint \"payments\" {\n  validate = [\n    { dataset = "
                      "dataset.payment, batches = \"monthly\", batch = \"all\" },\n    "
                      "dataset.customer,\n  ]\n  actions = [\n    { docs = \"site\" },\n    "
                      "{ notify = channel.line, on = \"failure\" },\n  ]\n}\n",
           .aliases = {"validation_definition", "check_run"}},
      .check = Check};
  return kBlock;
}

}  // namespace andon::builtin
