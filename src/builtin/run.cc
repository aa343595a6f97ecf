// A test of a model: rows that are given, the rows that its SQL must return.
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/clock.h"
#include "base/text.h"
#include "builtin/block.h"
#include "builtin/model_tests.h"
#include "builtin/test_rows.h"
#include "config/places.h"

namespace andon::builtin {
namespace {

using config::Form;
using value::Value;

// From a block to the case that it describes; what is wrong with it is told on the way.
class CaseReader {
 public:
  CaseReader(const ProjectView& project, const Item& test, Diagnostics* diagnostics)
      : project_(project), test_(test), diagnostics_(diagnostics) {
    const address::Address& address = test.instance->address;
    block_ = project.module().FindBlock(address.kind + "." + address.name);
  }

  // Nothing where the test cannot be run.
  std::optional<modeltest::Case> Read() {
    const std::string& address = test_.attributes["target"].AsString();
    if (address.empty()) return std::nullopt;  // Reported when it was decoded.
    if (!project_.CheckExists(test_, address, test_.Range("target"), diagnostics_))
      return std::nullopt;
    const Item& target = *project_.Find(address);
    if (!target.instance->positions.contains("sql")) {
      ReportAt(test_, config::kNoModel,
               fmt::format("{} is not made by SQL, so there is nothing to test with given rows. "
                           "What comes from outside is tested by checks.",
                           address),
               "target", diagnostics_);
      return std::nullopt;
    }
    ReadVariables();
    ReadGiven();
    made_.target = ModelOf(target);
    visited_.insert(target.address);
    AddInputs(target);
    CheckGivenIsRead(target);
    CheckInterval();
    ReadExpected(target);
    if (has_errors_ || target.has_broken_columns || is_incomplete_) return std::nullopt;
    return std::move(made_);
  }

 private:
  // Errors of this test alone.
  void Take(Diagnostics found) {
    has_errors_ |= found.has_errors();
    diagnostics_->Append(std::move(found));
  }

  void Wrong(const config::Code& code, std::string detail, const SourceRange& range,
             std::string at_caret = {}, std::string help = {}) {
    Diagnostic d = config::Message(code, std::move(detail), range);
    d.address = test_.address;
    d.at_caret = std::move(at_caret);
    d.help = std::move(help);
    has_errors_ = true;
    diagnostics_->Add(std::move(d));
  }

  hcl::Expression ExpressionOf(std::string_view attribute) const {
    const hcl::Attribute* found = block_ != nullptr ? block_->block->body.Find(attribute) : nullptr;
    return found != nullptr ? found->expression() : hcl::Expression();
  }

  // An attribute that is a map; null where it is none, which is told.
  const Value* MapOf(std::string_view attribute, std::string_view example) {
    const Value* value = test_.instance->object.Find(attribute);
    if (value == nullptr) return nullptr;
    bool is_map =
        value->is_known_not_null() && (value->type().is_object() || value->type().is_map());
    if (is_map) return value;
    Wrong(config::kWrongType, fmt::format("\"{}\" takes a map, like {}.", attribute, example),
          test_.Range(attribute));
    return nullptr;
  }

  void ReadVariables() {
    const Value* value = MapOf("variables", "{ region = \"eu\" }");
    if (value == nullptr) return;
    config::Places places(ExpressionOf("variables"), test_.Range("variables"));
    std::vector<std::string> known;
    for (const auto& [name, variable] : project_.module().variables) known.push_back(name);
    for (const auto& [name, unused] : value->members()) {
      if (project_.module().variables.contains(name)) continue;
      Wrong(config::kUndeclaredVariable,
            fmt::format("The project declares no variable \"{}\".", name), places.key(name),
            config::Suggest(DidYouMean(name, known)));
    }
  }

  void ReadGiven() {
    given_ = MapOf("given", "{ payment = [{ amount = 4.99 }] }");
    if (given_ == nullptr) return;
    places_.emplace(ExpressionOf("given"), test_.Range("given"));
    for (const auto& [name, rows] : given_->members()) {
      const Item* dataset = project_.FindTable(name);
      if (dataset != nullptr) {
        by_address_[dataset->address] = name;
        continue;
      }
      Wrong(config::kUndeclared, fmt::format("The project has no dataset \"{}\".", name),
            places_->key(name), config::Suggest(DidYouMean(name, project_.Tables())));
    }
  }

