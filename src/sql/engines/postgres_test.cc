#include "sql/engines/postgres.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <fstream>
#include <iterator>
#include <thread>

#include "io/test_server.h"
#include "sql/engines/postgres_internal.h"

namespace andon::sql {
namespace {

using namespace std::chrono_literals;

TEST(PostgresUrl, Parts) {
  PostgresOptions options = *ReadPostgresUrl(
      "postgres://ada:s%40c%2Fret%25@db.shop:6432/rental?sslmode=require&"
      "connect_timeout=3&application_name=airflow&sslcert=a%20b.crt");
  EXPECT_EQ(options.host, "db.shop");
  EXPECT_EQ(options.port, 6432);
  EXPECT_EQ(options.user, "ada");
  EXPECT_EQ(options.password, "s@c/ret%");
  EXPECT_EQ(options.database, "rental");
  EXPECT_EQ(options.sslmode, "require");
  EXPECT_EQ(options.connect_timeout, 3s);
  EXPECT_EQ(options.application_name, "airflow");
  EXPECT_EQ(options.others.at("sslcert"), "a b.crt");
  EXPECT_TRUE(options.read_only);

  EXPECT_EQ(ReadPostgresUrl("postgresql+psycopg2://u:a@b@h/d")->password, "a@b");
  EXPECT_EQ(ReadPostgresUrl("postgres://[::1]:5433/d")->host, "::1");
  EXPECT_EQ(ReadPostgresUrl("postgres://[::1]:5433/d")->port, 5433);
  EXPECT_EQ(ReadPostgresUrl("postgres://%2Fvar%2Frun/d")->host, "/var/run");
  EXPECT_EQ(ReadPostgresUrl("postgres:///d?host=/tmp&port=5")->host, "/tmp");
  EXPECT_EQ(ReadPostgresUrl("postgres://h")->database, "");
  EXPECT_TRUE(IsPostgresUrl("postgresql://h"));
  EXPECT_FALSE(IsPostgresUrl("postgres.csv"));
}

TEST(PostgresUrl, MistakesAreNamedAndTheUrlIsNotShown) {
  const std::pair<const char*, const char*> kCases[] = {
      {"mysql://h", "A PostgreSQL URL begins with \"postgres://\"."},
      {"postgres://u:s3cret%@h/d",
       "The password in the URL has a \"%\" that two hexadecimal digits do not follow; a percent "
       "sign itself is written %25."},
      {"postgres://u:s3cret@h:99999/d", "The port 99999 is not within 1 to 65535."},
      {"postgres://u:s3cret@h:x/d", "The port in the URL is no number."},
      {"postgres://u:s3cret@[::1/d", "The host in the URL has a \"[\" without its \"]\"."},
      {"postgres://u:s3cret@h/d?sslmod=require",
       "The URL has an unknown parameter \"sslmod\". Did you mean \"sslmode\"?"},
      {"postgres://u:s3cret@h/d?sslmode=on",
       "sslmode is one of disable, allow, prefer, require, verify-ca, verify-full."},
      {"postgres://u:s3cret@h/d?sslmode", "The URL's parameter \"sslmode\" has no \"=\"."},
  };
  for (const auto& [url, expected] : kCases)
    EXPECT_EQ(ReadPostgresUrl(url).error().message, expected) << url;
}

TEST(PostgresUrl, TlsIsVerifiedButOnThisMachine) {
  auto mode = [](const char* url) {
    for (const auto& [name, value] : ConnectionWords(*ReadPostgresUrl(url), "", 0)) {
      if (name == "sslmode") return value;
    }
    return std::string();
  };
  EXPECT_EQ(mode("postgres://db.shop/d"), "verify-full");
  EXPECT_EQ(mode("postgres://10.0.0.1/d"), "verify-full");
  EXPECT_EQ(mode("postgres://127.example.org/d"), "verify-full");
  EXPECT_EQ(mode("postgres://localhost/d"), "prefer");
  EXPECT_EQ(mode("postgres://127.0.0.1/d"), "prefer");
  EXPECT_EQ(mode("postgres://[::1]/d"), "prefer");
  EXPECT_EQ(mode("postgres:///d?host=/tmp"), "prefer");
  EXPECT_EQ(mode("postgres://db.shop/d?sslmode=require"), "require");
}

io::TestServer& Server() {
  static io::TestServer server("postgres");
  return server;
}

class PostgresTest : public testing::Test {
 protected:
  void SetUp() override {
    if (!Server().missing().empty()) GTEST_SKIP() << "needs " << Server().missing();
    Json database = Server().Ask("database");
    options_ = *ReadPostgresUrl(database["url"].AsString());
    PostgresOptions admin = *ReadPostgresUrl(database["admin_url"].AsString());
    admin.read_only = false;
    auto opened = OpenPostgres(admin);
    ASSERT_TRUE(opened.ok()) << opened.error().message;
    admin_ = std::move(*opened);
    Run("SET ROLE andon");
    auto session = OpenPostgres(options_);
    ASSERT_TRUE(session.ok()) << session.error().message;
    session_ = std::move(*session);
  }

