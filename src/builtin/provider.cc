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
    provider::ObjectSchema object{.version = 1, .description = block->doc};
    auto add = [&](const config::AttributeSchema& a) {
      object.attributes.push_back({.name = a.name,
                                   .type = TypeOf(a),
                                   .required = a.required,
                                   .optional = !a.required,
                                   .description = a.doc});
    };
    for (const config::AttributeSchema& a : block->attributes) add(a);
    for (const config::TypeSchema& type : block->types) {
      for (const config::AttributeSchema& a : type.attributes) add(a);
    }
    schema.objects[block->kind] = std::move(object);
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
  BuiltinProvider() : schema_(MakeSchema()) {}

  const provider::ProviderSchema& GetSchema() const override { return schema_; }

  Diagnostics ValidateConfig(const std::string& type, const Value& config) const override {
    Diagnostics diagnostics;
    auto found = schema_.objects.find(type);
    if (found == schema_.objects.end()) {
      config::Report(&diagnostics, config::kUnknownBlock,
                     fmt::format("There is no object of the type \"{}\".", type), {});
      return diagnostics;
    }
    if (!config.is_known_not_null() || !config.type().is_object()) return diagnostics;
    std::vector<std::string> known;
    for (const provider::AttributeSchema& a : found->second.attributes) known.push_back(a.name);
    for (const std::string& name : config.attribute_order()) {
      if (std::find(known.begin(), known.end(), name) != known.end()) continue;
      config::Report(&diagnostics, hcl::kUnsupportedArgument,
                     fmt::format("A {} has no argument \"{}\".", type, name), {},
                     config::Suggest(DidYouMean(name, known)));
    }
    return diagnostics;
  }

  provider::PlanResponse Plan(const provider::PlanRequest& request) const override {
    provider::PlanResponse response{.planned = request.proposed,
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

  provider::ApplyResponse Apply(const provider::ApplyRequest& request) override {
    return {.value = request.planned, .private_data = request.private_data};
  }

  provider::ReadResponse Read(const provider::ReadRequest& request) override {
    return {.value = request.prior, .private_data = request.private_data};
  }

 private:
  static void NoteDataset(const provider::PlanRequest& request, provider::PlanResponse* response) {
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
                          provider::PlanResponse* response) {
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

  provider::ProviderSchema schema_;
};

}  // namespace

std::unique_ptr<provider::Provider> NewProvider() { return std::make_unique<BuiltinProvider>(); }

}  // namespace andon::builtin
