#include "config/variables.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "config/codes.h"
#include "hcl/eval.h"
#include "hcl/parser.h"
#include "io/path.h"
#include "value/convert.h"
#include "value/json.h"

extern char** environ;

namespace andon::config {
namespace {

using value::Value;

// One value that somebody gave, before conversion.
struct Given {
  Value value;
  SourceRange range;   // Of its expression, where it stands in a file.
  std::string origin;  // "-var", "TF_VAR_x": for messages without a range.
};

class Reader {
 public:
  Reader(const io::FileSystem& files, Module* module) : files_(files), module_(module) {}

  VariableValues Read(const VariableInput& input) {
    ReadEnvironment(input.environment);
    ReadAutomaticFiles();
    for (const auto& [flag, text] : input.flags) {
      if (flag == "var-file") {
        ReadFile(text);
      } else {
        ReadFlag(text);
      }
    }
    for (const auto& [name, value] : input.values) {
      if (Declared(name, {}, Severity::kError)) given_[name] = {value, {}, "of the test"};
    }
    for (const auto& [name, variable] : module_->variables) out_.values[name] = Final(variable);
    return std::move(out_);
  }

 private:
  void ReadEnvironment(const std::map<std::string, std::string>& environment) {
    // Both spellings; ours wins.
    for (std::string_view prefix : {"TF_VAR_", "ANDON_VAR_"}) {
      for (const auto& [name, variable] : module_->variables) {
        auto it = environment.find(std::string(prefix) + name);
        if (it != environment.end()) given_[name] = FromText(it->second, variable, it->first);
      }
    }
  }

  void ReadAutomaticFiles() {
    auto entries = files_.List(module_->dir);
    if (!entries.ok()) return;
    for (const char* name : {"terraform.tfvars", "terraform.tfvars.json"}) {
      if (files_.Exists(io::Join(module_->dir, name))) ReadFile(name);
    }
    for (const io::FileInfo& entry : *entries) {
      bool is_auto =
          entry.name.ends_with(".auto.tfvars") || entry.name.ends_with(".auto.tfvars.json");
      if (is_auto && !entry.is_dir) ReadFile(entry.name);
    }
  }

  void ReadFile(const std::string& name) {
    auto text = files_.Read(io::IsAbsolute(name) ? name : io::Join(module_->dir, name));
    if (!text.ok()) {
      Report(&out_.diagnostics, kUnreadableFile, text.error().message, {});
      return;
    }
    module_->sources.Add(name, *text);
    if (name.ends_with(".json")) return ReadJson(name, *text);
    hcl::ParsedFile parsed = hcl::ParseFile(name, std::move(*text));
    out_.diagnostics.Append(parsed.diagnostics);
    for (const hcl::Block& block : parsed.file->body().blocks) {
      Report(
          &out_.diagnostics, kInvalidVariables,
          "A file of variable values holds only lines like name = value, no blocks. Variables are "
          "declared in .tf and .andon.hcl files.",
          block.header_range());
    }
    for (const hcl::Attribute& attribute : parsed.file->body().attributes) {
      auto evaluated = hcl::EvaluateConstant(attribute.expression());
      out_.diagnostics.Append(evaluated.diagnostics);
      if (!Declared(std::string(attribute.name), attribute.name_range())) continue;
      Value value = evaluated.diagnostics.has_errors() ? Value::Dynamic() : evaluated.value;
      given_[std::string(attribute.name)] = {value, attribute.expression().range(), name};
    }
    module_->files.push_back(parsed.file);
  }

  void ReadJson(const std::string& name, const std::string& text) {
    auto document = value::FromJsonText(text);
    if (!document.ok() || !document->is_known_not_null() || !document->type().is_object()) {
      Report(&out_.diagnostics, kInvalidVariables,
             fmt::format("{} must be a JSON object of variable values{}", name,
                         document.ok() ? "." : ": " + document.error().message),
             {});
      return;
    }
    for (const auto& [variable, value] : document->members()) {
      if (Declared(variable, {})) given_[variable] = {value, {}, name};
    }
  }

  // Terraform lets files hold values that one of several projects does not use.
  bool Declared(const std::string& name, const SourceRange& range,
                Severity severity = Severity::kWarning) {
    if (module_->variables.contains(name)) return true;
    std::vector<std::string> known;
    for (const auto& [variable, unused] : module_->variables) known.push_back(variable);
    Diagnostic d =
        Message(kUndeclaredVariable,
                fmt::format("No file declares a variable \"{}\". Declare it with a block variable "
                            "\"{}\" {{}}, or remove the value.",
                            name, name),
                range);
    d.at_caret = Suggest(DidYouMean(name, known));
    d.severity = severity;
    out_.diagnostics.Add(std::move(d));
    return false;
  }