  // As the owner of the database.
  void Run(const std::string& sql) {
    auto rows = admin_->Query(sql);
    ASSERT_TRUE(rows.ok()) << rows.error().message;
  }
  void RunAsAdmin(const std::string& sql) {
    Run("RESET ROLE");
    Run(sql);
    Run("SET ROLE andon");
  }

  static std::string Text(Session& session, const std::string& sql,
                          const std::vector<Parameter>& parameters = {}) {
    auto rows = session.Query(sql, parameters);
    if (!rows.ok()) return "error: " + rows.error().message;
    std::string text;
    for (int64_t row = 0; row < rows->row_count(); row++) {
      for (size_t column = 0; column < rows->columns().size(); column++) {
        text += (column > 0 ? " | " : row > 0 ? "; " : "") + rows->Text(row, column);
      }
    }
    return text;
  }
  std::string Text(const std::string& sql, const std::vector<Parameter>& parameters = {}) {
    return Text(*session_, sql, parameters);
  }

  std::string OpenError(const PostgresOptions& options) {
    auto session = OpenPostgres(options);
    if (session.ok()) return "";
    EXPECT_EQ(session.error().message.find(Server()["password"].AsString()), std::string::npos);
    return session.error().message;
  }

  // Ends the session's server process from outside.
  void Terminate() {
    RunAsAdmin(
        "SELECT pg_terminate_backend(pid, 30000) FROM pg_stat_activity WHERE usename = 'andon' "
        "AND datname = current_database()");
  }
  // Waits until the session's statement runs.
  void AwaitStatement(const std::string& part) {
    auto until = std::chrono::steady_clock::now() + 60s;
    while (std::chrono::steady_clock::now() < until) {
      auto rows = watcher()->Query(
          "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND usename = 'andon' AND "
          "datname = current_database() AND query LIKE $1",
          {{"", "%" + part + "%"}});
      if (rows.ok() && rows->Integer(0, 0) > 0) return;
      std::this_thread::sleep_for(10ms);
    }
    FAIL() << "the statement does not run";
  }
  Session* watcher() { return admin_.get(); }

