#include "sql/analyze.h"

#include <gtest/gtest.h>

#include "base/text.h"

namespace andon::sql {
namespace {

const std::vector<KnownTable> kTables = {
    {"payment",
     {{"payment_id", "long"},
      {"customer_id", "long"},
      {"staff_id", "int"},
      {"amount", "decimal(5,2)"},
      {"payment_date", "timestamp"}}},
    {"customer",
     {{"customer_id", "long"}, {"store_id", "int"}, {"email", "string"}, {"tags", "list<string>"}}},
    {"store", {{"store_id", "int"}, {"city", "string"}}},
};

class AnalyzeTest : public testing::Test {
 protected:
  // "table@line:column, …"
  std::string Tables(const std::string& sql) {
    Analysis analysis = analyzer_.Parse(sql, "q.sql");
    std::vector<std::string> texts;
    for (const TableUse& use : analysis.tables)
      texts.push_back(
          fmt::format("{}@{}:{}", use.name, use.range.start.line, use.range.start.column));
    return Join(texts, " ");
  }

  // "name type <- inputs; …", or the first mistake.
  std::string Columns(const std::string& sql) {
    Analysis analysis = analyzer_.Analyze(sql, "q.sql", kTables);
    if (!analysis.diagnostics.empty()) return Mistake(analysis.diagnostics);
    std::vector<std::string> texts;
    for (const OutputColumn& column : analysis.columns) {
      std::vector<std::string> inputs;
      for (const ColumnUse& use : column.inputs) inputs.push_back(use.table + "." + use.column);
      texts.push_back(column.name + " " + column.type + " <- " +
                      (column.is_exact ? Join(inputs, ", ") : "?"));
    }
    return Join(texts, "; ");
  }

  static std::string Mistake(const Diagnostics& diagnostics) {
    const Diagnostic& d = *diagnostics.begin();
    return fmt::format("{} {}:{}-{} {} {}", d.code, d.subject.start.line, d.subject.start.column,
                       d.subject.end.column, d.summary, d.at_caret);
  }

