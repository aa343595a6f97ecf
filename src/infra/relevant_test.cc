// What terraform 1.11 says of the same files.
#include "infra/relevant.h"

#include "infra/test_world.h"

namespace andon::infra {
namespace {

Lines Relevant(const Plan& plan) {
  Lines out;
  for (const RelevantAttribute& one : plan.relevant)
    out.push_back(ToString(one.address) + " " + ToString(one.path));
  return out;
}

TEST_F(InfraTest, WhatHadAPartInAChangeIsNamed) {
  Write("p/m/main.tf", R"(
variable "in" {}
resource "fake_thing" "inner" { name = var.in }
output "size" { value = fake_thing.inner.size }
)");
  Plan plan = MakePlan(R"(
resource "fake_thing" "a" { name = "a" }
resource "fake_thing" "b" {
  count = 2
  name  = "b"
}
locals { id = fake_thing.a.id }
module "m" {
  source = "./m"
  in     = "${local.id}-${fake_thing.b[1].id}"
}
output "size" { value = module.m.size }
)");
  EXPECT_EQ(Relevant(plan),
            (Lines{"fake_thing.a .id", "fake_thing.b[1] .id", "module.m.fake_thing.inner .size"}));
  Apply(std::move(plan));
  // Outputs of modules are not remembered, so that theirs count each time.
  EXPECT_EQ(Relevant(PlanAgain()), (Lines{"module.m.fake_thing.inner .size"}));
}

}  // namespace
}  // namespace andon::infra