  PostgresOptions options_;
  std::unique_ptr<Session> admin_;
  std::unique_ptr<Session> session_;
};

TEST_F(PostgresTest, EveryTypeAsAPersonReadsIt) {
  Run("CREATE TYPE mood AS ENUM ('sad', 'glad')");
  Run("CREATE DOMAIN price AS numeric(5,2) CHECK (value >= 0)");
  const std::pair<const char*, const char*> kCases[] = {
      {"true", "true"},
      {"(-32768)::int2", "-32768"},
      {"9223372036854775807", "9223372036854775807"},
      {"4294967295::oid", "4294967295"},
      {"4.990::numeric(5,3)", "4.990"},
      {"12345678901234567890123456789012345678.5::numeric",
       "12345678901234567890123456789012345678.5"},
      {"'NaN'::numeric", "nan"},
      {"'-Infinity'::numeric", "-inf"},
      {"4.99::price", "4.99"},
      {"0.1::float4", "0.1"},
      {"1::float8", "1.0"},
      {"0.1::float8 + 0.2::float8", "0.30000000000000004"},
      {"'NaN'::float8", "nan"},
      {"'-Infinity'::float8", "-inf"},
      {"DATE '2005-08-20'", "2005-08-20"},
      {"DATE '1883-11-18'", "1883-11-18"},
      {"DATE '0044-03-15 BC'", "0044-03-15 (BC)"},
      {"DATE '20000-01-01'", "20000-01-01"},
      {"DATE 'infinity'", "infinity"},
      {"DATE '-infinity'", "-infinity"},
      {"TIME '10:00:00.120'", "10:00:00.12"},
      {"TIMESTAMP '2005-08-20 11:03:42.5'", "2005-08-20 11:03:42.5"},
      {"TIMESTAMP '1969-12-31 23:59:59.999999'", "1969-12-31 23:59:59.999999"},
      {"TIMESTAMP '0044-03-15 12:00:00 BC'", "0044-03-15 (BC) 12:00:00"},
      {"TIMESTAMP 'infinity'", "infinity"},
      {"TIMESTAMPTZ '2020-01-01 00:00:00+02'", "2019-12-31 22:00:00+00"},
      {"TIMESTAMPTZ '1890-01-01 00:00:00 Europe/Amsterdam'", "1889-12-31 23:40:28+00"},
      {"TIMESTAMPTZ '-infinity'", "-infinity"},
      {"INTERVAL '1 month 3 days'", "1 mon 3 days"},
      {"'550e8400-e29b-41d4-a716-446655440000'::uuid", "550e8400-e29b-41d4-a716-446655440000"},
      {"'\\x00610a'::bytea", "\\x00a\\x0A"},
      {"'{\"a\": 1}'::json", "{\"a\": 1}"},
      {"'{\"a\": 1}'::jsonb", "{\"a\": 1}"},
      {"'glad'::mood", "glad"},
      {"'a'::char(3)", "a  "},
      {"ARRAY[1, 2, NULL]", "[1, 2, NULL]"},
      {"ARRAY['a,b', 'say \"hi\"', '', 'NULL', '\\']", "['a,b', 'say \"hi\"', '', 'NULL', '\\']"},
      {"ARRAY[[1.5, 2], [3, 4]]", "[[1.5, 2], [3, 4]]"},
      {"'[0:1]={7,8}'::int[]", "[7, 8]"},
      {"ARRAY[DATE '1999-01-02']", "['1999-01-02']"},
      {"'{}'::text[]", "[]"},
      {"ARRAY['glad']::mood[]", "{glad}"},
      {"'10.0.0.0/8'::inet", "10.0.0.0/8"},
      {"ROW(1, 'x')", "(1,x)"},
      {"NULL", "NULL"},
      {"'it''s ä'", "it's ä"},
      {"''", ""},
  };
  for (const auto& [sql, expected] : kCases)
    EXPECT_EQ(Text(std::string("SELECT ") + sql), expected) << sql;
}

TEST_F(PostgresTest, CellsAsJsonAndNumbers) {
  auto rows = session_->Query(
      "SELECT 4.99::numeric AS a, 12345678901234567890::numeric AS b, ARRAY[1, NULL] AS c, "
      "DATE '1969-12-31' AS d, TIMESTAMP '1970-01-01 00:00:01' AS e, '\\x00'::bytea AS f, "
      "'NaN'::float8 AS g, -7.9::numeric AS h, true AS i");
  ASSERT_TRUE(rows.ok()) << rows.error().message;
  const char* kExpected[] = {"4.99",
                             "\"12345678901234567890\"",
                             "[1,null]",
                             "\"1969-12-31\"",
                             "\"1970-01-01 00:00:01\"",
                             "\"\\\\x00\"",
                             "\"nan\"",
                             "-7.9",
                             "true"};
  for (size_t i = 0; i < std::size(kExpected); i++)
    EXPECT_EQ(rows->ToJson(0, i).Dump(), kExpected[i]);
  EXPECT_EQ(rows->Integer(0, 1), std::numeric_limits<int64_t>::max());
  EXPECT_EQ(rows->Integer(0, 3), -1);
  EXPECT_EQ(rows->Integer(0, 4), 1'000'000);
  EXPECT_EQ(rows->Integer(0, 7), -7);
  EXPECT_EQ(rows->Bytes(0, 5), std::string(1, '\0'));
  EXPECT_EQ(rows->columns()[0].type, "numeric");
  EXPECT_EQ(rows->columns()[2].type, "integer[]");
}

TEST_F(PostgresTest, ColumnsWithTheServersNamesOfTypes) {
  Run("CREATE TYPE mood AS ENUM ('sad', 'glad')");
  Run("CREATE TABLE \"pay ment\" (id bigint, amount numeric(5,2), any_amount numeric, "
      "note varchar(30), at timestamptz, day date, tags text[], how mood, wide numeric(50,10), "
      "small numeric(3,5), thousands numeric(5,-3), raw bytea, key uuid, ok bool, f real, "
      "n smallint, gap interval, fixed char(3))");
  auto columns = session_->Columns("\"pay ment\"");
  ASSERT_TRUE(columns.ok()) << columns.error().message;
  const std::vector<TableColumn> kExpected = {
      {"id", "long", "bigint"},
      {"amount", "decimal(5,2)", "numeric(5,2)"},
      {"any_amount", "decimal(38,18)", "numeric"},
      {"note", "string", "character varying(30)"},
      {"at", "timestamptz", "timestamp with time zone"},
      {"day", "date", "date"},
      {"tags", "list<string>", "text[]"},
      {"how", "string", "mood"},
      {"wide", "decimal(38,10)", "numeric(50,10)"},
      {"small", "decimal(5,5)", "numeric(3,5)"},
      {"thousands", "decimal(8,0)", "numeric(5,-3)"},
      {"raw", "binary", "bytea"},
      {"key", "uuid", "uuid"},
      {"ok", "boolean", "boolean"},
      {"f", "float", "real"},
      {"n", "int", "smallint"},
      {"gap", "string", "interval"},
      {"fixed", "string", "character(3)"},
  };
  EXPECT_EQ(*columns, kExpected);
  EXPECT_EQ(session_->Columns("nowhere").error().message,
            "PostgreSQL: relation \"nowhere\" does not exist (line 1, column 15).");
  EXPECT_EQ(session_->Query("SELECT 'sad'::mood")->columns()[0].type, "mood");
  EXPECT_EQ(session_->Columns("(SELECT 1 AS one) AS t")->at(0),
            (TableColumn{"one", "int", "integer"}));
  EXPECT_EQ(session_->Name().substr(0, 11), "PostgreSQL ");
}

TEST_F(PostgresTest, Parameters) {
  EXPECT_EQ(Text("SELECT $1 + 1, $2 || '!', $3, $4::float8, $5::text", {{"", int64_t{41}},
                                                                        {"", "it's"},
                                                                        {"", FromMicros(-1)},
                                                                        {"", 1.5},
                                                                        {"", std::monostate()}}),
            "42 | it's! | 1969-12-31 23:59:59.999999 | 1.5 | NULL");
  EXPECT_EQ(Text("SELECT DATE '2005-08-20' < $1", {{"", "2005-08-21"}}), "true");
  EXPECT_EQ(Text("SELECT $1", {{"n", true}}), "error: PostgreSQL's parameters have no names: $n.");
  EXPECT_EQ(Text("SELECT $1", {{"", std::string("a\0b", 3)}}),
            "error: PostgreSQL holds no text with a zero byte.");
}

TEST_F(PostgresTest, MistakesAreNamed) {
  Run("CREATE TABLE payment (amount int)");
  const std::pair<const char*, const char*> kCases[] = {
      {"SELECT 'ä',\n  foo FROM payment",
       "PostgreSQL: column \"foo\" does not exist (line 2, column 3)."},
      {"selec 1", "PostgreSQL: syntax error at or near \"selec\" (line 1, column 1)."},
      {"SELECT 1; SELECT 2",
       "PostgreSQL: cannot insert multiple commands into a prepared statement."},
      {"SELECT 'x'::int",
       "PostgreSQL: invalid input syntax for type integer: \"x\" (line 1, column 8)."},
      {"", "PostgreSQL: there is no statement."},
      {"COPY payment TO STDOUT", "PostgreSQL: COPY to or from the client is not possible."},
      {"INSERT INTO payment VALUES (1)",
       "PostgreSQL: cannot execute INSERT in a read-only transaction. The session only reads."},
  };
  for (const auto& [sql, expected] : kCases)
    EXPECT_EQ(Text(sql), std::string("error: ") + expected) << sql;
  EXPECT_EQ(Text("SELECT 1"), "1");
}

TEST_F(PostgresTest, RowsAreBoundedOnRequest) {
  auto rows = session_->Query("SELECT generate_series(1, 500000000) AS n", {}, {.rows_max = 1000});
  ASSERT_TRUE(rows.ok()) << rows.error().message;
  EXPECT_EQ(rows->row_count(), 1000);
  EXPECT_TRUE(rows->truncated());
  EXPECT_EQ(rows->Integer(999, 0), 1000);
  auto all =
      session_->Query("SELECT n FROM generate_series(1, 1000) AS t(n)", {}, {.rows_max = 1000});
  EXPECT_FALSE(all->truncated());
  EXPECT_EQ(all->row_count(), 1000);
  EXPECT_EQ(session_->Query("SELECT 1 AS a WHERE false")->columns()[0].name, "a");
}

TEST_F(PostgresTest, ALimitOfTimeEndsAStatement) {
  auto rows = session_->Query("SELECT pg_sleep(600)", {}, {.time_limit = 50ms});
  ASSERT_FALSE(rows.ok());
  EXPECT_EQ(rows.error().kind, ErrorKind::kInterrupted);
  EXPECT_EQ(rows.error().message, "The statement ran longer than its limit of 50 ms.");
  EXPECT_EQ(Text("SELECT 1"), "1");  // The connection goes on.
  // Rows that come without end are ended as well.
  rows = session_->Query("SELECT generate_series(1, 2000000000), repeat('x', 1000)", {},
                         {.time_limit = 50ms});
  EXPECT_EQ(rows.error().kind, ErrorKind::kInterrupted);
  EXPECT_EQ(Text("SELECT 2"), "2");
}

TEST_F(PostgresTest, AStopEndsAStatement) {
  std::stop_source stop;
  std::jthread stopper([&] {
    AwaitStatement("pg_sleep(601)");
    stop.request_stop();
  });
  auto rows = session_->Query("SELECT pg_sleep(601)", {}, {.stop = stop.get_token()});
  ASSERT_FALSE(rows.ok());
  EXPECT_EQ(rows.error().kind, ErrorKind::kInterrupted);
  EXPECT_EQ(rows.error().message, "The statement was stopped.");
  EXPECT_EQ(Text("SELECT 1"), "1");
  EXPECT_EQ(session_->Query("SELECT 1", {}, {.stop = stop.get_token()}).error().kind,
            ErrorKind::kInterrupted);
}

TEST_F(PostgresTest, TheServersOwnCancellationIsNoFailureOfData) {
  std::jthread other([&] {
    AwaitStatement("pg_sleep(602)");
    RunAsAdmin(
        "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE query LIKE "
        "'%pg_sleep(602)%' AND usename = 'andon'");
  });
  auto rows = session_->Query("SELECT pg_sleep(602)");
  ASSERT_FALSE(rows.ok());
  EXPECT_EQ(rows.error().kind, ErrorKind::kInterrupted);
  EXPECT_EQ(rows.error().message, "PostgreSQL: canceling statement due to user request.");
}

TEST_F(PostgresTest, AConnectionDroppedInMidScan) {
  std::jthread other([&] {
    AwaitStatement("pg_sleep(603)");
    Terminate();
  });
  auto rows = session_->Query(
      "SELECT n FROM generate_series(1, 1000) AS t(n) UNION ALL SELECT 1 FROM pg_sleep(603)");
  ASSERT_FALSE(rows.ok());
  EXPECT_EQ(rows.error().kind, ErrorKind::kUnavailable);
  EXPECT_NE(rows.error().message.find("dropped the connection: "), std::string::npos)
      << rows.error().message;
  EXPECT_NE(rows.error().message.find("terminating connection due to administrator command"),
            std::string::npos)
      << rows.error().message;
  other.join();
  EXPECT_EQ(Text("SELECT 1"), "1");  // It connects again, with its settings.
  EXPECT_EQ(Text("SELECT current_setting('transaction_read_only')"), "on");
}

TEST_F(PostgresTest, AConnectionDroppedBetweenStatements) {
  Terminate();
  auto rows = session_->Query("SELECT 1");
  if (!rows.ok()) {
    EXPECT_EQ(rows.error().kind, ErrorKind::kUnavailable) << rows.error().message;
  }
  EXPECT_EQ(Text("SELECT 2"), "2");
  Terminate();
  auto columns = session_->Columns("pg_class");
  EXPECT_EQ(columns.error().kind, ErrorKind::kUnavailable);
  EXPECT_TRUE(session_->Columns("pg_class").ok());
}

// Whoever gets the connection next from a pool finds it as it was; and no table stays locked.
TEST_F(PostgresTest, NothingStaysBehindAStatement) {
  Run("CREATE TABLE payment (amount int)");
  EXPECT_EQ(Text("SELECT count(*), current_setting('TimeZone') FROM payment"), "0 | UTC");
  EXPECT_FALSE(session_->Query("SELECT 1 / 0").ok());
  Run("SET lock_timeout = '10s'");
  Run("DROP TABLE payment");
  auto rows = admin_->Query(
      "SELECT state, query FROM pg_stat_activity WHERE usename = 'andon' AND datname = "
      "current_database()");
  ASSERT_EQ(rows->row_count(), 1);
  EXPECT_EQ(rows->Text(0, 0), "idle");
  EXPECT_EQ(rows->Text(0, 1), "ROLLBACK");
}

TEST_F(PostgresTest, AMissingGrantNamesTheTable) {
  RunAsAdmin("CREATE TABLE salary (id int)");
  RunAsAdmin("CREATE SCHEMA hidden; ");
  RunAsAdmin("CREATE TABLE hidden.t (id int)");
  EXPECT_EQ(Text("SELECT * FROM salary"),
            "error: PostgreSQL: permission denied for table salary. The user needs the grant: "
            "GRANT SELECT ON salary TO \"andon\";");
  EXPECT_EQ(Text("SELECT * FROM hidden.t"),
            "error: PostgreSQL: permission denied for schema hidden (line 1, column 15). The user "
            "needs the grant: GRANT USAGE ON SCHEMA hidden TO \"andon\";");
}

TEST_F(PostgresTest, ARefusedConnectionNamesItsCause) {
  std::string server = "127.0.0.1:" + std::to_string(options_.port);
  PostgresOptions other = options_;
  other.password = "wrong";
  EXPECT_EQ(OpenError(other), "PostgreSQL at " + server +
                                  " does not accept the password (password authentication failed "
                                  "for user \"andon\"). Check the user and the password.");
  other = options_;
  other.password.clear();
  other.others["passfile"] = "/nonexistent";
  EXPECT_EQ(OpenError(other), "PostgreSQL at " + server +
                                  " asks for a password, and none is given. Put it in PGPASSWORD, "
                                  "in ~/.pgpass, or in a secret.");
  other = options_;
  other.database = "nowhere";
  EXPECT_EQ(OpenError(other), "PostgreSQL at " + server +
                                  " has no such database: database \"nowhere\" does not exist.");
  other = options_;
  other.host = "no-such-host.invalid";
  EXPECT_EQ(OpenError(other).substr(0, 45), "The host \"no-such-host.invalid\" is not known ");
  other = options_;
  other.host = "/nonexistent";
  EXPECT_NE(OpenError(other).find("No PostgreSQL listens at /nonexistent"), std::string::npos)
      << OpenError(other);
  other = options_;
  other.database = "only_tls";
  other.sslmode = "disable";
  EXPECT_NE(OpenError(other).find("refuses a connection without TLS"), std::string::npos)
      << OpenError(other);
}

// A socket of ours, for a server that is none. With `listens`, it takes connections and says
// nothing.
class DeafServer {
 public:
  explicit DeafServer(bool listens) : socket_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof address;
    EXPECT_EQ(bind(socket_, reinterpret_cast<sockaddr*>(&address), length), 0);
    EXPECT_EQ(getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &length), 0);
    EXPECT_EQ(listens ? listen(socket_, 8) : 0, 0);
    port_ = ntohs(address.sin_port);
  }
  ~DeafServer() { close(socket_); }
  int port() const { return port_; }

