// What the tests of this room share: a world, a provider that does there what the test says and
// remembers what it was asked, and a project that is planned and applied with it.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "functions/registry.h"
#include "infra/apply.h"
#include "infra/planner.h"
#include "io/memory_file_system.h"
#include "provider/terraform_provider.h"

namespace andon::infra {
using Lines = std::vector<std::string>;
using value::Type;
using value::Value;

inline testing::AssertionResult Has(const std::string& text, const std::string& part) {
  if (text.find(part) != std::string::npos) return testing::AssertionSuccess();
  return testing::AssertionFailure() << "\"" << part << "\" is not in:\n" << text;
}

inline Lines Sorted(Lines lines) {
  std::sort(lines.begin(), lines.end());
  return lines;
}

inline const config::Language& NoData() {
  static const config::Language kNone;
  return kNone;
}

inline provider::AttributeSchema Attribute(std::string name, Type type, bool optional,
                                           bool computed) {
  provider::AttributeSchema a;
  a.name = std::move(name);
  a.type = std::move(type);
  a.optional = optional;
  a.computed = computed;
  return a;
}

// What stands outside, and what was done to it.
struct World {
  std::mutex mutex;
  std::map<std::string, Value> objects;  // By id.
  std::vector<std::string> log;          // "create a", "destroy a", …: by the object's name.
  std::set<std::string> fail_create, fail_destroy, fail_partly;
  bool gives_wrong_result = false;
  std::map<std::string, std::string> passwords;  // Write-only, by the name of the thing.
  std::set<std::string> fail_read;               // Ids that data sources cannot read.
  // Of a token that is opened: how long it lasts; for ever where nothing is said.
  std::optional<Duration> token_lasts;
  int next = 1;
  bool waits_for_renewal = false;  // Nothing is made before a token was renewed.
  std::condition_variable renewed;

  void Log(const std::string& what, const Value& object) {
    const Value* name = object.Find("name");
    log.push_back(what + " " + (name->is_null() ? "?" : name->string()));
  }
};

inline Value With(const Value& object, std::string_view name, Value value) {
  Value::Members members = object.members();
  for (auto& [key, member] : members) {
    if (key == name) member = std::move(value);
  }
  return Value::Object(std::move(members));
}

inline provider::AttributeDiagnostics Failure(std::string says) {
  return {{.diagnostic = {.summary = "Refused", .detail = std::move(says)}}};
}

// fake_thing: name (needs a new object), size, secret (sensitive), password (write-only), id.
// data.fake_thing: the size of a thing by its id. ephemeral.fake_token: a value for a name.
// provider::fake::twice(number).
class Fake : public provider::Provider {
 public:
  explicit Fake(World& world) : world_(world) {
    provider::Schema thing;
    thing.block.attributes = {Attribute("id", Type::String(), false, true),
                              Attribute("name", Type::String(), true, false),
                              Attribute("password", Type::String(), true, false),
                              Attribute("secret", Type::String(), true, false),
                              Attribute("size", Type::Number(), true, true)};
    thing.block.attributes[2].write_only = true;
    thing.block.attributes[3].sensitive = true;
    provider::Schema data;
    data.block.attributes = {Attribute("id", Type::String(), true, false),
                             Attribute("size", Type::Number(), false, true)};
    schema_.schema.resources["fake_thing"] = thing;
    schema_.schema.data_sources["fake_thing"] = data;
    schema_.schema.provider.block.attributes = {Attribute("region", Type::String(), true, false)};
    provider::Schema token;
    token.block.attributes = {Attribute("name", Type::String(), true, false),
                              Attribute("value", Type::String(), false, true)};
    schema_.schema.ephemeral_resources["fake_token"] = token;
    provider::FunctionSchema twice;
    twice.parameters = {{.name = "number", .type = Type::Number()}};
    twice.return_type = Type::Number();
    schema_.schema.functions["twice"] = twice;
  }

  const provider::GetSchemaResponse& GetSchema() override { return schema_; }

  provider::AttributeDiagnostics Configure(const provider::ConfigureRequest& request) override {
    std::lock_guard lock(world_.mutex);
    const Value& region = *request.config.Find("region");
    world_.log.push_back("configure " +
                         (region.is_known_not_null() ? region.string() : std::string("?")));
    return {};
  }

  provider::ReadResourceResponse ReadResource(
      const provider::ReadResourceRequest& request) override {
    std::lock_guard lock(world_.mutex);
    auto it = world_.objects.find(request.prior.Find("id")->string());
    return {.state = it == world_.objects.end() ? Value::Null(request.prior.type()) : it->second,
            .private_data = request.private_data};
  }

