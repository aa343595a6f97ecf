// Typical mistakes: each is one change of a sound project, and must be told once,
// at its line, with what was meant where that can be known.
#include <gtest/gtest.h>

#include "base/text.h"
#include "builtin/language.h"
#include "builtin/project.h"
#include "io/memory_file_system.h"

namespace andon::builtin {
namespace {

constexpr const char* kProject = R"hcl(andon {
  project  = "shop"
  channels = [channel.line]
}
person "ana" {
  email = "ana@example.com"
}
team "payments" {
  members  = [person.ana]
  channels = [channel.line]
}
channel "log" "line" {
  path = "line.log"
}
source "files" "deliveries" {
  path    = "in/{table}-{period}.csv"
  options = { delimiter = ";" }
}
dataset "customer" {
  from    = source.deliveries.table.customer
  load    = { mode = "replace" }
  columns = { customer_id = { type = "long", required = true, unique = true }, email = "string" }
}
dataset "payment" {
  owner        = team.payments
  tags         = ["finance"]
  from         = source.deliveries.table.payment
  load         = { mode = "merge", key = ["payment_id"] }
  partition_by = ["month(paid_at)"]
  freshness    = "1d"
  columns = {
    payment_id  = { type = "long", required = true, unique = true }
    customer_id = { type = "long", references = dataset.customer.column.customer_id }
    amount      = { type = "decimal(5,2)", unit = "USD" }
    paid_at     = { type = "timestamp", timezone = "UTC" }
  }
  checks = {
    in_range = expect_column_values_to_be_between("amount", { min_value = 0, mostly = 0.99 })
    known    = expect_column_values_to_match_regex("customer_id", { regex = "x", row_condition = "amount > 1" })
    later    = expect_sql("select * from payment where paid_at < timestamp '2000-01-01'")
  }
}
dataset "revenue" {
  owner = team.payments
  load  = { mode = "replace" }
  sql   = <<-SQL
    select customer_id, sum(amount) as usd
    from payment
    group by customer_id
  SQL
  columns = { customer_id = { type = "long", unique = true }, usd = { type = "decimal(12,2)" } }
}
contract "payment" {
  dataset   = dataset.payment
  version   = "1.0.0"
  promised  = ["payment_id", "amount"]
  consumers = [dataset.revenue, "finance"]
  sla       = { freshness = "2d" }
}
pipeline "nightly" {
  schedule    = "0 6 * * *"
  timezone    = "UTC"
  build       = [dataset.revenue]
  retry_delay = "10s"
}
locals {
  words = ["a", "b"]
}
)hcl";

std::string Replaced(std::string text, const std::string& from, const std::string& to) {
  size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return at == std::string::npos ? text : text.replace(at, from.size(), to);
}

int LineOf(const std::string& text, const std::string& part) {
  size_t at = text.find(part);
  return 1 + int(std::count(text.begin(), text.begin() + std::min(at, text.size()), '\n'));
}

Diagnostics Check(const std::string& text) {
  io::MemoryFileSystem files;
  EXPECT_TRUE(files.Write("p/shop.andon.hcl", text).ok());
  return LoadProject(files, "p", {}).diagnostics;
}

TEST(MistakesTest, TheProjectItselfIsSound) {
  std::string sound = Replaced(kProject, "(\"customer_id\", { regex", "(\"email\", { regex");
  sound = Replaced(sound, "amount      = {", "email       = \"string\"\n    amount      = {");
  for (const Diagnostic& d : Check(sound))
    ADD_FAILURE() << d.code << " " << ToString(d.subject) << " " << d.detail;
}

struct Mistake {
  const char* right;
  const char* wrong;
  const char* code;
  const char*
      meant;  // Part of what stands behind the caret or in the help; empty: none is asked for.
};

