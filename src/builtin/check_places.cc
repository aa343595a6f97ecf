#include "builtin/check_places.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "builtin/source_database.h"
#include "config/reference.h"
#include "quality/check.h"
#include "quality/other_source.h"

namespace andon::builtin {
namespace {

constexpr char kOtherTable[] = "other_table_name";

std::string Named(const std::string& place) { return place.empty() ? "the lake" : place; }

class Places {
 public:
  Places(const ProjectView& project, const Item& dataset, const std::string& check,
         const std::string& type, const SourceRange& call, Diagnostics* diagnostics)
      : project_(project),
        dataset_(dataset),
        check_(check),
        type_(type),
        call_(call),
        diagnostics_(diagnostics) {}

  Json Run(Json kwargs) {
    const Json other = kwargs[kOtherTable];
    if (other["source"].is_string() && other["table"].is_string()) {
      TakeTable(other["source"].AsString(), other["table"].AsString(), &kwargs);
      return kwargs;
    }
    const std::string& source = kwargs[quality::kComparedSource].AsString();
    if (!source.empty())
      CheckSource(source);
    else if (other.is_string())
      CheckDataset(other.AsString());
    return kwargs;
  }

 private:
  void Wrong(const config::Code& code, std::string detail, std::string meant = {},
             std::string help = {}) {
    Diagnostic d = config::Message(code, fmt::format("Check \"{}\": {}", check_, detail), call_);
    d.address = dataset_.address;
    d.at_caret = config::Suggest(meant);
    d.help = std::move(help);
    diagnostics_->Add(std::move(d));
  }

  void OutOfReach(const std::string& what, const std::string& place) {
    Wrong(config::kExternal,
          fmt::format("{} looks into {} alone, where {} lies, but {} lies in {}.", type_,
                      Named(PlaceOf(project_, dataset_)), dataset_.name, what, Named(place)),
          {},
          "Between two places: expect_table_row_count_to_equal_other_table, "
          "expect_aggregate_to_equal_other_table, expect_table_to_match_other_table, "
          "expect_query_results_to_match_comparison.");
  }

  // source.rental.table.payment
  void TakeTable(const std::string& source, const std::string& table, Json* kwargs) {
    if (!project_.CheckExists(dataset_, source, call_, diagnostics_)) return;
    const Item& item = *project_.Find(source);
    const Item* dataset = FindExternal(source, table);
    if (item.kind == "source" && !IsDatabase(item.instance->type)) {
      if (dataset == nullptr)
        return Wrong(config::kExternal,
                     fmt::format("{} is files, which are compared as a dataset.", source), {},
                     "Name the dataset that they are loaded into, or that is external there: "
                     "dataset.NAME.");
      kwargs->Set(kOtherTable, dataset->name);
      return CheckDataset(dataset->name);
    }
    if (quality::TakesSource(type_)) {
      kwargs->Set(kOtherTable, dataset != nullptr
                                   ? dataset->attributes["external"]["relation"].AsString(table)
                                   : table);
      kwargs->Set(std::string(quality::kComparedSource), config::NameOf(source));
      return;
    }
    kwargs->Set(kOtherTable, dataset != nullptr ? dataset->name : table);
    if (source != PlaceOf(project_, dataset_)) return OutOfReach("the table " + table, source);
    if (dataset == nullptr) {
      Wrong(config::kExternal,
            fmt::format("The table {} of {} is no dataset, so that no check can name it.", table,
                        source),
            {}, fmt::format("dataset \"{}\" {{ external = {}.table.{} }}", table, source, table));
    }
  }

  const Item* FindExternal(const std::string& source, const std::string& table) const {
    for (const Item& item : project_.items()) {
      if (item.kind != "dataset" || item.attributes["external"]["source"].AsString() != source)
        continue;
      if (item.attributes["external"]["table"].AsString() == table) return &item;
    }
    return nullptr;
  }

  // A name that was written as a text, or source.rental itself.
  void CheckSource(const std::string& name) {
    std::vector<std::string> known;
    for (const Item& item : project_.items()) {
      bool has_tables =
          item.kind == "dbt" || (item.kind == "source" && IsDatabase(item.instance->type));
      if (has_tables) known.push_back(config::NameOf(item.address));
    }
    if (std::find(known.begin(), known.end(), name) != known.end()) return;
    Wrong(config::kUndeclared,
          fmt::format("There is no source \"{}\" whose tables can be read where they are.", name),
          DidYouMean(name, known));
  }

  void CheckDataset(const std::string& name) {
    const Item* other = project_.FindTable(name);
    if (other == nullptr || PlaceOf(project_, *other) == PlaceOf(project_, dataset_)) return;
    if (!quality::TakesSource(type_)) OutOfReach(other->name, PlaceOf(project_, *other));
  }

  const ProjectView& project_;
  const Item& dataset_;
  const std::string& check_;
  const std::string& type_;
  const SourceRange& call_;
  Diagnostics* diagnostics_;
};

}  // namespace

std::string PlaceOf(const ProjectView& project, const Item& dataset) {
  if (!dataset.is_external()) return "";
  const std::string& address = dataset.attributes["external"]["source"].AsString();
  const Item* source = project.Find(address);
  return source != nullptr && source->instance->type == "files" ? "" : address;
}

Json WithPlaces(const ProjectView& project, const Item& dataset, const std::string& check,
                const std::string& type, const Json& kwargs, const SourceRange& call,
                Diagnostics* diagnostics) {
  return Places(project, dataset, check, type, call, diagnostics).Run(kwargs);
}

}  // namespace andon::builtin
