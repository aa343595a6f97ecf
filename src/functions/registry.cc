#include "functions/registry.h"

#include <algorithm>
#include <memory>

#include "functions/lazy.h"
#include "functions/row.h"
#include "functions/template.h"

namespace andon::functions {

void FilesRead::Add(std::string path) {
  std::lock_guard lock(mutex_);
  paths_.insert(std::move(path));
}

std::set<std::string> FilesRead::paths() const {
  std::lock_guard lock(mutex_);
  return paths_;
}

Result<int64_t> Args::integer(size_t i) const {
  if (auto integer = values_[i].number().ToInt64()) return *integer;
  return Error::Invalid(
      "value must be a whole number, between -9223372036854775808 and "
      "9223372036854775807 inclusive");
}

hcl::TypeResult TypeOfFirst(std::span<const Value> args) { return args[0].type(); }

Value Texts(const std::vector<std::string>& texts) {
  std::vector<Value> items;
  items.reserve(texts.size());
  for (const auto& text : texts) items.push_back(Value::String(text));
  return Value::List(Type::String(), std::move(items));
}

namespace {

struct Group {
  std::string_view name;
  std::vector<Row> (*rows)();
};

constexpr Group kGroups[] = {
    {"string", StringFunctions},
    {"string", FormatFunctions},
    {"string", RegexFunctions},
    {"number", NumberFunctions},
    {"collection", CollectionFunctions},
    {"collection", MappingFunctions},
    {"collection", SetFunctions},
    {"encoding", EncodingFunctions},
    {"encoding", YamlFunctions},
    {"hash", CryptoFunctions},
    {"date", TimeFunctions},
    {"network", NetworkFunctions},
    {"type", TypeFunctions},
    {"filesystem", FilesystemFunctions},
};

hcl::Function FromRow(const Row& row, std::shared_ptr<const Environment> environment) {
  auto body = row.body;
  hcl::Function function;
  function.name = row.name;
  function.description = row.description;
  function.parameters = row.parameters;
  function.variadic = row.variadic;
  function.returns = row.returns;
  function.body = [body, environment](std::span<const Value> args, const hcl::CallSite&) {
    return body(Args(args, *environment)).result();
  };
  return function;
}

void AddWithCoreName(hcl::FunctionTable& table, hcl::Function function) {
  hcl::Function core = function;
  core.name = "core::" + function.name;
  table.Add(std::move(core));
  table.Add(std::move(function));
}

std::string Signature(const hcl::Function& function) {
  std::string text = function.name + "(";
  for (const auto& parameter : function.parameters) {
    if (!text.ends_with('(')) text += ", ";
    text += parameter.name;
  }
  if (function.variadic) {
    if (!text.ends_with('(')) text += ", ";
    text += function.variadic->name + "...";
  }
  return text + ")";
}

}  // namespace

hcl::FunctionTable MakeTable(const Environment& environment) {
  auto shared = std::make_shared<const Environment>(environment);
  auto inner = std::make_shared<hcl::FunctionTable>();
  for (const auto& group : kGroups) {
    for (const auto& row : group.rows()) AddWithCoreName(*inner, FromRow(row, shared));
  }
  for (auto& function : LazyFunctions()) AddWithCoreName(*inner, std::move(function));
  // Templates see all the others, but no templates: so they cannot recurse for ever.
  hcl::FunctionTable table = *inner;
  for (auto& function : TemplateFunctions(shared, inner)) {
    AddWithCoreName(table, std::move(function));
  }
  return table;
}

namespace {

// Calls `add` with each function and the name of its group.
template <typename Add>
void ForEach(Add add) {
  auto environment = std::make_shared<const Environment>();
  for (const auto& group : kGroups) {
    for (const auto& row : group.rows()) add(FromRow(row, environment), group.name);
  }
  for (const auto& function : LazyFunctions()) add(function, "type");
  for (const auto& function : TemplateFunctions(environment, nullptr)) add(function, "filesystem");
}

Type ReturnTypeOf(const hcl::Function& function) {
  if (!function.returns) return Type::Dynamic();
  std::vector<Value> args;
  for (const hcl::Parameter& parameter : function.parameters)
    args.push_back(Value::Unknown(parameter.type));
  if (function.variadic) args.push_back(Value::Unknown(function.variadic->type));
  hcl::TypeResult type = function.returns(args);
  return std::holds_alternative<Type>(type) ? std::get<Type>(type) : Type::Dynamic();
}

}  // namespace

std::vector<FunctionSignature> Signatures() {
  std::vector<FunctionSignature> all;
  ForEach([&all](const hcl::Function& function, std::string_view) {
    FunctionSignature signature{function.name, function.description, function.parameters,
                                function.variadic, ReturnTypeOf(function)};
    all.push_back(signature);
    signature.name = "core::" + signature.name;
    all.push_back(std::move(signature));
  });
  std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
  return all;
}

std::vector<Documentation> All() {
  std::vector<Documentation> all;
  ForEach([&all](const hcl::Function& function, std::string_view group) {
    all.push_back({function.name, std::string(group), Signature(function), function.description});
  });
  std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
  return all;
}

}  // namespace andon::functions
