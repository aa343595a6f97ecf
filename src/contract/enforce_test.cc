#include "contract/enforce.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace andon::contract {
namespace {

definition::Project Shop() {
  definition::Project project;
  definition::Dataset payment{.address = "dataset.payment", .name = "payment"};
  payment.columns = {{.name = "payment_id", .type = "long", .required = true},
                     {.name = "amount", .type = "decimal(5,2)"},
                     {.name = "staff_id", .type = "int"}};
  project.datasets = {payment};
  definition::Contract contract{.address = "contract.payment", .name = "payment"};
  contract.dataset = "dataset.payment";
  contract.version = "1.0.0";
  contract.status = "active";
  contract.promised = {"payment_id", "amount"};
  contract.consumers = {"team.finance", "crm"};
  contract.notice = "90d";
  contract.positions = Json::Object({{"version", "p.andon.hcl:7"}});
  project.contracts = {contract};
  return project;
}

TEST(Enforce, ABreakNeedsAVersionAndConsentOrNotice) {
  Timestamp now = *ParseTimestamp("2026-11-20");
  struct Case {
    const char* says;
    void (*change)(definition::Project&);
    const char* told;
  };
  const Case cases[] = {
      {"nothing", [](definition::Project&) {}, ""},
      {"an unpromised column goes",
       [](definition::Project& p) { p.datasets[0].columns.pop_back(); }, "compatible"},
      {"a promised column goes",
       [](definition::Project& p) {
         p.datasets[0].columns.erase(p.datasets[0].columns.begin() + 1);
       },
       "The version is 1.0.0, and 2.0.0 is demanded. A notice of 90d is promised, and nothing was "
       "announced. team.finance, crm did not agree. | payment.amount: keep the column, and mark it "
       "deprecated in its description; or bump contract.payment and version = \"2.0.0\", agreed = "
       "[team.finance, \"crm\"]"},
      {"bumped, half of them agreed",
       [](definition::Project& p) {
         p.datasets[0].columns[1].type = "string";
         p.contracts[0].version = "2.0.0";
         p.contracts[0].agreed = {"crm"};
       },
       "A notice of 90d is promised, and nothing was announced. team.finance did not agree. | "
       "payment.amount: keep decimal(5,2), or add a new column of type string; or bump "
       "contract.payment and agreed = [team.finance, \"crm\"]"},
      {"bumped, all agreed",
       [](definition::Project& p) {
         p.datasets[0].columns[1].type = "string";
         p.contracts[0].version = "2.0.0";
         p.contracts[0].agreed = {"crm", "team.finance"};
       },
       "allowed"},
      {"bumped, the notice runs",
       [](definition::Project& p) {
         p.datasets[0].columns[0].required = false;
         p.contracts[0].version = "2.0.0";
         p.contracts[0].announced = "2026-11-01";
       },
       "The notice of 90d is over on 2027-01-30. team.finance, crm did not agree. | "
       "payment.payment_id: keep required = true; or bump contract.payment and agreed = "
       "[team.finance, \"crm\"]"},
      {"bumped, the notice is over",
       [](definition::Project& p) {
         p.datasets[0].columns[0].required = false;
         p.contracts[0].version = "2.0.0";
         p.contracts[0].announced = "2026-08-01";
       },
       "allowed"},
      {"the dataset goes", [](definition::Project& p) { p.datasets.clear(); },
       "The version is 1.0.0, and 2.0.0 is demanded. A notice of 90d is promised, and nothing was "
       "announced. team.finance, crm did not agree. | payment: keep the table until its readers "
       "have moved; or bump contract.payment and version = \"2.0.0\", agreed = [team.finance, "
       "\"crm\"]"},
      {"the contract goes", [](definition::Project& p) { p.contracts.clear(); },
       "The contract is removed, and was not deprecated before. A notice of 90d is promised, and "
       "nothing was announced. team.finance, crm did not agree. | status: set it to deprecated "
       "first, and retire it when the notice is over; or bump contract.payment and status = "
       "\"deprecated\", agreed = [team.finance, \"crm\"]"},
      {"no notice was promised, and the notice is shortened to none",
       [](definition::Project& p) { p.contracts[0].notice = ""; },
       "The version is 1.0.0, and 2.0.0 is demanded. A notice of 90d is promised, and nothing was "
       "announced. team.finance, crm did not agree. | bump contract.payment"},
  };
  for (const Case& c : cases) {
    definition::Project after = Shop();
    c.change(after);
    auto changes = Enforce(Shop(), after, now);
    std::string told;
    if (!changes.empty()) {
      bool breaks = changes[0].comparison.is_breaking();
      told = !breaks                 ? "compatible"
             : changes[0].is_allowed ? "allowed"
                                     : changes[0].why + " | " + changes[0].help;
      EXPECT_EQ(changes[0].position, "p.andon.hcl:7");
    }
    EXPECT_EQ(told.substr(0, std::string(c.told).size()), c.told) << c.says << ": " << told;
  }
}

TEST(Enforce, WithoutANoticeAVersionIsEnough) {
  definition::Project before = Shop(), after = Shop();
  before.contracts[0].notice = after.contracts[0].notice = "";
  after.datasets[0].columns[1].type = "string";
  Timestamp now = *ParseTimestamp("2026-11-20");
  EXPECT_FALSE(Enforce(before, after, now)[0].is_allowed);
  after.contracts[0].version = "2.0.0";
  EXPECT_TRUE(Enforce(before, after, now)[0].is_allowed);
}

}  // namespace
}  // namespace andon::contract
