#include "infra/instance_plan.h"

#include <fmt/format.h>

#include "base/text.h"
#include "hcl/eval.h"
#include "infra/codes.h"
#include "provider/ignore_changes.h"
#include "provider/plan_valid.h"
#include "provider/proposed_new.h"
#include "provider/schema_values.h"

namespace andon::infra {

using value::Path;
using value::PathMarks;
using value::Value;

namespace {

// The path of a traversal relative to an object: tags["owner"], settings[0].name.
Path PathOf(const hcl::Traversal& traversal) {
  Path path = Path().Attribute(traversal.root);
  for (const hcl::Step& step : traversal.steps) {
    path = step.kind == hcl::StepKind::kAttribute ? path.Attribute(step.text)
                                                  : path.Index(hcl::IndexKey(step));
  }
  return path;
}

Value Ignoring(const config::Resource& block, const Value& prior, const Value& config,
               const provider::BlockSchema& schema) {
  provider::IgnoredChanges ignored{.all = block.ignores_all_changes};
  for (const hcl::Traversal& traversal : block.ignore_changes)
    ignored.paths.push_back(PathOf(traversal));
  if (!ignored.all && ignored.paths.empty()) return config;
  return provider::IgnoreChanges(schema, prior, config, ignored);
}

bool SameSensitivity(const std::vector<PathMarks>& a, const std::vector<PathMarks>& b) {
  auto has = [](const std::vector<PathMarks>& all, const PathMarks& one) {
    for (const PathMarks& other : all) {
      if (other.path == one.path && other.marks.Has(value::Mark::kSensitive)) return true;
    }
    return false;
  };
  for (const PathMarks& one : a) {
    if (one.marks.Has(value::Mark::kSensitive) && !has(b, one)) return false;
  }
  for (const PathMarks& one : b) {
    if (one.marks.Has(value::Mark::kSensitive) && !has(a, one)) return false;
  }
  return true;
}

class Conversation {
 public:
  explicit Conversation(const InstancePlanRequest& request) : request_(request) {}

  InstancePlan Run() {
    if (!Validate()) return std::move(out_);
    bool starts_anew = request_.prior.is_null() || request_.is_tainted;
    Value prior = starts_anew ? Value::Null(request_.type.block.type) : request_.prior;
    auto [plain_prior, prior_marks] = value::UnmarkDeepWithPaths(prior);
    Value config = Ignoring(request_.block, prior, request_.config, schema().block);
    auto response = Ask(plain_prior, config, starts_anew ? std::string() : request_.prior_private,
                        starts_anew ? Value::Null() : request_.prior_identity);
    if (!response) return std::move(out_);
    Value planned = Marked(response->planned, config);
    Value plain_planned = planned.UnmarkDeep();
    if (!FindReplacePaths(*response, plain_prior, plain_planned)) return std::move(out_);
    Value equal = plain_planned.Equals(plain_prior);
    bool is_equal = equal.is_known() && equal.boolean();
    bool is_forced = request_.is_replace_requested || request_.is_replace_triggered;
    if (plain_prior.is_null()) {
      out_.action = Action::kCreate;
    } else if (is_forced || (!is_equal && !out_.replace_paths.empty())) {
      out_.action = ReplaceOrder();
      out_.reason = request_.is_replace_requested   ? Reason::kReplaceRequested
                    : request_.is_replace_triggered ? Reason::kReplaceTriggered
                                                    : Reason::kReplaceCannotUpdate;
    } else {
      out_.action = is_equal ? Action::kNoOp : Action::kUpdate;
    }
    std::string private_data = response->private_data;
    Value identity = response->identity;
    if (IsReplace(out_.action)) {
      // Of an object that is made anew nothing of the old one is known.
      response =
          Ask(Value::Null(request_.type.block.type), request_.config, private_data, Value::Null());
      if (!response) return std::move(out_);
      planned = Marked(response->planned, request_.config);
      private_data = response->private_data;
      identity = response->identity;
    }
    if (out_.action == Action::kCreate && request_.is_tainted && !request_.prior.is_null()) {
      out_.action = ReplaceOrder();
      out_.reason = Reason::kReplaceTainted;
    }
    out_.before = request_.prior;
    if (out_.action == Action::kNoOp &&
        !SameSensitivity(value::UnmarkDeepWithPaths(planned).second, prior_marks))
      out_.action = Action::kUpdate;
    if (request_.planned != nullptr && IsReplace(request_.planned->action) &&
        out_.action == Action::kCreate) {
      // The old object is destroyed by now, or set aside.
      out_.action = request_.planned->action;
      out_.before = request_.planned->before;
    }
    out_.after = out_.action == Action::kNoOp ? request_.prior : planned;
    out_.after_identity = identity;
    out_.private_data = std::move(private_data);
    out_.ok = true;
    return std::move(out_);
  }