  static modeltest::Model ModelOf(const Item& item) {
    return {item.name, item.attributes["sql"].AsString(), ColumnInfos(item)};
  }

  // What the item's SQL reads, each before what reads it: rows that are given, else a model with
  // what it reads itself, else an empty table. Models in a circle were reported.
  void AddInputs(const Item& item) {
    for (const std::string& address : item.reads) {
      const Item* input = project_.Find(address);
      if (input == nullptr || !visited_.insert(address).second) continue;
      auto given = by_address_.find(address);
      bool is_model = input->instance->positions.contains("sql");
      if (given == by_address_.end() && is_model) {
        AddInputs(*input);
        made_.models.push_back(ModelOf(*input));
        is_incomplete_ |= input->has_broken_columns;
        continue;
      }
      modeltest::Table table{.name = input->name, .columns = ColumnInfos(*input)};
      if (input->has_broken_columns || table.columns.empty()) is_incomplete_ = true;
      if (table.columns.empty() && !input->has_broken_columns) {
        Wrong(config::kGiven,
              fmt::format("{} declares no columns, so a test cannot make a table of it.", address),
              test_.Range("target"), {}, "Declare its columns.");
      }
      if (given != by_address_.end()) {
        Diagnostics found;
        table.given =
            ReadTestRows(test_, *input, "given." + given->second, *given_->Find(given->second),
                         places_->expression(given->second), &found);
        Take(std::move(found));
      }
      made_.tables.push_back(std::move(table));
    }
  }

  void CheckGivenIsRead(const Item& target) {
    for (const auto& [address, name] : by_address_) {
      if (address == target.address) {
        Wrong(config::kGiven,
              fmt::format("{} is what the test builds: its rows are expected, not given.", address),
              places_->key(name));
      } else if (!visited_.contains(address)) {
        Wrong(config::kGiven,
              fmt::format("{} does not read {}, or only to make what is given here as well.",
                          target.address, address),
              places_->key(name), {}, "Leave it out.");
      }
    }
  }

  void CheckInterval() {
    made_.start = test_.attributes["start"].AsString();
    made_.end = test_.attributes["end"].AsString();
    for (const auto& [part, text] : {std::pair("start", &made_.start), {"end", &made_.end}}) {
      if (text->empty() || ParseTimestamp(*text).ok()) continue;
      Wrong(config::kTestInterval,
            fmt::format("\"{}\" is no time. Write one like 2026-01-01 or 2026-01-01T06:00:00.",
                        *text),
            test_.Range(part));
    }
    std::vector<modeltest::Model> models = made_.models;
    models.push_back(made_.target);
    for (const modeltest::Model& model : models) {
      bool lacks_start = model.sql.find("$start") != std::string::npos && !IsWritten("start");
      bool lacks_end = model.sql.find("$end") != std::string::npos && !IsWritten("end");
      if (!lacks_start && !lacks_end) continue;
      Wrong(config::kTestInterval,
            fmt::format("The SQL of {} uses {}, which the test does not say.", model.name,
                        lacks_start && lacks_end ? "$start and $end"
                        : lacks_start            ? "$start"
                                                 : "$end"),
            test_.Range(""), {}, "start = \"2026-01-01\"");
    }
  }

  bool IsWritten(std::string_view attribute) const {
    return test_.instance->positions.contains(attribute);
  }

  void ReadExpected(const Item& target) {
    made_.ordered = test_.attributes["ordered"].AsBool();
    const Value* value = test_.instance->object.Find("expect");
    if (value == nullptr) {
      has_errors_ = true;  // Reported: it is required.
      return;
    }
    Diagnostics found;
    made_.expect = ReadTestRows(test_, target, "expect", *value, ExpressionOf("expect"), &found);
    Take(std::move(found));
  }