  provider::PlanResourceChangeResponse PlanResourceChange(
      const provider::PlanResourceChangeRequest& request) override {
    provider::PlanResourceChangeResponse out{.planned = request.proposed};
    if (request.proposed.is_null()) return out;
    if (request.prior.is_null()) {
      out.planned = With(out.planned, "id", Value::Unknown(Type::String()));
      if (out.planned.Find("size")->is_null())
        out.planned = With(out.planned, "size", Value::Unknown(Type::Number()));
    }
    out.requires_replace = {value::Path().Attribute("name")};
    return out;
  }

  provider::ApplyResourceChangeResponse ApplyResourceChange(
      const provider::ApplyResourceChangeRequest& request) override {
    std::unique_lock lock(world_.mutex);
    auto is_renewed = [this] {
      return std::any_of(world_.log.begin(), world_.log.end(),
                         [](const std::string& line) { return line.starts_with("renew"); });
    };
    if (world_.waits_for_renewal) world_.renewed.wait(lock, is_renewed);
    if (request.planned.is_null()) {
      const std::string& name = request.prior.Find("name")->string();
      if (world_.fail_destroy.contains(name))
        return {.state = request.prior, .diagnostics = Failure("It is in use.")};
      world_.Log("destroy", request.prior);
      world_.objects.erase(request.prior.Find("id")->string());
      return {.state = request.planned};
    }
    const std::string& name = request.planned.Find("name")->string();
    if (world_.fail_create.contains(name))
      return {.state = Value::Null(request.planned.type()),
              .diagnostics = Failure("No more of them.")};
    Value made = request.planned;
    if (!made.Find("id")->is_known())
      made = With(made, "id", Value::String("t-" + std::to_string(world_.next++)));
    if (!made.Find("size")->is_known()) made = With(made, "size", Value::Number(1));
    if (const Value& password = *request.config.Find("password"); password.is_known_not_null())
      world_.passwords[name] = password.string();
    if (world_.gives_wrong_result) made = With(made, "size", Value::Number(99));
    world_.Log(request.prior.is_null() ? "create" : "update", made);
    world_.objects[made.Find("id")->string()] = made;
    provider::ApplyResourceChangeResponse out{.state = made, .private_data = "p"};
    if (world_.fail_partly.contains(name)) out.diagnostics = Failure("Half of it is there.");
    return out;
  }

  provider::ImportResourceStateResponse ImportResourceState(
      const provider::ImportResourceStateRequest& request) override {
    Value none = Value::Null(Type::String());
    return {.resources = {{.type = "fake_thing",
                           .state = Value::Object({{"id", Value::String(request.id)},
                                                   {"name", none},
                                                   {"password", none},
                                                   {"secret", none},
                                                   {"size", Value::Null(Type::Number())}})}}};
  }

  provider::ReadDataSourceResponse ReadDataSource(
      const provider::ReadDataSourceRequest& request) override {
    std::lock_guard lock(world_.mutex);
    const std::string& id = request.config.Find("id")->string();
    if (world_.fail_read.contains(id)) return {.diagnostics = Failure("It cannot be read.")};
    auto it = world_.objects.find(id);
    Value size = it == world_.objects.end() ? Value::Number(0) : *it->second.Find("size");
    return {.state = With(request.config, "size", size)};
  }

  provider::OpenEphemeralResourceResponse OpenEphemeralResource(
      const provider::OpenEphemeralResourceRequest& request) override {
    std::lock_guard lock(world_.mutex);
    world_.Log("open", request.config);
    std::string name = request.config.Find("name")->string();
    provider::OpenEphemeralResourceResponse out{
        .result = With(request.config, "value", Value::String("token-of-" + name)),
        .private_data = name};
    if (world_.token_lasts) out.renew_at = SystemClock().Now() + *world_.token_lasts;
    return out;
  }

  provider::RenewEphemeralResourceResponse RenewEphemeralResource(
      const provider::OpenedEphemeralResource& opened) override {
    std::lock_guard lock(world_.mutex);
    world_.log.push_back("renew " + opened.private_data);
    world_.renewed.notify_all();
    return {.private_data = opened.private_data + "'"};
  }

  provider::AttributeDiagnostics CloseEphemeralResource(
      const provider::OpenedEphemeralResource& opened) override {
    std::lock_guard lock(world_.mutex);
    world_.log.push_back("close " + opened.private_data);
    return {};
  }

