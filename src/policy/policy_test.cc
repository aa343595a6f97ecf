#include "policy/policy.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "builtin/language.h"
#include "functions/registry.h"
#include "io/memory_file_system.h"

namespace andon::policy {
namespace {

using value::Type;
using value::Value;

class PolicyTest : public ::testing::Test {
 protected:
  // What a policy says of a plan, "code address: detail" by line; or what is wrong with it.
  std::string Judged(const std::string& text) {
    io::MemoryFileSystem files;
    EXPECT_TRUE(files.Write("rules.andon.hcl", text).ok());
    config::Module module = config::Load(files, ".", builtin::DataLanguage());
    Policies policies = ReadPolicies(module, &functions_);
    Diagnostics wrong = module.diagnostics;
    wrong.Append(policies.diagnostics);
    if (!wrong.empty()) return fmt::format("{}: {}", wrong.list()[0].code, wrong.list()[0].detail);
    EXPECT_TRUE(module.blocks.empty());
    Judgement judgement = Judge(policies.list, module, {}, &functions_, plan_);
    std::string out = judgement.refuses ? "refused\n" : "";
    for (const Diagnostic& d : judgement.diagnostics) out += d.code + " " + d.detail + "\n";
    return out;
  }

  void Change(const char* type, infra::Action action, Value before, Value after) {
    infra::ResourceChange change{.action = action, .before = before, .after = after};
    change.address = {.kind = type, .name = "a"};
    plan_.changes.push_back(std::move(change));
  }

  hcl::FunctionTable functions_ = functions::MakeTable({.base_dir = ".", .only_repeatable = true});
  infra::Plan plan_;
};

Value Database(Value encrypted, int64_t size = 20) {
  return Value::Object({{"encrypted", std::move(encrypted)}, {"size", Value::Number(size)}});
}

TEST_F(PolicyTest, RefusesWhatDoesNotHold) {
  const std::string kText =
      "policy \"safe\" {\n  resources = [\"aws_db_*\"]\n  condition = change.after.encrypted\n"
      "  message   = \"${change.address} of ${change.type} must be encrypted.\"\n}\n";
  Change("aws_db_instance", infra::Action::kCreate, Value::Null(), Database(Value::True()));
  Change("aws_vpc", infra::Action::kCreate, Value::Null(), Database(Value::False()));
  Change("aws_db_instance", infra::Action::kNoOp, Database(Value::False()),
         Database(Value::False()));
  EXPECT_EQ(Judged(kText), "");
  Change("aws_db_instance", infra::Action::kUpdate, Database(Value::True()),
         Database(Value::False()));
  EXPECT_EQ(Judged(kText),
            "refused\nAN5202 policy.safe, update of aws_db_instance.a: aws_db_instance.a of "
            "aws_db_instance must be encrypted.\n");
}

TEST_F(PolicyTest, WhatIsNotKnownDoesNotHold) {
  Change("aws_db_instance", infra::Action::kCreate, Value::Null(),
         Database(Value::Unknown(Type::Bool())));
  EXPECT_NE(Judged("policy \"p\" {\n  condition = change.after.encrypted\n}\n")
                .find("only the apply can tell"),
            std::string::npos);
  EXPECT_NE(
      Judged("policy \"p\" {\n  condition = change.after.nothing\n}\n").find("cannot be evaluated"),
      std::string::npos);
  EXPECT_EQ(Judged("policy \"p\" {\n  condition = try(change.after.nothing, true)\n}\n"), "");
}

TEST_F(PolicyTest, ComparesBeforeAndAfterAndMayWarn) {
  Change("aws_db_instance", infra::Action::kUpdate, Database(Value::True(), 50),
         Database(Value::True(), 20));
  EXPECT_EQ(
      Judged("variable \"floor\" {\n  default = 1\n}\npolicy \"p\" {\n  enforce   = \"warn\"\n"
             "  actions   = [\"update\"]\n"
             "  condition = change.after.size >= change.before.size * var.floor\n}\n"),
      "AN5203 policy.p, update of aws_db_instance.a: its condition does not hold.\n");
  EXPECT_EQ(Judged("policy \"p\" {\n  actions = [\"delete\", \"replace\"]\n}\n"), "");
}

TEST_F(PolicyTest, WithoutAConditionRefusesTheActions) {
  Change("aws_db_instance", infra::Action::kDeleteThenCreate, Database(Value::True()),
         Database(Value::True()));
  EXPECT_EQ(Judged("policy \"p\" {\n  actions = [\"replace\"]\n}\n"),
            "refused\nAN5202 policy.p, replace of aws_db_instance.a: it is not allowed.\n");
}

TEST_F(PolicyTest, NeverShowsWhatIsSensitive) {
  Change(
      "aws_db_instance", infra::Action::kCreate, Value::Null(),
      Value::Object({{"password", Value::String("hunter2").WithMarks(value::Mark::kSensitive)}}));
  std::string said = Judged(
      "policy \"p\" {\n  condition = length(change.after.password) > 10\n"
      "  message   = \"${change.after.password} is short\"\n}\n");
  EXPECT_EQ(said.find("hunter2"), std::string::npos) << said;
  EXPECT_NE(said.find("sensitive"), std::string::npos) << said;
}

TEST_F(PolicyTest, MistakesAreTold) {
  EXPECT_NE(Judged("policy \"p\" {\n  condition = resource.x.y\n}\n").find("AN5201"),
            std::string::npos);
  EXPECT_NE(Judged("policy \"p\" {\n  actions = [\"destroy\"]\n}\n").find("no action"),
            std::string::npos);
  EXPECT_NE(Judged("policy \"p\" {\n  enforce = \"deni\"\n}\n").find("enforce is"),
            std::string::npos);
  EXPECT_NE(Judged("policy \"p\" {\n  condtion = true\n}\n").find("no argument"),
            std::string::npos);
  EXPECT_NE(Judged("policy \"p\" {}\npolicy \"p\" {}\n").find("\"policy.p\""), std::string::npos);
}

}  // namespace
}  // namespace andon::policy
