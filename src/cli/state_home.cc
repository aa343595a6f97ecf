#include "cli/state_home.h"

#include <fmt/format.h>

#include <cstdlib>

#include "backend/codes.h"
#include "backend/record.h"
#include "base/text.h"
#include "builtin/language.h"
#include "cli/infrastructure.h"
#include "cli/planning.h"
#include "config/terraform/static_scope.h"
#include "functions/registry.h"
#include "hcl/json_file.h"
#include "hcl/parser.h"
#include "io/local_file_system.h"

namespace andon::cli {
namespace {

// Encryption from the environment is put over that of the files.
constexpr char kEncryptionVariable[] = "TF_ENCRYPTION";

io::LocalFileSystem& Files() {
  static io::LocalFileSystem files;
  return files;
}

// Finds what the blocks say; owns what their expressions need.
class Finder {
 public:
  Finder(const config::Module& module, const std::map<std::string, value::Value>& variables,
         const std::string& workspace, Diagnostics* diagnostics)
      : module_(module),
        functions_(functions::MakeTable({.base_dir = "."})),
        scope_(module, variables, {.workspace = workspace, .functions = &functions_}),
        evaluate_([this](hcl::Expression expression, std::string_view subject) {
          return scope_.Evaluate(expression, subject);
        }),
        diagnostics_(*diagnostics) {}

  void FindEncryption(StateHome* home) {
    std::vector<hcl::Body> bodies;
    if (module_.terraform.encryption) bodies = module_.terraform.encryption->bodies;
    std::shared_ptr<const hcl::File> from_environment;
    const char* variable = std::getenv(kEncryptionVariable);
    std::string text(Trim(variable == nullptr ? "" : variable));
    if (!text.empty()) {
      auto parsed = text.front() == '{' ? hcl::ParseJsonFile(kEncryptionVariable, text)
                                        : hcl::ParseFile(kEncryptionVariable, text);
      from_environment = parsed.file;
      diagnostics_.Append(std::move(parsed.diagnostics));
      bodies.push_back(from_environment->body());
    }
    if (bodies.empty()) return;
    home->encryption = encryption::Decode(bodies, evaluate_, &diagnostics_);
    home->state_codec = encryption::Codec(home->encryption, home->encryption.state, "state");
    home->plan_codec = encryption::Codec(home->encryption, home->encryption.plan, "plan");
  }

  void FindBackend(StateHome* home) {
    const auto& block = module_.terraform.backend;
    SourceRange at = block ? block->range : SourceRange();
    if (block) {
      size_t before = diagnostics_.size();
      home->block = backend::ReadBlock(*block, evaluate_, &diagnostics_);
      if (diagnostics_.size() != before) return;
    }
    auto record = backend::ReadRecord(Files(), ".");
    if (!record.ok())
      return backend::Report(&diagnostics_, backend::kInvalidBackend, record.error().message, at);
    Compare(*record, home);
  }

 private:
  void Compare(const std::optional<backend::Record>& record, StateHome* home) {
    if (home->block && record && backend::IsOf(*record, *home->block)) {
      home->settings = record->settings;
      return;
    }
    if (home->block) home->settings = *home->block;
    bool is_local = !home->block || home->block->type == "local";
    if (!record && is_local) return;
    if (record && record->settings.type == "local" && !home->block) return;
    if (!record) {
      home->needs_init = fmt::format(
          "Backend initialization required, please run \"andon init\": the state is to be kept by "
          "the backend \"{}\", which was not initialised in this folder.",
          home->block->type);
    } else if (!home->block) {
      home->needs_init = fmt::format(
          "Backend initialization required, please run \"andon init\": the state is kept by the "
          "backend \"{}\", and the files have no backend block any more. \"andon init "
          "-migrate-state\" brings it back into local files; -reconfigure leaves it where it is.",
          record->settings.type);
    } else {
      home->needs_init = fmt::format(
          "Backend configuration changed: it is not the one that \"andon init\" has seen (\"{}\"). "
          "\"andon init -migrate-state\" takes the state along; -reconfigure leaves it where it "
          "is.",
          record->settings.type);
    }
  }

  const config::Module& module_;
  hcl::FunctionTable functions_;
  config::StaticScope scope_;
  encryption::Evaluate evaluate_;
  Diagnostics& diagnostics_;
};

}  // namespace

StateHome FindStateHome(const config::Module& module,
                        const std::map<std::string, value::Value>& variables,
                        const std::string& workspace, Diagnostics* diagnostics) {
  StateHome home{.workspace = workspace};
  Finder finder(module, variables, workspace, diagnostics);
  finder.FindEncryption(&home);
  finder.FindBackend(&home);
  return home;
}

Result<StateHome> StateHomeOf(Context& context, const Arguments& arguments) {
  config::Module module = config::Load(Files(), ".", builtin::DataLanguage());
  context.sources = module.sources;
  config::VariableValues variables = config::ReadVariables(Files(), module, VariablesOf(arguments));
  Diagnostics found;
  StateHome home = FindStateHome(module, variables.values, SelectedWorkspace(), &found);
  found.Sort();
  context.Report(found);
  if (found.has_errors()) return Error::Invalid("The state cannot be reached.");
  return home;
}

backend::World WorldOf(const Context& context) {
  return {.files = Files(), .clock = *context.clock, .dir = ".", .actor = context.actor};
}

Result<std::shared_ptr<state::Backend>> OpenBackend(const Context& context, const StateHome& home) {
  if (!home.needs_init.empty()) return Error::Invalid("{}", home.needs_init);
  TRY(backend::Complete(home.settings));
  auto opened = TRY(backend::Open(home.settings, WorldOf(context)));
  return std::shared_ptr<state::Backend>(std::move(opened));
}

}  // namespace andon::cli