 private:
  int socket_;
  int port_ = 0;
};

TEST(PostgresConnection, RefusedAndDeaf) {
  DeafServer closed(false), deaf(true);
  PostgresOptions options{.host = "127.0.0.1", .port = closed.port(), .user = "ada"};
  auto refused = OpenPostgres(options);
  EXPECT_EQ(refused.error().kind, ErrorKind::kUnavailable);
  EXPECT_EQ(refused.error().message,
            fmt::format("Nothing answers at 127.0.0.1:{} (connection refused). Check host and "
                        "port, and that PostgreSQL runs there and listens on that address.",
                        closed.port()));
  options.port = deaf.port();
  options.connect_timeout = 100ms;
  auto late = OpenPostgres(options);
  EXPECT_EQ(late.error().kind, ErrorKind::kUnavailable);
  EXPECT_EQ(late.error().message,
            fmt::format("127.0.0.1:{} did not answer in time. A firewall, or a wrong address?",
                        deaf.port()));
  options.connect_timeout = 0s;
  std::stop_source stop;
  std::jthread stopper([&] {
    std::this_thread::sleep_for(20ms);
    stop.request_stop();
  });
  EXPECT_EQ(OpenPostgres(options, stop.get_token()).error().kind, ErrorKind::kInterrupted);
}