 private:
  const provider::Schema& schema() const { return *request_.type.schema; }

  Action ReplaceOrder() const {
    if (request_.planned != nullptr && IsReplace(request_.planned->action))
      return request_.planned->action;
    return request_.create_before_destroy ? Action::kCreateThenDelete : Action::kDeleteThenCreate;
  }

  bool Validate() {
    Say(request_.provider.ValidateResourceConfig(
        {.type = request_.address.kind,
         .config = request_.config.UnmarkDeep(),
         .capabilities = {.write_only_attributes_allowed = true}}));
    return !HasErrors(out_.said);
  }

  void Say(provider::AttributeDiagnostics said) {
    for (provider::AttributeDiagnostic& one : said) out_.said.push_back(std::move(one));
  }

  void Blame(const Code& code, std::string detail) {
    Diagnostic d = Message(code, std::move(detail), request_.block.range);
    d.address = ToString(request_.address);
    d.help = "This is a bug in the provider; report it to those who maintain it.";
    out_.diagnostics.Add(std::move(d));
  }

  std::optional<provider::PlanResourceChangeResponse> Ask(const Value& prior, const Value& config,
                                                          const std::string& private_data,
                                                          const Value& identity) {
    Value plain = config.UnmarkDeep();
    auto response = request_.provider.PlanResourceChange(
        {.type = request_.address.kind,
         .prior = prior,
         .proposed = provider::ProposedNew(schema().block, prior, plain),
         .config = plain,
         .prior_identity = identity,
         .private_data = private_data,
         .capabilities = {.write_only_attributes_allowed = true}});
    Say(response.diagnostics);
    if (HasErrors(response.diagnostics)) return std::nullopt;
    if (auto wrong = provider::CheckConformance(response.planned, request_.type.block.type)) {
      Blame(kInvalidPlan, fmt::format("The provider planned a value that does not have the form "
                                      "of its own schema: {}.",
                                      *wrong));
      return std::nullopt;
    }
    auto problems = provider::CheckPlanned(schema().block, prior, plain, response.planned);
    if (!problems.empty() && !response.legacy_type_system) {
      for (const provider::Problem& problem : problems)
        Blame(kInvalidPlan,
              fmt::format("The provider planned an invalid value for {}{}: {}.",
                          ToString(request_.address), ToString(problem.path), problem.text));
      return std::nullopt;
    }
    if (response.legacy_type_system && !request_.block.ignore_changes.empty())
      response.planned = Ignoring(request_.block, prior, response.planned, schema().block);
    return response;
  }

  // With the marks of the configuration, and those that the schema asks for.
  Value Marked(const Value& planned, const Value& config) const {
    return provider::Storable(schema().block, planned, value::UnmarkDeepWithPaths(config).second);
  }

  // Those of the provider's paths at which something differs.
  bool FindReplacePaths(const provider::PlanResourceChangeResponse& response, const Value& prior,
                        const Value& planned) {
    if (prior.is_null()) return true;
    for (const Path& path : response.requires_replace) {
      auto old = path.Apply(prior);
      auto next = path.Apply(planned);
      if (!old.ok() && !next.ok()) {
        Blame(kInvalidPlan, fmt::format("The provider asks for a replacement because of {}{}, "
                                        "which does not exist.",
                                        ToString(request_.address), ToString(path)));
        return false;
      }
      Value a = old.ok() ? *old : Value::Null(next->type());
      Value b = next.ok() ? *next : Value::Null(old->type());
      Value equal = a.UnmarkDeep().Equals(b.UnmarkDeep());
      const provider::AttributeSchema* attribute = provider::AttributeAt(schema().block, path);
      bool is_write_only = attribute != nullptr && attribute->write_only;
      if (!equal.is_known() || !equal.boolean() || is_write_only)
        out_.replace_paths.push_back(path);
    }
    return true;
  }

  const InstancePlanRequest& request_;
  InstancePlan out_;
};

}  // namespace

InstancePlan PlanInstance(const InstancePlanRequest& request) {
  return Conversation(request).Run();
}

std::vector<Cause> CausesOf(const config::Resource& block, const Value& before,
                            const Value& after) {
  std::vector<Cause> out;
  if (before.is_null() || after.is_null()) return out;
  for (const hcl::Attribute& attribute : block.body.attributes) {
    const Value* old = before.Find(attribute.name);
    const Value* next = after.Find(attribute.name);
    if (old == nullptr || next == nullptr) continue;
    if (old->UnmarkDeep().RawEquals(next->UnmarkDeep())) continue;
    hcl::Expression expression = attribute.expression();
    out.push_back(
        {std::string(attribute.name), std::string(Trim(expression.text())), expression.range()});
  }
  return out;
}

}  // namespace andon::infra