const Mistake kMistakes[] = {
    {"person \"ana\"", "persn \"ana\"", "AN1103", "person"},
    {"dataset \"customer\" {", "model \"customer\" {", "AN1103", "dataset"},
    {"email = \"ana@", "emial = \"ana@", "AN1021", "email"},
    {"partition_by =", "partitioned_by =", "AN1021", "partition_by"},
    {"freshness    =", "freshnes =", "AN1021", "freshness"},
    {"columns = {\n    payment_id", "colums = {\n    payment_id", "AN1021", "columns"},
    {"owner        = team.payments", "owner = team.payment", "AN1130", "team.payments"},
    {"owner        = team.payments", "owner = teams.payments", "AN1130", "team"},
    {"owner        = team.payments", "owner = \"payments\"", "AN1136", "team.payments"},
    {"owner        = team.payments", "owner = payments", "AN1131", "quotes"},
    {"owner        = team.payments", "owner = channel.line", "AN1136", ""},
    {"members  = [person.ana]", "members = person.ana", "AN1140", "[person.ana]"},
    {"members  = [person.ana]", "members = [person.anna]", "AN1130", "person.ana"},
    {"channel \"log\"", "channel \"logg\"", "AN1105", "log"},
    {"channel \"log\" \"line\"", "channel \"line\"", "AN1024", "log"},
    {"source \"files\"", "source \"file\"", "AN1105", "files"},
    {"source.deliveries.table.payment", "source.delivery.table.payment", "AN1130", "deliveries"},
    {"source.deliveries.table.payment", "source.files.deliveries.table.payment", "AN1130",
     "source.deliveries"},
    {"source.deliveries.table.payment", "source.deliveries", "AN1136", "table.payment"},
    {"source.deliveries.table.payment", "\"payment\"", "AN1136", ""},
    {"{table}-{period}", "{tabel}-{period}", "AN1145", "{table}"},
    {"delimiter = \";\"", "delimeter = \";\"", "AN1142", "delimiter"},
    {"delimiter = \";\"", "delimiter = \";;\"", "AN1145", ""},
    {"mode = \"merge\"", "mode = \"merg\"", "AN1141", "merge"},
    {"mode = \"merge\"", "mod = \"merge\"", "AN1142", "mode"},
    {"mode = \"merge\", key = [\"payment_id\"]", "mode = \"merge\"", "AN1161", "key"},
    {"key = [\"payment_id\"]", "key = \"payment_id\"", "AN1140", "[\"payment_id\"]"},
    {"key = [\"payment_id\"]", "key = [\"paymentid\"]", "AN1042", "payment_id"},
    {"month(paid_at)", "month(payed_at)", "AN1042", "paid_at"},
    {"month(paid_at)", "moth(paid_at)", "AN1145", ""},
    {"month(paid_at)", "month(amount)", "AN1145", ""},
    {"freshness    = \"1d\"", "freshness = \"1 day\"", "AN1145", ""},
    {"type = \"long\", references", "type = \"lng\", references", "AN1141", "long"},
    {"unit = \"USD\"", "unti = \"USD\"", "AN1142", "unit"},
    {"dataset.customer.column.customer_id", "dataset.customer.column.costumer_id", "AN1042",
     "customer_id"},
    {"dataset.customer.column.customer_id", "dataset.custmer.column.customer_id", "AN1130",
     "dataset.customer"},
    {"dataset.customer.column.customer_id", "dataset.customer.customer_id", "AN1026", ""},
    {"(\"amount\", { min", "(\"ammount\", { min", "AN1042", "amount"},
    {"min_value = 0", "min_val = 0", "AN1602", "min_value"},
    {"min_value = 0", "min_value = \"x\"", "AN1604", ""},
    {"mostly = 0.99", "mostly = 99", "AN1604", ""},
    {"expect_column_values_to_be_between", "expect_column_value_to_be_between", "AN1036",
     "expect_column_values_to_be_between"},
    {"in_range = expect_column_values_to_be_between(\"amount\", { min_value = 0, mostly = 0.99 })",
     "in_range = true", "AN1146", ""},
    {"from payment where", "from payments where", "AN1130", "payment"},
    {"sum(amount)", "sum(amuont)", "AN1503", "amount"},
    {"    from payment\n", "    from paymnt\n", "AN1130", "payment"},
    {"select customer_id, sum", "selec customer_id, sum", "AN1501", ""},
    {"usd = { type = \"decimal(12,2)\" }", "us = { type = \"decimal(12,2)\" }", "AN1162", "usd"},
    {"promised  = [\"payment_id\", \"amount\"]", "promised = [\"payment_id\", \"amout\"]", "AN1042",
     "amount"},
    {"version   = \"1.0.0\"", "version = \"one\"", "AN1145", ""},
    {"freshness = \"2d\"", "freshness = \"2h\"", "AN1163", ""},
    {"schedule    = \"0 6 * * *\"", "schedule = \"0 25 * * *\"", "AN1145", ""},
    {"timezone    = \"UTC\"\n  build", "timezone = \"Europe/Berlim\"\n  build", "AN1145", ""},
    {"build       = [dataset.revenue]", "build = [dataset.revenu]", "AN1130", "dataset.revenue"},
    {"words = [\"a\", \"b\"]", "words = [\"a\" \"b\"]", "AN1015", ""},
    {"words = [\"a\", \"b\"]", "words = [var.wrods]", "AN1130", ""},
    {"words = [\"a\", \"b\"]", "words = uper(\"a\")", "AN1036", "upper"},
};

TEST(MistakesTest, EachIsToldOnceAtItsLineWithWhatWasMeant) {
  std::string sound = Replaced(kProject, "(\"customer_id\", { regex", "(\"email\", { regex");
  sound = Replaced(sound, "amount      = {", "email       = \"string\"\n    amount      = {");
  for (const Mistake& mistake : kMistakes) {
    std::string text = Replaced(sound, mistake.right, mistake.wrong);
    SCOPED_TRACE(mistake.wrong);
    Diagnostics found = Check(text);
    std::string all;
    for (const Diagnostic& d : found)
      all += d.code + " " + ToString(d.subject) + " " + d.detail + " | " + d.at_caret + " | " +
             d.help + "\n";
    EXPECT_EQ(found.size(), 1u) << all;
    if (found.empty()) continue;
    const Diagnostic& d = *found.begin();
    EXPECT_EQ(d.code, mistake.code) << all;
    EXPECT_EQ(d.subject.start.line, LineOf(sound, mistake.right)) << all;
    std::string said = d.at_caret + " " + d.help + " " + d.detail;
    EXPECT_NE(said.find(mistake.meant), std::string::npos) << all;
  }
}

}  // namespace
}  // namespace andon::builtin
