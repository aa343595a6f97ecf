#include "infra/provisioner.h"

#include <fmt/format.h>

#include "config/terraform/body.h"
#include "io/process.h"
#include "provider/schema.h"

namespace andon::infra {

using value::Type;
using value::Value;

namespace {

// What local-exec takes, as a provider would say it.
provider::BlockSchema LocalExecSchema() {
  auto attribute = [](std::string name, Type type, bool required = false) {
    provider::AttributeSchema a;
    a.name = std::move(name);
    a.type = std::move(type);
    a.required = required;
    a.optional = !required;
    return a;
  };
  provider::BlockSchema schema;
  schema.attributes = {attribute("command", Type::String(), true),
                       attribute("environment", Type::Map(Type::String())),
                       attribute("interpreter", Type::List(Type::String())),
                       attribute("quiet", Type::Bool()), attribute("working_dir", Type::String())};
  return schema;
}

// Hands over what comes, a line at a time.
class Lines {
 public:
  explicit Lines(const std::function<void(std::string_view)>& to) : to_(to) {}
  ~Lines() {
    if (!rest_.empty()) to_(rest_);
  }
  void Add(std::string_view text) {
    rest_ += text;
    size_t end = 0;
    while ((end = rest_.find('\n')) != std::string::npos) {
      to_(std::string_view(rest_).substr(0, end));
      rest_.erase(0, end + 1);
    }
  }

 private:
  const std::function<void(std::string_view)>& to_;
  std::string rest_;
};

std::string Text(const Value& object, std::string_view name) {
  const Value* value = object.Find(name);
  return value != nullptr && value->is_known_not_null() ? value->string() : std::string();
}

}  // namespace

Diagnostics RunProvisioner(const config::Provisioner& provisioner, const hcl::EvalContext& context,
                           std::stop_token stop,
                           const std::function<void(std::string_view line)>& on_line) {
  Diagnostics out;
  if (provisioner.type != "local-exec") {
    Report(&out, kNotSupportedYet,
           fmt::format("The provisioner \"{}\" needs a connection to a machine, which this version "
                       "cannot make. local-exec works.",
                       provisioner.type),
           provisioner.range);
    return out;
  }
  static const provider::BlockSchema kSchema = LocalExecSchema();
  auto decoded = config::DecodeBody(provisioner.body, kSchema, context);
  out.Append(decoded.diagnostics);
  if (out.has_errors()) return out;
  bool is_secret = decoded.value.contains_marked();
  Value config = decoded.value.UnmarkDeep();
  if (!config.is_wholly_known()) {
    Report(&out, kProvisioner, "A command must be known before it can run.", provisioner.range);
    return out;
  }
  io::Command command{.cwd = Text(config, "working_dir")};
  const Value* interpreter = config.Find("interpreter");
  if (interpreter != nullptr && !interpreter->is_null() && interpreter->size() > 0) {
    for (const Value& word : interpreter->items())
      command.argv.push_back(word.is_null() ? std::string() : word.string());
  } else {
    command.argv = {"/bin/sh", "-c"};
  }
  command.argv.push_back(Text(config, "command"));
  const Value* environment = config.Find("environment");
  if (environment != nullptr && !environment->is_null()) {
    for (const auto& [name, value] : environment->members())
      command.env[name] = value.is_null() ? std::string() : value.string();
  }
  const Value* quiet = config.Find("quiet");
  bool is_quiet = quiet != nullptr && !quiet->is_null() && quiet->boolean();
  std::string last;
  if (!is_secret && !is_quiet) on_line(fmt::format("Executing: {}", command.argv.back()));
  if (is_secret) on_line("(output suppressed due to sensitive value in config)");
  Result<io::Finished> done = [&] {
    std::function<void(std::string_view)> tell = [&](std::string_view line) {
      if (is_secret) return;
      last = line;
      on_line(line);
    };
    Lines lines(tell);
    return io::Run(command, stop, [&](bool, std::string_view text) { lines.Add(text); });
  }();
  std::string what;
  if (!done.ok()) {
    what = done.error().message;
  } else if (!done->status.ok()) {
    what = fmt::format("The command {}.", io::ToString(done->status));
    if (!last.empty()) what += fmt::format(" It printed last: {}", last);
  }
  if (!what.empty()) Report(&out, kProvisioner, what, provisioner.range);
  return out;
}

}  // namespace andon::infra
