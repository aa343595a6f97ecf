#include "infratest/variables.h"

#include <fmt/format.h>

#include "base/text.h"
#include "config/codes.h"
#include "hcl/eval.h"
#include "io/path.h"

namespace andon::infratest {
namespace {

using value::Value;

// The flags without those whose variable the module does not declare, which go to `other`.
config::VariableInput Known(const config::VariableInput& input, const config::Module& module,
                            Values* other) {
  config::VariableInput out;
  out.environment = input.environment;
  for (const auto& [flag, text] : input.flags) {
    size_t equals = text.find('=');
    if (flag == "var" && equals != std::string::npos) {
      std::string name(Trim(text.substr(0, equals)));
      if (!module.variables.contains(name)) {
        other->insert_or_assign(name, Value::String(text.substr(equals + 1)));
        continue;
      }
    }
    // Files are named from where the command runs, and read from the module's folder.
    bool is_elsewhere = flag == "var-file" && !io::IsAbsolute(text) && module.dir != ".";
    out.flags.emplace_back(flag, is_elsewhere ? io::Relative(text, module.dir) : text);
  }
  return out;
}

// Files of values serve several modules.
void Keep(Diagnostics* to, const Diagnostics& found) {
  for (const Diagnostic& d : found) {
    if (d.code != config::kUndeclaredVariable.code) to->Add(d);
  }
}

}  // namespace

RunVariables VariablesOf(const VariableSource& source, config::Module& module, const TestFile& file,
                         const Run& run, const Value& runs) {
  RunVariables out;
  config::VariableInput input = Known(source.input, module, &out.undeclared);
  // What is missing here the test may give.
  Values seen = out.undeclared;
  for (auto& [name, value] : config::ReadVariables(*source.files, module, input).values) {
    if (value.is_known()) seen.insert_or_assign(name, value);
  }
  Values given;
  auto evaluate = [&](const Expressions& expressions) {
    hcl::EvalContext context;
    context.functions = source.functions;
    Value::Members members(seen.begin(), seen.end());
    context.variables["var"] = Value::Object(std::move(members));
    context.variables["run"] = runs;
    for (const auto& [name, expression] : expressions) {
      auto evaluated = hcl::Evaluate(expression, context);
      out.diagnostics.Append(evaluated.diagnostics);
      if (evaluated.diagnostics.has_errors()) continue;
      given.insert_or_assign(name, evaluated.value);
      seen.insert_or_assign(name, evaluated.value);
    }
  };
  evaluate(file.variables);
  evaluate(run.variables);
  for (const auto& [name, value] : given) {
    if (module.variables.contains(name)) {
      input.values.emplace_back(name, value);
    } else {
      out.undeclared.insert_or_assign(name, value);
    }
  }
  if (out.diagnostics.has_errors()) return out;
  config::VariableValues values = config::ReadVariables(*source.files, module, input);
  Keep(&out.diagnostics, values.diagnostics);
  out.declared = std::move(values.values);
  return out;
}

}  // namespace andon::infratest