  Analyzer analyzer_ = *Analyzer::Open();
};

TEST_F(AnalyzeTest, TablesWithTheirPlaces) {
  EXPECT_EQ(Tables("select * from payment"), "payment@1:15");
  EXPECT_EQ(Tables("SELECT *\nFROM payment p\n  JOIN \"customer\" c USING (customer_id)"),
            "payment@2:6 customer@3:8");
  EXPECT_EQ(Tables("FROM payment"), "payment@1:6");
  EXPECT_EQ(Tables("VALUES (1)"), "");
  EXPECT_EQ(Tables("select (select max(x) from a), 'ä' from b where exists (select 1 from c) union "
                   "all select 1, '2' from d"),
            "a@1:28 b@1:41 c@1:71 d@1:103");
  EXPECT_EQ(Tables("select * from other.payment, range(3)"), "other.payment@1:15");
}

TEST_F(AnalyzeTest, CommonTableExpressionsAreNoTables) {
  EXPECT_EQ(
      Tables("with a as (select 1 from payment), b as (select * from a) select * from a, b, c"),
      "payment@1:26 c@1:79");
  // One that has the name of a table reads the table inside itself.
  EXPECT_EQ(Tables("with payment as (select * from payment) select * from payment"),
            "payment@1:32");
  // A name is known only where it stands.
  EXPECT_EQ(Tables("select * from (with a as (select 1) select * from a) x, a"), "a@1:57");
  EXPECT_EQ(Tables("with recursive t as (select 1 n union all select n + 1 from t, s where n < 5) "
                   "select * from T"),
            "s@1:64");
}

TEST_F(AnalyzeTest, ColumnsTypesAndLineage) {
  const std::pair<const char*, const char*> kCases[] = {
      {"select payment_id, amount as paid from payment",
       "payment_id long <- payment.payment_id; paid decimal(5,2) <- payment.amount"},
      {"select c.store_id, sum(p.amount) as revenue, count(*) as n from payment p join customer c "
       "using (customer_id) group by all",
       "store_id int <- customer.store_id; revenue decimal(38,2) <- payment.amount; n long <- "},
      {"select p.amount * 2 + c.store_id as x from payment p, customer c",
       "x decimal(16,2) <- customer.store_id, payment.amount"},
      {"with d as (select date_trunc('day', payment_date)::date as day, amount from payment) "
       "select day, sum(amount) as usd from d group by day",
       "day date <- payment.payment_date; usd decimal(38,2) <- payment.amount"},
      {"select * exclude (tags, email) from customer",
       "customer_id long <- customer.customer_id; store_id int <- customer.store_id"},
      {"select s.*, c.email from customer c join store s on s.store_id = c.store_id",
       "store_id int <- store.store_id; city string <- store.city; email string <- customer.email"},
      {"select customer_id from payment union all select store_id from store",
       "customer_id long <- payment.customer_id, store.store_id"},
      {"select amount as a, a * 2 as b from payment",
       "a decimal(5,2) <- payment.amount; b decimal(15,2) <- payment.amount"},
      {"select (select max(city) from store s where s.store_id = c.store_id) as city from customer "
       "c",
       "city string <- store.city"},
      {"select unnest(tags) as tag from customer", "tag string <- customer.tags"},
      {"select x.n from (select count(*) as n from payment) as x", "n long <- "},
      {"select sum(amount) over (partition by staff_id) as s from payment",
       "s decimal(38,2) <- payment.amount, payment.staff_id"},
      {"select * from payment where payment_date >= $start and payment_date < $end",
       "payment_id long <- payment.payment_id; customer_id long <- payment.customer_id; staff_id "
       "int <- payment.staff_id; "
       "amount decimal(5,2) <- payment.amount; payment_date timestamp <- payment.payment_date"},
      {"select $start as day, 1 as one;", "day timestamp <- ; one int <- "},
      {"select store_id, city, email from customer join store using (store_id)",
       "store_id int <- customer.store_id, store.store_id; city string <- store.city; email string "
       "<- customer.email"},
      {"select columns('c.*') from store", "city string <- ?"},
  };
  for (const auto& [sql, expected] : kCases) EXPECT_EQ(Columns(sql), expected) << sql;
}

TEST_F(AnalyzeTest, MistakesHaveAPlaceAndAProposal) {
  const std::pair<const char*, const char*> kCases[] = {
      {"select\n  ammount\nfrom payment",
       "AN1503 2:3-10 Unknown column in SQL did you mean \"amount\"?"},
      {"select p.ammount from payment p",
       "AN1503 1:8-17 Unknown column in SQL did you mean \"amount\"?"},
      {"select * from paymnt", "AN1504 1:15-21 Unknown table in SQL did you mean \"payment\"?"},
      {"select q.x from payment p", "AN1504 1:8-11 Unknown table in SQL "},
      {"select lenth(email) from customer", "AN1505 1:8-13 Unknown function in SQL "},
      {"select 1 +", "AN1501 1:11-11 SQL syntax error "},
      {"selec 1", "AN1501 1:1-6 SQL syntax error "},
      {"", "AN1502 1:1-1 Not one SELECT statement "},
      {"select 1; select 2", "AN1502 1:1-7 Not one SELECT statement "},
      {"drop table payment", "AN1502 1:1-5 Not one SELECT statement "},
      {"copy payment to 'x'", "AN1502 1:1-5 Not one SELECT statement "},
      {"select * from read_csv('/etc/passwd')", "AN1507 1:15-23 Table function not allowed "},
      {"select $day", "AN1508 1:8-9 Unknown parameter in SQL "},
      {"select 1 as a, 2 as A", "AN1509 1:21-22 Two columns of one name "},
      {"select email + 1 from customer, payment where amount = email || 1 and sum(amount) > 3",
       "AN1506"},
      {"select customer_id from payment, customer", "AN1506 1:8-19 SQL does not fit the tables "},
      {"select * from payment join store using (store_id)",
       "AN1506 1:41-49 SQL does not fit the tables "},
      {"select '\xff'", "AN1501 1:9-10 SQL syntax error "},
  };
  for (const auto& [sql, expected] : kCases) {
    Analysis analysis = analyzer_.Analyze(sql, "q.sql", kTables);
    ASSERT_TRUE(analysis.diagnostics.has_errors()) << sql;
    EXPECT_TRUE(Mistake(analysis.diagnostics).starts_with(expected))
        << Mistake(analysis.diagnostics) << "\nfor " << sql;
    EXPECT_TRUE(analysis.columns.empty());
  }
}

TEST_F(AnalyzeTest, OneStatementDoesNotSeeTheTablesOfTheLast) {
  EXPECT_EQ(Columns("select city from store"), "city string <- store.city");
  Analysis analysis =
      analyzer_.Analyze("select city from store", "q.sql", {{"store", {{"town", "string"}}}});
  EXPECT_TRUE(analysis.diagnostics.has_errors());
}

TEST_F(AnalyzeTest, DeepTextsAreRefusedNotFollowed) {
  std::string deep = "select ";
  for (int i = 0; i < 20000; i++) deep += "(";
  EXPECT_TRUE(analyzer_.Analyze(deep + "1", "q.sql", kTables).diagnostics.has_errors());
  std::string sum = "select 1";
  for (int i = 0; i < 5000; i++) sum += " + 1";
  EXPECT_TRUE(analyzer_.Analyze(sum, "q.sql", kTables).diagnostics.has_errors());
  EXPECT_EQ(Columns("select 1 as x"), "x int <- ");
}

TEST_F(AnalyzeTest, Conditions) {
  std::vector<ColumnInfo> columns = kTables[0].columns;
  for (const char* good :
       {"amount > 0", "staff_id in (1, 2) -- both", "amount is null or amount > 1"}) {
    EXPECT_FALSE(analyzer_.CheckExpression(good, {}, columns).has_errors()) << good;
  }
  for (const char* bad :
       {"", "amount >", "ammount > 0", "amount > 0; drop table x", "sum(amount) > 1",
        "1) union select (2", "amount > 0) or (", "amount > 0, 1"}) {
    EXPECT_TRUE(analyzer_.CheckExpression(bad, {}, columns).has_errors()) << bad;
  }
  EXPECT_FALSE(analyzer_.CheckRegex("^a[0-9]{3}$"));
  EXPECT_TRUE(analyzer_.CheckRegex("a["));
}

}  // namespace
}  // namespace andon::sql