  provider::CallFunctionResponse CallFunction(
      const provider::CallFunctionRequest& request) override {
    const value::Number& number = request.arguments[0].number();
    if (number == value::Number(13))
      return {.error = provider::FunctionError{.text = "13 brings bad luck.", .argument = 0}};
    return {.result = Value::Number(number + number)};
  }

 private:
  World& world_;
  provider::GetSchemaResponse schema_;
};

class Source : public ProviderSource {
 public:
  explicit Source(World& world) : world_(world) {}
  Result<std::unique_ptr<provider::Provider>> Start(
      const config::ProviderAddress& address) override {
    if (address.is_builtin())
      return std::unique_ptr<provider::Provider>(provider::MakeTerraformProvider());
    if (address.type != "fake") return Error::NotFound("{} is not installed.", address.type);
    ++started;
    return std::unique_ptr<provider::Provider>(std::make_unique<Fake>(world_));
  }
  std::atomic<int> started = 0;

 private:
  World& world_;
};

inline std::string ActionText(const ResourceChange& change) {
  static const std::map<Action, std::string> kWords = {{Action::kNoOp, "="},
                                                       {Action::kCreate, "+"},
                                                       {Action::kRead, "<="},
                                                       {Action::kUpdate, "~"},
                                                       {Action::kDelete, "-"},
                                                       {Action::kDeleteThenCreate, "-/+"},
                                                       {Action::kCreateThenDelete, "+/-"},
                                                       {Action::kForget, "."},
                                                       {Action::kForgetThenCreate, "./+"}};
  std::string out = kWords.at(change.action) + " " + ToString(change.address);
  if (!change.deposed.empty()) out += " (deposed)";
  return out;
}

class InfraTest : public testing::Test {
 protected:
  void Write(const std::string& name, const std::string& text) {
    ASSERT_TRUE(files_.WriteAtomically(name, text).ok());
  }

  // Plans main.tf, with the state as the last apply left it.
  Plan MakePlan(const std::string& main, std::function<void(PlanOptions&)> change = {}) {
    Write("p/main.tf", main);
    return PlanAgain(change);
  }

  Plan PlanAgain(std::function<void(PlanOptions&)> change = {}) {
    tree_ = config::LoadModuleTree(
        files_, std::make_unique<config::Module>(config::Load(files_, "p", NoData())));
    for (const Diagnostic& d : tree_.diagnostics) ADD_FAILURE() << d.summary << ": " << d.detail;
    pool_ = std::make_unique<ProviderPool>(source_);
    PlanOptions options{
        .functions = &functions_, .pool = pool_.get(), .executor = &executor_, .parallel = 2};
    for (const auto& [name, variable] : tree_.root->module->variables)
      options.variables[name] = variable.fallback.value_or(Value::Dynamic());
    if (change) change(options);
    return infra::MakePlan(tree_, state_, options);
  }

  Applied Apply(Plan plan, std::stop_token stop = {}) {
    EXPECT_FALSE(plan.diagnostics.has_errors()) << Said(plan.diagnostics);
    Applied applied = infra::Apply(tree_, std::move(plan),
                                   {.functions = &functions_,
                                    .pool = pool_.get(),
                                    .executor = &executor_,
                                    .parallel = 2,
                                    .stop = std::move(stop)});
    state_ = applied.state;
    return applied;
  }

  Applied Apply(const std::string& main) { return Apply(MakePlan(main)); }

  static std::string Said(const Diagnostics& diagnostics) {
    std::string out;
    for (const Diagnostic& d : diagnostics) out += d.summary + ": " + d.detail + "\n";
    return out;
  }

  // What is not "stays as it is", in order.
  static std::vector<std::string> Changes(const Plan& plan) {
    std::vector<std::string> out;
    for (const ResourceChange& change : plan.changes) {
      if (change.action != Action::kNoOp) out.push_back(ActionText(change));
    }
    return out;
  }

  std::vector<std::string> TakeLog() {
    std::lock_guard lock(world_.mutex);
    std::erase_if(world_.log,
                  [](const std::string& line) { return line.starts_with("configure"); });
    return std::exchange(world_.log, {});
  }

  io::MemoryFileSystem files_;
  World world_;
  Source source_{world_};
  hcl::FunctionTable functions_ = functions::MakeTable({});
  Executor executor_{2};
  std::unique_ptr<ProviderPool> pool_;
  config::ModuleTree tree_;
  state::State state_;
};

}  // namespace andon::infra