  const ProjectView& project_;
  const Item& test_;
  Diagnostics* diagnostics_;
  const config::DataBlock* block_ = nullptr;
  const Value* given_ = nullptr;
  std::optional<config::Places> places_;
  std::map<std::string, std::string> by_address_;  // As `given` names it.
  std::set<std::string> visited_;
  bool has_errors_ = false;
  bool is_incomplete_ = false;  // Something that it needs is wrong, and was told.
  modeltest::Case made_;
};

config::BlockSchema Schema() {
  return {
      .kind = "run",
      .doc =
          "A test of a model, in a file *.andontest.hcl of the project's folder or its folder "
          "tests: the rows that are given to its SQL, and those that must come. \"andon test\" "
          "runs it in memory; no data are touched.",
      .is_test = true,
      .attributes =
          {{.name = "target",
            .form = Form::kReference,
            .required = true,
            .doc = "The dataset whose SQL is tested.",
            .example = "dataset.revenue_daily",
            .kinds = {"dataset"}},
           {.name = "given",
            .form = Form::kAny,
            .doc = "Rows by dataset: a list of objects, or CSV text (an empty field is null). A "
                   "column that no row names is null. A model that is not given is built by its "
                   "own SQL, everything else that is not given is empty.",
            .example = "{ payment = [{ amount = 4.99 }] }"},
           {.name = "expect",
            .form = Form::kAny,
            .required = true,
            .doc = "The rows that must come, all of them: a list of objects, or CSV text. Only the "
                   "columns that they name are compared.",
            .example = "[{ usd = 4.99 }]"},
           {.name = "ordered",
            .form = Form::kBool,
            .fallback = "false",
            .doc = "The rows must come in the order in which they are expected."},
           {.name = "start",
            .form = Form::kText,
            .doc = "The value of $start.",
            .example = "\"2026-01-01\""},
           {.name = "end",
            .form = Form::kText,
            .doc = "The value of $end.",
            .example = "\"2026-01-02\""},
           {.name = "variables",
            .form = Form::kAny,
            .doc = "Values of variables for this test; they win over all others.",
            .example = "{ region = \"eu\" }"},
           {.name = "description", .form = Form::kString, .doc = "What it shows."}},
      .example =
          "run \"payments_of_a_day_are_added\" {\n  target = dataset.revenue_daily\n  given "
          "= {\n    payment = [\n      { payment_id = 1, amount = 5.00 },\n      { "
          "payment_id = 2, amount = 2.00 }\n    ]\n  }\n  expect = [{ usd = 7.00 }]\n}\n",
      .aliases = {"test", "unit_test", "unittest", "test_case"}};
}

}  // namespace

const Block& RunBlock() {
  static const Block kBlock = {
      .schema = Schema(),
      .check = [](const ProjectView& project, const Item& item, Diagnostics* diagnostics) {
        (void)CaseReader(project, item, diagnostics).Read();
      }};
  return kBlock;
}

std::vector<ModelTest> ModelTests(ProjectFiles& project) {
  ProjectView view(*project.module, project.evaluation->instances());
  for (Item& item : view.items()) {
    item.attributes = project.checked.attributes[item.address];
    auto reads = project.checked.reads.find(item.address);
    if (reads != project.checked.reads.end()) item.reads = reads->second;
  }
  std::vector<ModelTest> tests;
  for (const Item& item : view.items()) {
    if (item.kind != "run" || item.instance->is_broken) continue;
    Diagnostics told;  // CheckProject reported them.
    auto made = CaseReader(view, item, &told).Read();
    if (!made) continue;
    ModelTest test{.name = item.address.substr(item.kind.size() + 1),
                   .description = item.attributes["description"].AsString(),
                   .declared = item.Range(""),
                   .target = item.attributes["target"].AsString(),
                   .made = std::move(*made)};
    const Value* variables = item.instance->object.Find("variables");
    if (variables != nullptr && variables->is_known_not_null()) {
      for (const auto& [name, value] : variables->members())
        test.variables.emplace_back(name, value);
    }
    tests.push_back(std::move(test));
  }
  return tests;
}

}  // namespace andon::builtin