  void ReadFlag(const std::string& text) {
    size_t equals = text.find('=');
    if (equals == std::string::npos || equals == 0) {
      Report(&out_.diagnostics, kInvalidVariables,
             fmt::format("-var takes NAME=VALUE, not \"{}\".", text), {});
      return;
    }
    std::string name(Trim(text.substr(0, equals)));
    // A flag is typed for this very command, so its mistake is one.
    if (!Declared(name, {}, Severity::kError)) return;
    given_[name] = FromText(text.substr(equals + 1), module_->variables.find(name)->second, "-var");
  }

  // Text is taken as it is for variables of a primitive type, and as an
  // expression for all others.
  Given FromText(const std::string& text, const Variable& variable, const std::string& origin) {
    const value::Type& type = variable.type.type;
    if (type.is_primitive() || type.is_dynamic()) return {Value::String(text), {}, origin};
    std::string file = fmt::format("<value for var.{}>", variable.name);
    module_->sources.Add(file, text);
    hcl::ParsedExpression parsed = hcl::ParseExpression(text, file);
    out_.diagnostics.Append(parsed.diagnostics);
    if (parsed.diagnostics.has_errors()) return {Value::Dynamic(), {}, origin};
    auto evaluated = hcl::EvaluateConstant(parsed.expression);
    out_.diagnostics.Append(evaluated.diagnostics);
    return {evaluated.diagnostics.has_errors() ? Value::Dynamic() : evaluated.value,
            parsed.expression.range(), origin};
  }

  Value Final(const Variable& variable) {
    auto it = given_.find(variable.name);
    Value value =
        it != given_.end() ? Converted(variable, it->second) : Value::Null(variable.type.type);
    bool is_absent = it == given_.end() || (value.is_null() && !variable.nullable);
    if (is_absent) value = Fallback(variable, it != given_.end());
    value::Marks marks;
    if (variable.sensitive) marks |= value::Mark::kSensitive;
    if (variable.ephemeral) marks |= value::Mark::kEphemeral;
    return marks.empty() ? value : value.WithMarks(marks);
  }

  Value Fallback(const Variable& variable, bool was_null) {
    if (variable.fallback) return *variable.fallback;
    Diagnostic d = Message(
        was_null ? kInvalidValue : kNoValue,
        was_null
            ? fmt::format("The variable \"{}\" must not be null.", variable.name)
            : fmt::format("The variable \"{}\" has no default and got no value.", variable.name),
        variable.range);
    d.help = fmt::format(
        "Give it with -var '{}=…', in terraform.tfvars, or as the environment variable TF_VAR_{}.",
        variable.name, variable.name);
    out_.diagnostics.Add(std::move(d));
    return Value::Unknown(variable.type.type);
  }

  Value Converted(const Variable& variable, const Given& given) {
    Value value = given.value;
    if (variable.type.defaults) value = ApplyDefaults(value, *variable.type.defaults);
    auto converted = value::Convert(value, variable.type.type);
    if (converted.ok()) return *converted;
    Diagnostic d =
        Message(kInvalidValue,
                fmt::format("The value of the variable \"{}\"{} does not fit its type: {}.",
                            variable.name, given.range.exists() ? "" : " (" + given.origin + ")",
                            variable.sensitive ? "it is sensitive" : converted.error().message),
                given.range.exists() ? given.range : variable.range);
    if (given.range.exists()) d.labels.push_back({variable.range, "declared here"});
    out_.diagnostics.Add(std::move(d));
    return Value::Unknown(variable.type.type);
  }

  const io::FileSystem& files_;
  Module* module_;
  std::map<std::string, Given> given_;
  VariableValues out_;
};

}  // namespace

std::map<std::string, std::string> VariableEnvironment() {
  std::map<std::string, std::string> out;
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    std::string_view text(*entry);
    if (!text.starts_with("TF_VAR_") && !text.starts_with("ANDON_VAR_")) continue;
    size_t equals = text.find('=');
    if (equals != std::string_view::npos)
      out.emplace(text.substr(0, equals), text.substr(equals + 1));
  }
  return out;
}

VariableValues ReadVariables(const io::FileSystem& files, Module& module,
                             const VariableInput& input) {
  return Reader(files, &module).Read(input);
}

}  // namespace andon::config