TEST_F(PostgresTest, TlsIsNamedWhereItFails) {
  if (Server()["ca"].AsString().empty()) GTEST_SKIP() << "needs openssl";
  PostgresOptions tls = options_;
  tls.host = "localhost";
  tls.sslmode = "verify-full";
  tls.sslrootcert = Server()["ca"].AsString();
  auto session = OpenPostgres(tls);
  ASSERT_TRUE(session.ok()) << session.error().message;
  EXPECT_EQ(Text(**session, "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()"), "true");

  PostgresOptions other = tls;
  other.host = "127.0.0.1";
  EXPECT_NE(OpenError(other).find("TLS: the server's certificate is not for \"127.0.0.1\""),
            std::string::npos)
      << OpenError(other);
  other = tls;
  other.sslrootcert = "system";
  EXPECT_NE(OpenError(other).find("is not signed by a trusted authority"), std::string::npos)
      << OpenError(other);
  other = tls;
  other.sslrootcert = "/nonexistent/ca.crt";
  EXPECT_NE(OpenError(other).find("TLS: there is no authority to trust"), std::string::npos)
      << OpenError(other);
  session = OpenPostgres(options_);  // prefer, as the server is this machine.
  EXPECT_TRUE(session.ok());

  // A server without TLS; new connections see it when the server has read its settings again.
  RunAsAdmin("ALTER SYSTEM SET ssl = off");
  RunAsAdmin("SELECT pg_reload_conf()");
  auto until = std::chrono::steady_clock::now() + 60s;
  std::string error;
  while (error.empty() && std::chrono::steady_clock::now() < until) error = OpenError(tls);
  EXPECT_NE(error.find("TLS refused: PostgreSQL at localhost:"), std::string::npos) << error;
  RunAsAdmin("ALTER SYSTEM RESET ssl");
  RunAsAdmin("SELECT pg_reload_conf()");
  while (!OpenError(tls).empty() && std::chrono::steady_clock::now() < until) {
  }
}

