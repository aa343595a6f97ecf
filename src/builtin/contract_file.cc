#include "builtin/contract_file.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/json_strings.h"
#include "base/text.h"
#include "config/codes.h"
#include "config/value_json.h"
#include "contract/checks.h"
#include "contract/declared.h"
#include "contract/formats/odcs.h"
#include "contract/lint.h"
#include "io/path.h"

namespace andon::builtin {
namespace {

using value::Value;

// What the file says, and so nobody else.
constexpr std::string_view kSaidByFile[] = {
    "version", "status", "purpose", "description", "promised", "sla", "notice", "need", "odcs"};

class Completer {
 public:
  explicit Completer(config::Decoded* decoded) : decoded_(decoded) {}

  void Run(const io::FileSystem& files, const std::string& dir) {
    std::string file = TextOf("file");
    if (file.empty()) return;
    for (std::string_view name : kSaidByFile) {
      if (!decoded_->positions.contains(name)) continue;
      Wrong(config::kContractFile,
            fmt::format("\"{}\" is said by {}, and so not here as well.", name, file), name);
    }
    auto text = files.Read(io::Join(dir, file));
    if (!text.ok()) return Wrong(config::kUnreadableFile, text.error().message, "file");
    read_ = contract::ReadOdcs(*text, file);
    decoded_->texts.emplace_back(file, *text);
    for (const Diagnostic& d : read_.diagnostics) decoded_->diagnostics.Add(d);
    if (!read_.document) return;
    if (!read_.diagnostics.has_errors()) Contradictions();
    const contract::Table* table = TableOf(*read_.document);
    PutTerms(*read_.document);
    if (table) PutTable(*table);
  }

 private:
  std::string TextOf(std::string_view name) const {
    const Value* value = decoded_->object.Find(name);
    bool is_text = value && value->is_known_not_null() && value->type().is_string();
    return is_text ? value->string() : "";
  }

  void Wrong(const config::Code& code, std::string detail, std::string_view part) {
    auto at = decoded_->positions.find(part);
    config::Report(&decoded_->diagnostics, code, std::move(detail),
                   at == decoded_->positions.end() ? SourceRange{} : at->second);
  }

  void Contradictions() {
    for (const contract::Finding& finding : contract::Lint(*read_.document)) {
      if (!finding.is_error) continue;
      config::Report(&decoded_->diagnostics, config::kContradiction, finding.message,
                     read_.PlaceOf(finding.path));
    }
  }

  // Which table of the file the dataset is: that of `table`, the one with its name, or the only
  // one.
  const contract::Table* TableOf(const contract::Document& document) {
    std::string wanted = TextOf("table"), dataset = TextOf("dataset");
    std::vector<std::string> names;
    for (const contract::Table& table : document.tables) names.push_back(table.name);
    if (!wanted.empty()) {
      if (const contract::Table* table = document.Find(wanted)) return table;
      std::string meant = DidYouMean(wanted, names);
      Wrong(config::kContractFile,
            fmt::format("The file has no table \"{}\"{}.", wanted,
                        meant.empty() ? "; it has " + Join(names, ", ")
                                      : fmt::format("; did you mean \"{}\"?", meant)),
            "table");
      return nullptr;
    }
    std::string name = dataset.substr(dataset.rfind('.') + 1);
    for (const contract::Table& table : document.tables) {
      if (table.name == name || table.physical_name == name) return &table;
    }
    if (document.tables.size() == 1) return &document.tables[0];
    Wrong(config::kContractFile,
          document.tables.empty()
              ? std::string("The file has no table in its schema.")
              : fmt::format("The file has several tables: say which one it is by table = \"{}\".",
                            names[0]),
          "file");
    return nullptr;
  }

  void PutTerms(const contract::Document& d) {
    Put("version", Json(d.version), "/version");
    Put("status", Json(d.status), "/status");
    if (!d.purpose.empty()) Put("purpose", Json(d.purpose), "/description/purpose");
    if (!d.notice.empty()) Put("notice", Json(d.notice), "/customProperties");
    Json sla = contract::SlaAttributes(d);
    if (sla.size() > 0) Put("sla", std::move(sla), "/slaProperties");
    Json need = contract::NeedAttributes(d);
    if (need.size() > 0) Put("need", std::move(need), "/customProperties");
    Put("document", d.json, "");
  }

  void PutTable(const contract::Table& table) {
    std::vector<std::string> promised = table.promised;
    Json columns = Json::Object();
    std::vector<definition::Column> all = contract::ColumnsOf(table);
    for (size_t i = 0; i < all.size(); ++i) {
      const definition::Column& column = all[i];
      Json json = Json::Object({{"type", column.type}});
      if (column.required) json.Set("required", true);
      if (column.unique) json.Set("unique", true);
      if (!column.unit.empty()) json.Set("unit", column.unit);
      if (!column.doc.empty()) json.Set("doc", column.doc);
      columns.Set(column.name, std::move(json));
      if (table.promised.empty()) promised.push_back(column.name);
      decoded_->positions["columns." + column.name] = read_.PlaceOf(table.properties[i].path);
    }
    Put("promised", Strings(promised), table.path);
    Put("columns", std::move(columns), table.path + "/properties");
    PutChecks(table);
  }

  // What the columns do not say already. References lead to tables that may be nobody's here; the
  // dataset says them.
  void PutChecks(const contract::Table& table) {
    Value::Members checks;
    for (const contract::DerivedCheck& derived : contract::ChecksOf(table).checks) {
      const contract::Property* property = table.Find(derived.column);
      bool is_of_column = property && derived.path == property->path;
      if (is_of_column || derived.check.type == "expect_column_values_to_exist_in_table") continue;
      Value::Members kwargs;
      for (const auto& [name, value] : derived.check.kwargs.members())
        kwargs.emplace_back(name, config::FromJson(value));
      if (derived.check.severity != "critical")
        kwargs.emplace_back("severity", Value::String(derived.check.severity));
      std::string name = contract::IdentifierOf(derived.check.name);
      bool is_taken = std::any_of(checks.begin(), checks.end(),
                                  [&](const auto& check) { return check.first == name; });
      if (is_taken) name += fmt::format("_{}", checks.size() + 1);
      SourceRange at = read_.PlaceOf(derived.path);
      checks.emplace_back(name, config::CheckValue(derived.check.type, std::move(kwargs), at));
    }
    PutValue("checks", Value::Object(std::move(checks)), read_.PlaceOf(table.path));
  }

  void Put(const std::string& name, const Json& json, std::string_view pointer) {
    PutValue(name, config::FromJson(json), read_.PlaceOf(pointer));
  }
  void PutValue(const std::string& name, Value value, SourceRange at) {
    Value::Members members;
    for (const std::string& known : decoded_->object.attribute_order()) {
      if (known != name) members.emplace_back(known, *decoded_->object.Find(known));
    }
    members.emplace_back(name, std::move(value));
    decoded_->object = Value::Object(std::move(members));
    decoded_->positions[name] = std::move(at);
  }

  config::Decoded* decoded_;
  contract::ReadFile read_;
};

}  // namespace

void CompleteContract(const io::FileSystem& files, const std::string& dir,
                      config::Decoded* decoded) {
  Completer(decoded).Run(files, dir);
}

}  // namespace andon::builtin
