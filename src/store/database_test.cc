#include "store/database.h"

#include <signal.h>
#include <sqlite3.h>
#include <sys/wait.h>
#include <unistd.h>

#include <thread>

#include "io/process.h"
#include "store/migrations.h"
#include "store/test_database.h"

namespace andon::store {
namespace {

int64_t CountOf(Database& db, const std::string& table) {
  auto rows = db.Query("SELECT COUNT(*) AS n FROM " + table);
  EXPECT_TRUE(rows.ok());
  return rows.ok() ? (*rows)[0].Integer("n") : -1;
}

// Changes the file as another program would.
void ExecuteOutside(const std::string& path, const std::string& sql) {
  sqlite3* raw = nullptr;
  ASSERT_EQ(sqlite3_open(path.c_str(), &raw), SQLITE_OK);
  char* message = nullptr;
  EXPECT_EQ(sqlite3_exec(raw, sql.c_str(), nullptr, nullptr, &message), SQLITE_OK)
      << (message ? message : "");
  sqlite3_free(message);
  sqlite3_close(raw);
}

TEST_F(DatabaseTest, CellsComeBackAsTheyWere) {
  Json json = Json::Object({{"a", 1}});
  std::string bytes("\0\xff", 2);
  auto rows = db->Query(
      "SELECT ? AS n, ? AS i, ? AS d, ? AS s, ? AS b, ? AS t, ? AS j, ? AS e",
      {nullptr, int64_t{1} << 60, 0.1, "ü\n", Blob{bytes}, FromMicros(7), json, Blob{""}});
  ASSERT_TRUE(rows.ok()) << rows.error().message;
  const Row& row = (*rows)[0];
  EXPECT_TRUE(row.IsNull("n"));
  EXPECT_EQ(row.Integer("i"), int64_t{1} << 60);
  EXPECT_EQ(row.Double("d"), 0.1);
  EXPECT_EQ(row.Text("s"), "ü\n");
  EXPECT_EQ(row.Text("b"), bytes);
  EXPECT_TRUE(row["b"].is_blob());
  EXPECT_EQ(row.Time("t"), FromMicros(7));
  EXPECT_EQ(row.Document("j"), json);
  EXPECT_EQ(row.OptionalTime("n"), std::nullopt);
  EXPECT_TRUE(row["e"].is_blob());
  EXPECT_TRUE(row.Document("s").is_null());
}

TEST_F(DatabaseTest, AFailedBodyChangesNothing) {
  auto done = db->Write([](Transaction& tx) -> Result<int> {
    auto changed = TRY(tx.Execute("INSERT INTO meta VALUES ('a', 'b'), ('c', 'd')"));
    EXPECT_EQ(changed, 2);
    return Error::Invalid("no");
  });
  ASSERT_FALSE(done.ok());
  EXPECT_EQ(done.error().message, "no");
  EXPECT_EQ(CountOf(*db, "meta"), 0);
  auto kept = db->Write([](Transaction& tx) -> Result<std::string> {
    auto rows = TRY(tx.Query("INSERT INTO meta VALUES ('a', 'b') RETURNING value"));
    return rows.at(0).Text("value");
  });
  EXPECT_EQ(*kept, "b");
  EXPECT_EQ(CountOf(*db, "meta"), 1);
}

TEST_F(DatabaseTest, ErrorsAreOfTheirKind) {
  ASSERT_TRUE(db->Execute("INSERT INTO meta VALUES ('a', 'b')").ok());
  EXPECT_EQ(db->Execute("INSERT INTO meta VALUES ('a', 'b')").error().kind, ErrorKind::kConflict);
  EXPECT_EQ(db->Execute("INSERT INTO incident_events (incident_id, time, kind) VALUES (9, 0, '')")
                .error()
                .kind,
            ErrorKind::kConflict)
      << "foreign keys hold";
  EXPECT_EQ(db->Execute("SELEKT").error().kind, ErrorKind::kInvalid);
  EXPECT_EQ(db->Execute("SELECT 1; SELECT 2").error().kind, ErrorKind::kInvalid);
  EXPECT_EQ(db->Execute("SELECT ?").error().kind, ErrorKind::kInvalid);
  EXPECT_EQ(db->Execute("").error().kind, ErrorKind::kInvalid);
  EXPECT_FALSE(db->Query("DELETE FROM meta").ok()) << "reading changes nothing";
  EXPECT_EQ(CountOf(*db, "meta"), 1);
}

TEST_F(DatabaseTest, AReaderSeesOneMoment) {
  auto seen = db->Read([&](Transaction& tx) -> Result<void> {
    auto before = TRY(tx.Query("SELECT COUNT(*) AS n FROM meta"));
    TRY(db->Execute("INSERT INTO meta VALUES ('a', 'b')"));  // Does not wait for us.
    auto after = TRY(tx.Query("SELECT COUNT(*) AS n FROM meta"));
    EXPECT_EQ(before[0].Integer("n"), after[0].Integer("n"));
    return {};
  });
  EXPECT_TRUE(seen.ok());
  EXPECT_EQ(CountOf(*db, "meta"), 1);
}

TEST_F(DatabaseTest, ManyThreadsCountToTheRightNumber) {
  ASSERT_TRUE(db->Execute("INSERT INTO meta VALUES ('n', '0')").ok());
  std::vector<std::thread> threads;
  for (int t = 0; t < 6; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 20; ++i) {
        auto done = db->Write([](Transaction& tx) -> Result<void> {
          auto rows = TRY(tx.Query("SELECT value FROM meta WHERE key = 'n'"));
          int next = std::stoi(rows.at(0).Text("value")) + 1;
          TRY(tx.Execute("UPDATE meta SET value = ? WHERE key = 'n'", {std::to_string(next)}));
          return {};
        });
        EXPECT_TRUE(done.ok());
        EXPECT_TRUE(db->Query("SELECT * FROM meta").ok());
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ((*db->Query("SELECT value FROM meta"))[0].Text("value"), "120");
}

TEST_F(DatabaseTest, TwoProcessesCountToTheRightNumber) {
  ASSERT_TRUE(db->Execute("INSERT INTO meta VALUES ('n', '0')").ok());
  db.reset();
  std::vector<pid_t> children;
  for (int p = 0; p < 2; ++p) {
    pid_t child = ::fork();
    if (child == 0) {
      auto own = OpenSqlite(path);
      bool ok = own.ok();
      for (int i = 0; ok && i < 50; ++i) {
        ok = (*own)->Execute("UPDATE meta SET value = CAST(value AS INTEGER) + 1").ok();
      }
      ::_exit(ok ? 0 : 1);
    }
    children.push_back(child);
  }
  for (pid_t child : children) {
    int status = -1;
    ::waitpid(child, &status, 0);
    EXPECT_EQ(status, 0);
  }
  db = Open();
  EXPECT_EQ((*db->Query("SELECT CAST(value AS INTEGER) AS n FROM meta"))[0].Integer("n"), 100);
}

// A child writes pairs of rows, one pair in each transaction, and says so after each;
// it is killed at a random moment. What it said is there, and nothing is half there.
TEST_F(DatabaseTest, AKilledWriterLosesNothingThatItCommitted) {
  db.reset();
  for (int round = 0; round < 12; ++round) {
    int ends[2];
    ASSERT_EQ(::pipe(ends), 0);
    pid_t child = ::fork();
    if (child == 0) {
      auto own = OpenSqlite(path);
      if (!own.ok()) ::_exit(1);
      for (int i = 0;; ++i) {
        std::string key = fmt::format("{}-{}", round, i);
        auto done = (*own)->Write([&](Transaction& tx) -> Result<void> {
          TRY(tx.Execute("INSERT INTO meta VALUES (?, '')", {key}));
          TRY(tx.Execute("INSERT INTO blobs VALUES (?, ?)", {key, Blob{std::string(9000, 'x')}}));
          return {};
        });
        if (!done.ok()) ::_exit(1);
        if (::write(ends[1], "x", 1) != 1) ::_exit(1);
      }
    }
    ::close(ends[1]);
    std::this_thread::sleep_for(std::chrono::milliseconds(20 + 13 * round));
    ::kill(child, SIGKILL);
    int status = 0;
    ::waitpid(child, &status, 0);
    EXPECT_TRUE(WIFSIGNALED(status));
    int64_t said = 0;
    char buffer[4096];
    for (ssize_t n; (n = ::read(ends[0], buffer, sizeof buffer)) > 0;) said += n;
    ::close(ends[0]);

    db = Open();
    ASSERT_TRUE(db);
    auto rows =
        db->Query("SELECT COUNT(*) AS n FROM meta WHERE key LIKE ?", {fmt::format("{}-%", round)});
    int64_t found = (*rows)[0].Integer("n");
    EXPECT_TRUE(found == said || found == said + 1) << found << " of " << said;
    EXPECT_EQ(CountOf(*db, "meta"), CountOf(*db, "blobs"));
    EXPECT_EQ((*db->Query("PRAGMA integrity_check"))[0][0].AsText(), "ok");
    db.reset();
  }
}

TEST_F(DatabaseTest, IsDurableAndInWalMode) {
  EXPECT_EQ((*db->Query("PRAGMA journal_mode"))[0][0].AsText(), "wal");
  auto level = db->Write([](Transaction& tx) { return tx.Query("PRAGMA synchronous"); });
  EXPECT_EQ((*level)[0][0].AsInteger(), 2) << "FULL";
}

TEST_F(DatabaseTest, AMissingFileIsNotMade) {
  auto missing = OpenSqlite(dir + "/other.db");
  EXPECT_EQ(missing.error().kind, ErrorKind::kNotFound);
  EXPECT_FALSE(io::LocalFileSystem().Exists(dir + "/other.db"));
}

TEST_F(DatabaseTest, ANewerFileIsRefused) {
  db.reset();
  ExecuteOutside(path, "INSERT INTO schema_version VALUES (999, 'of the future')");
  for (bool read_only : {false, true}) {
    auto opened = OpenSqlite(path, {.read_only = read_only});
    ASSERT_FALSE(opened.ok());
    EXPECT_EQ(opened.error().kind, ErrorKind::kInvalid);
    EXPECT_NE(opened.error().message.find("newer Andon (schema 999"), std::string::npos);
  }
}

// What takes a new file back to schema 4.
constexpr char kBackToFour[] =
    "DROP TABLE state_objects; DROP TABLE state_versions; DROP TABLE states;"
    "DROP TABLE suites; DROP TABLE validations; DROP TABLE check_samples;"
    "DROP INDEX check_results_validation;"
    "ALTER TABLE check_results DROP COLUMN validation_id;"
    "ALTER TABLE check_results DROP COLUMN ordinal;"
    "ALTER TABLE check_results DROP COLUMN type;"
    "ALTER TABLE check_results DROP COLUMN observed;"
    "ALTER TABLE check_results DROP COLUMN unexpected_percent;"
    "DELETE FROM schema_version WHERE version >= 5;";

TEST_F(DatabaseTest, ResultsOfAnOlderFileBecomeValidations) {
  db.reset();
  auto row = [](const char* check, const char* state, const char* run, int time) {
    return fmt::format(
        "INSERT INTO check_results (dataset, check_key, scope, state, severity, time, run_id, "
        "snapshot_id, version, body) VALUES ('dataset.t', '{}', 'dataset', '{}', 'critical', {}, "
        "'{}', 7, 1, '{{\"type\":\"expect_x\",\"message\":\"m\",\"observed_value\":3,"
        "\"unexpected_percent\":1.5,\"partial_unexpected_list\":[1],\"sample\":{{\"rows\":[[1]]}}}}"
        "');",
        check, state, time, run);
  };
  ExecuteOutside(path, kBackToFour + row("a", "failed", "run1", 100) +
                           row("b", "passed", "run1", 100) + row("a", "passed", "run2", 200));
  db = Open();
  auto validations = db->Query("SELECT * FROM validations ORDER BY validation_id");
  ASSERT_TRUE(validations.ok());
  ASSERT_EQ(validations->size(), 2u);
  EXPECT_EQ((*validations)[0].Text("state"), "failed");
  EXPECT_EQ((*validations)[0].Text("uuid").size(), 36u);
  EXPECT_EQ((*validations)[1].Text("state"), "passed");
  auto results = db->Query("SELECT * FROM check_results ORDER BY result_id");
  ASSERT_EQ(results->size(), 3u);
  EXPECT_EQ((*results)[1].Integer("validation_id"), 1);
  EXPECT_EQ((*results)[2].Integer("validation_id"), 2);
  EXPECT_EQ((*results)[0].Text("type"), "expect_x");
  EXPECT_EQ((*results)[0].Double("observed"), 3);
  EXPECT_TRUE((*results)[0].Document("body")["sample"].is_null()) << "it stands apart now";
  EXPECT_EQ((*results)[0].Document("body")["message"].AsString(), "m");
  auto samples = db->Query("SELECT * FROM check_samples");
  ASSERT_EQ(samples->size(), 1u) << "of what failed";
  EXPECT_EQ((*samples)[0].Document("body")["sample"]["rows"].size(), 1u);
}

TEST_F(DatabaseTest, AnOlderFileIsBroughtUpToDate) {
  db.reset();
  ExecuteOutside(path, kBackToFour);
  ExecuteOutside(path,
                 "DROP TRIGGER iceberg_tables_created; DROP TRIGGER iceberg_tables_committed;"
                 "DROP TRIGGER iceberg_tables_dropped;"
                 "ALTER TABLE outbox DROP COLUMN claimed_by;"
                 "INSERT INTO meta VALUES ('kept', '1');"
                 "DELETE FROM schema_version WHERE version >= 3");
  EXPECT_EQ(OpenSqlite(path, {.read_only = true}).error().kind, ErrorKind::kInvalid);
  db = Open();
  EXPECT_EQ(CountOf(*db, "sqlite_master WHERE type = 'trigger'"), 3);
  EXPECT_EQ(CountOf(*db, "meta"), 1);
  EXPECT_EQ(CountOf(*db, "schema_version"), SchemaVersion());
}

TEST_F(DatabaseTest, AReaderOnlyReads) {
  ASSERT_TRUE(db->Execute("INSERT INTO meta VALUES ('a', 'b')").ok());
  auto reader = OpenSqlite(path, {.read_only = true});
  ASSERT_TRUE(reader.ok()) << reader.error().message;
  EXPECT_EQ(CountOf(**reader, "meta"), 1);
  EXPECT_FALSE((*reader)->Execute("DELETE FROM meta").ok());
}

TEST_F(DatabaseTest, DamagedFilesAreNamedWithTheCure) {
  db.reset();
  io::LocalFileSystem files;
  std::string whole = *files.Read(path);
  ASSERT_GT(whole.size(), 50000u);
  auto with = [&](size_t at, std::string bytes) {
    std::string text = whole;
    text.replace(at, bytes.size(), bytes);
    return text;
  };
  struct Case {
    const char* name;
    std::string bytes;
  };
  const Case kCases[] = {
      {"other text", std::string(5000, 'x')},
      {"cut in the middle", whole.substr(0, whole.size() / 2)},
      {"cut within a page", whole.substr(0, whole.size() - 100)},
      {"overwritten root page", with(100, std::string(2000, '\x7f'))},
      {"overwritten inner page", with(5 * 4096, std::string(4096, '\x7f'))},
  };
  for (const Case& c : kCases) {
    SCOPED_TRACE(c.name);
    ASSERT_TRUE(files.WriteAtomically(path, c.bytes).ok());
    auto opened = OpenSqlite(path, {.create = true});
    ASSERT_FALSE(opened.ok());
    EXPECT_EQ(opened.error().kind, ErrorKind::kCorrupt) << opened.error().message;
    EXPECT_NE(opened.error().message.find(path), std::string::npos);
    EXPECT_NE(opened.error().message.find("backup"), std::string::npos);
    EXPECT_EQ(*files.Read(path), c.bytes) << "a damaged file is not touched";
  }
}

TEST_F(DatabaseTest, AnEmptyFileIsANewDatabase) {
  db.reset();
  ASSERT_TRUE(io::LocalFileSystem().WriteAtomically(path, "").ok());
  db = Open();
  EXPECT_EQ(CountOf(*db, "schema_version"), SchemaVersion());
}

TEST_F(DatabaseTest, AFileThatAnotherCatalogBeganIsTaken) {
  std::string theirs = dir + "/theirs.db";
  ExecuteOutside(theirs,
                 "CREATE TABLE iceberg_tables (catalog_name VARCHAR(255) NOT NULL,"
                 " table_namespace VARCHAR(255) NOT NULL, table_name VARCHAR(255) NOT NULL,"
                 " metadata_location VARCHAR(1000), previous_metadata_location VARCHAR(1000),"
                 " iceberg_type VARCHAR(5),"
                 " PRIMARY KEY (catalog_name, table_namespace, table_name));"
                 "INSERT INTO iceberg_tables VALUES ('andon', 'shop', 't', 'm', NULL, 'TABLE')");
  auto opened = OpenSqlite(theirs);
  ASSERT_TRUE(opened.ok()) << opened.error().message;
  EXPECT_EQ(CountOf(**opened, "iceberg_tables"), 1);
  EXPECT_EQ(CountOf(**opened, "journal"), 0);
}

TEST_F(DatabaseTest, AFullDiskChangesNothing) {
  ASSERT_TRUE(db->Execute("INSERT INTO meta VALUES ('a', 'b')").ok());
  // SQLite reports the limit on pages as it reports a full disk.
  auto limited = db->Write([](Transaction& tx) -> Result<void> {
    auto pages = TRY(tx.Query("PRAGMA page_count"));
    TRY(tx.Query(fmt::format("PRAGMA max_page_count = {}", pages.at(0)[0].AsInteger() + 2)));
    return {};
  });
  ASSERT_TRUE(limited.ok());
  auto written = db->Write([](Transaction& tx) -> Result<void> {
    TRY(tx.Execute("INSERT INTO meta VALUES ('c', 'd')"));
    TRY(tx.Execute("INSERT INTO blobs VALUES ('x', ?)", {Blob{std::string(1 << 20, 'x')}}));
    return {};
  });
  ASSERT_FALSE(written.ok());
  EXPECT_EQ(written.error().kind, ErrorKind::kIo);
  EXPECT_NE(written.error().message.find("no space left on device"), std::string::npos);
  EXPECT_EQ(CountOf(*db, "meta"), 1);
  EXPECT_TRUE(db->Execute("INSERT INTO meta VALUES ('c', 'd')").ok()) << "it goes on";
}

TEST_F(DatabaseTest, AnotherWriterIsWaitedForAndThenNamed) {
  auto impatient = OpenSqlite(path, {.timeout = std::chrono::milliseconds(50)});
  ASSERT_TRUE(impatient.ok());
  auto held = db->Write([&](Transaction&) -> Result<void> {
    auto other = (*impatient)->Execute("INSERT INTO meta VALUES ('a', 'b')");
    EXPECT_FALSE(other.ok());
    EXPECT_EQ(other.error().kind, ErrorKind::kHeld);
    EXPECT_NE(other.error().message.find(path), std::string::npos);
    return {};
  });
  EXPECT_TRUE(held.ok());
}

TEST_F(DatabaseTest, MigrationsCountFromOne) {
  int expected = 1;
  for (const Migration& migration : Migrations()) EXPECT_EQ(migration.version, expected++);
}

TEST_F(DatabaseTest, TwoProcessesMayOpenANewFileAtOnce) {
  // Several times: they seldom meet at the moment in which a file must be had alone.
  for (int round = 0; round < 10; ++round) {
    std::string fresh = fmt::format("{}/fresh{}.db", dir, round);
    std::vector<pid_t> children;
    for (int p = 0; p < 4; ++p) {
      pid_t child = ::fork();
      if (child == 0) ::_exit(OpenSqlite(fresh, {.create = true}).ok() ? 0 : 1);
      children.push_back(child);
    }
    for (pid_t child : children) {
      int status = -1;
      ::waitpid(child, &status, 0);
      EXPECT_EQ(status, 0);
    }
  }
}

}  // namespace
}  // namespace andon::store
