#include "builtin/provider.h"

#include <fmt/format.h>

#include "base/text.h"
#include "builtin/language.h"
#include "config/codes.h"

namespace andon::builtin {
namespace {

using value::Type;
using value::Value;

// The type of an attribute as the protocol can say it; what has parts of its own
// shape is dynamic there, and checked by the block's schema.
Type TypeOf(const config::AttributeSchema& a) {
  switch (a.form) {
    case config::Form::kNumber:
    case config::Form::kInteger:
      return Type::Number();
    case config::Form::kBool:
      return Type::Bool();
    case config::Form::kStrings:
    case config::Form::kReferences:
    case config::Form::kConsumers:
      return Type::List(Type::String());
    case config::Form::kString:
    case config::Form::kDuration:
    case config::Form::kSchedule:
    case config::Form::kTimezone:
    case config::Form::kReference:
    case config::Form::kSql:
    case config::Form::kTypeName:
    case config::Form::kText:
      return Type::String();
    default:
      return Type::Dynamic();
  }
}

provider::ProviderSchema MakeSchema() {
  provider::ProviderSchema schema;
  for (const config::BlockSchema* block : DataLanguage().blocks()) {
    std::map<std::string, provider::AttributeSchema> attributes;  // Types may share names.
    auto add = [&](const config::AttributeSchema& a) {
      attributes[a.name] = {.name = a.name,
                            .type = TypeOf(a),
                            .required = a.required,
                            .optional = !a.required,
                            .description = {.text = a.doc}};
    };
    for (const config::AttributeSchema& a : block->attributes) add(a);
    for (const config::TypeSchema& type : block->types) {
      for (const config::AttributeSchema& a : type.attributes) add(a);
    }
    provider::Schema& object = schema.resources[block->kind];
    object.version = 1;
    object.block.description.text = block->doc;
    for (auto& [name, a] : attributes) object.block.attributes.push_back(std::move(a));
  }
  return schema;
}

std::string TextAt(const Value& object, std::string_view name) {
  if (!object.is_known_not_null() || !object.type().is_object()) return {};
  const Value* value = object.Find(name);
  bool is_text = value != nullptr && value->is_known_not_null() && value->type().is_string();
  return is_text ? value->string() : std::string();
}

// What Iceberg promotes without touching a file.
bool Widens(std::string_view from, std::string_view to) {
  if ((from == "int" && to == "long") || (from == "float" && to == "double")) return true;
  int p1 = 0, s1 = 0, p2 = 0, s2 = 0;
  bool decimals = std::sscanf(std::string(from).c_str(), "decimal(%d,%d)", &p1, &s1) == 2 &&
                  std::sscanf(std::string(to).c_str(), "decimal(%d,%d)", &p2, &s2) == 2;
  return decimals && s1 == s2 && p2 >= p1;
}

class BuiltinProvider final : public provider::Provider {
 public:
  BuiltinProvider() : schema_{.schema = MakeSchema()} {}

  const provider::GetSchemaResponse& GetSchema() override { return schema_; }

  provider::AttributeDiagnostics ValidateResourceConfig(
      const provider::ValidateConfigRequest& request) override {
    const Value& config = request.config;
    Diagnostics diagnostics;
    auto found = schema_.schema.resources.find(request.type);
    if (found == schema_.schema.resources.end()) {
      config::Report(&diagnostics, config::kUnknownBlock,
                     fmt::format("There is no object of the type \"{}\".", request.type), {});
      return provider::OfTheWhole(diagnostics);
    }
    if (!config.is_known_not_null() || !config.type().is_object()) return {};
    std::vector<std::string> known;
    for (const provider::AttributeSchema& a : found->second.block.attributes)
      known.push_back(a.name);
    for (const std::string& name : config.attribute_order()) {
      if (std::find(known.begin(), known.end(), name) != known.end()) continue;
      config::Report(&diagnostics, hcl::kUnsupportedArgument,
                     fmt::format("A {} has no argument \"{}\".", request.type, name), {},
                     config::Suggest(DidYouMean(name, known)));
    }
    return provider::OfTheWhole(diagnostics);
  }

  provider::PlanResourceChangeResponse PlanResourceChange(
      const provider::PlanResourceChangeRequest& request) override {
    provider::PlanResourceChangeResponse response{.planned = request.proposed,
                                                  .private_data = request.private_data};
    bool is_removed = request.proposed.is_null();
    if (request.type == "dataset" && is_removed) {
      response.notes.push_back(
          {{}, "its table, with all versions, stays in the lake; only its management ends", false});
    }
    if (request.type == "dataset" && !is_removed && !request.prior.is_null())
      NoteDataset(request, &response);
    return response;
  }

  provider::ApplyResourceChangeResponse ApplyResourceChange(
      const provider::ApplyResourceChangeRequest& request) override {
    return {.state = request.planned, .private_data = request.private_data};
  }

  provider::ReadResourceResponse ReadResource(
      const provider::ReadResourceRequest& request) override {
    return {.state = request.prior, .private_data = request.private_data};
  }

 private:
  static void NoteDataset(const provider::PlanResourceChangeRequest& request,
                          provider::PlanResourceChangeResponse* response) {
    const Value* before = request.prior.Find("columns");
    const Value* after = request.proposed.Find("columns");
    bool both = before != nullptr && after != nullptr && before->is_known_not_null() &&
                after->is_known_not_null();
    if (both) NoteColumns(*before, *after, response);
    if (TextAt(request.prior, "sql") != TextAt(request.proposed, "sql")) {
      response->notes.push_back(
          {value::Path().Attribute("sql"), "the next run rebuilds it", false});
    }
  }

  static void NoteColumns(const Value& before, const Value& after,
                          provider::PlanResourceChangeResponse* response) {
    for (const auto& [name, column] : before.members()) {
      value::Path path = value::Path().Attribute("columns").Attribute(name);
      const Value* now = after.Find(name);
      if (now == nullptr) {
        response->notes.push_back({path, "readers lose it with the next publish", false});
        continue;
      }
      std::string from = TextAt(column, "type"), to = TextAt(*now, "type");
      if (from == to || from.empty() || to.empty()) continue;
      response->notes.push_back(
          {path.Attribute("type"),
           Widens(from, to) ? "compatible, metadata only" : "every file is written again", false});
    }
    for (const auto& [name, column] : after.members()) {
      if (before.Find(name) != nullptr) continue;
      response->notes.push_back({value::Path().Attribute("columns").Attribute(name),
                                 "null in the rows that stand", false});
    }
  }

  provider::GetSchemaResponse schema_;
};

}  // namespace

std::unique_ptr<provider::Provider> NewProvider() { return std::make_unique<BuiltinProvider>(); }

}  // namespace andon::builtin