TEST_F(PostgresTest, ThroughABastion) {
  io::TestServer sshd("sshd");
  if (!sshd.missing().empty()) GTEST_SKIP() << "needs " << sshd.missing();
  PostgresOptions options = options_;
  options.tunnel = io::SshTunnelOptions{.host = sshd["host"].AsString(),
                                        .port = static_cast<int>(sshd["port"].AsInteger()),
                                        .user = sshd["user"].AsString(),
                                        .key_file = sshd["key"].AsString(),
                                        .known_hosts_file = sshd["known_hosts"].AsString(),
                                        .config_file = "none"};
  {
    auto session = OpenPostgres(options);
    ASSERT_TRUE(session.ok()) << session.error().message;
    EXPECT_EQ(Text(**session, "SELECT 1"), "1");
  }
  // Behind the bastion nobody listens.
  DeafServer closed(false);
  options.port = closed.port();
  options.host = "127.0.0.1";
  auto session = OpenPostgres(options);
  EXPECT_EQ(session.error().kind, ErrorKind::kUnavailable);
  EXPECT_NE(session.error().message.find("Connection refused"), std::string::npos)
      << session.error().message;
  EXPECT_NE(session.error().message.find("It is reached through 127.0.0.1"), std::string::npos)
      << session.error().message;
}

// In the server's log of all statements: what is asked for once is run once.
TEST_F(PostgresTest, AStatementIsSentOnce) {
  EXPECT_EQ(Text("SELECT 'sent once'"), "sent once");
  EXPECT_EQ(Text("SELECT 'and this behind it'"), "and this behind it");
  auto until = std::chrono::steady_clock::now() + 60s;
  std::string log;
  while (log.find("and this behind it") == std::string::npos &&
         std::chrono::steady_clock::now() < until) {
    std::ifstream file(Server()["log"].AsString());
    log.assign(std::istreambuf_iterator<char>(file), {});
  }
  size_t count = 0;
  for (size_t at = 0; (at = log.find("SELECT 'sent once'", at)) != std::string::npos; at++) count++;
  EXPECT_EQ(count, 1u);
}

}  // namespace
}  // namespace andon::sql
