#include "store/journal.h"

#include "store/foreign_commit.h"
#include "store/meta.h"
#include "store/test_database.h"

namespace andon::store {
namespace {

using JournalTest = DatabaseTest;

std::vector<int64_t> Seqs(Database& db, const FactFilter& filter) {
  auto facts = db.Read([&](Transaction& tx) { return ReadFacts(tx, filter); });
  EXPECT_TRUE(facts.ok());
  std::vector<int64_t> seqs;
  for (const Fact& fact : *facts) seqs.push_back(fact.seq);
  return seqs;
}

TEST_F(JournalTest, FactsComeBackAsTheyWere) {
  Fact fact{.time = FromMicros(1234567),
            .actor = "ana",
            .kind = fact::kPublished,
            .address = "dataset.payment",
            .run_id = "r1",
            .release_id = 2,
            .body = Json::Object({{"before", 1}, {"after", 2}})};
  auto seq = db->Write([&](Transaction& tx) { return Append(tx, fact); });
  ASSERT_TRUE(seq.ok());
  auto facts = db->Read([](Transaction& tx) { return ReadFacts(tx, {}); });
  ASSERT_EQ(facts->size(), 1u);
  const Fact& read = facts->front();
  EXPECT_EQ(read.seq, *seq);
  EXPECT_EQ(read.time, fact.time);
  EXPECT_EQ(read.actor, fact.actor);
  EXPECT_EQ(read.kind, fact.kind);
  EXPECT_EQ(read.address, fact.address);
  EXPECT_EQ(read.run_id, fact.run_id);
  EXPECT_EQ(read.release_id, 2);
  EXPECT_EQ(read.body, fact.body);
  EXPECT_EQ(*db->Read(LastSeq), *seq);
}

TEST_F(JournalTest, Filters) {
  EXPECT_EQ(*db->Read(LastSeq), 0);
  ASSERT_TRUE(db->Write([](Transaction& tx) -> Result<void> {
                  for (int i = 1; i <= 6; ++i) {
                    TRY(Append(tx, {.time = FromMicros(i * 10),
                                    .kind = i % 2 ? "a" : "b",
                                    .address = i <= 3 ? "x" : "y",
                                    .run_id = i == 6 ? "r" : "",
                                    .release_id = i == 5 ? 7 : 0}));
                  }
                  return {};
                }).ok());
  using Seq = std::vector<int64_t>;
  EXPECT_EQ(Seqs(*db, {}), (Seq{1, 2, 3, 4, 5, 6}));
  EXPECT_EQ(Seqs(*db, {.addresses = {"x"}}), (Seq{1, 2, 3}));
  EXPECT_EQ(Seqs(*db, {.addresses = {"x", "y"}, .kinds = {"b"}}), (Seq{2, 4, 6}));
  EXPECT_EQ(Seqs(*db, {.run_id = "r"}), (Seq{6}));
  EXPECT_EQ(Seqs(*db, {.release_id = 7}), (Seq{5}));
  EXPECT_EQ(Seqs(*db, {.from = FromMicros(20), .before = FromMicros(40)}), (Seq{2, 3}));
  EXPECT_EQ(Seqs(*db, {.after_seq = 4}), (Seq{5, 6}));
  EXPECT_EQ(Seqs(*db, {.limit = 2, .newest_first = true}), (Seq{6, 5}));
}

// Another tool knows nothing of our tables: it just writes iceberg_tables.
constexpr char kInsert[] =
    "INSERT INTO iceberg_tables VALUES ('andon', 'shop', ?, ?, NULL, 'TABLE')";
constexpr char kUpdate[] =
    "UPDATE iceberg_tables SET previous_metadata_location = metadata_location,"
    " metadata_location = ? WHERE table_name = ?";

std::vector<std::string> ForeignActions(Database& db) {
  auto facts =
      db.Read([](Transaction& tx) { return ReadFacts(tx, {.kinds = {fact::kForeignCommit}}); });
  std::vector<std::string> actions;
  for (const Fact& fact : *facts) {
    actions.push_back(fact.body["action"].AsString() + " " + fact.address + " " +
                      fact.body["metadata_location"].AsString());
    EXPECT_EQ(fact.body["namespace"].AsString(), "shop");
    EXPECT_GT(ToMicros(fact.time), int64_t{1600000000} * 1000000);
  }
  return actions;
}

TEST_F(JournalTest, CommitsOfOthersAreFacts) {
  ASSERT_TRUE(db->Execute(kInsert, {"payment", "m1"}).ok());
  ASSERT_TRUE(db->Execute(kUpdate, {"m2", "payment"}).ok());
  ASSERT_TRUE(db->Execute("UPDATE iceberg_tables SET table_name = 'pay'").ok());
  ASSERT_TRUE(db->Execute("DELETE FROM iceberg_tables").ok());
  EXPECT_EQ(ForeignActions(*db),
            (std::vector<std::string>{"create dataset.payment m1", "commit dataset.payment m2",
                                      "rename dataset.pay m2", "drop dataset.pay m2"}));
}

TEST_F(JournalTest, OurCommitsAreNot) {
  auto done = db->Write([](Transaction& tx) -> Result<void> {
    TRY(ExpectCommit(tx, "m1"));
    TRY(tx.Execute(kInsert, {"payment", "m1"}));
    TRY(ExpectCommit(tx, "m2"));
    TRY(ExpectCommit(tx, "m2"));
    auto changed = TRY(tx.Execute(kUpdate, {"m2", "payment"}));
    EXPECT_EQ(changed, 1) << "a compare-and-swap counts its own rows, not those of triggers";
    auto missed = TRY(tx.Execute(kUpdate, {"m2", "nothing"}));
    EXPECT_EQ(missed, 0);
    return {};
  });
  ASSERT_TRUE(done.ok()) << done.error().message;
  EXPECT_TRUE(ForeignActions(*db).empty());
  EXPECT_TRUE(db->Query("SELECT 1 FROM iceberg_expected")->empty());
  // What was expected once is not expected for ever.
  ASSERT_TRUE(db->Execute(kUpdate, {"m2", "payment"}).ok());
  EXPECT_EQ(ForeignActions(*db).size(), 1u);
}

TEST_F(JournalTest, TheCatalogIsColumnForColumnThatOfPyIceberg) {
  struct Column {
    const char *name, *type;
    int not_null, key;
  };
  auto expect = [&](const std::string& table, std::initializer_list<Column> wanted) {
    auto rows = db->Query(fmt::format("PRAGMA table_info({})", table));
    ASSERT_EQ(rows->size(), wanted.size());
    size_t i = 0;
    for (const Column& column : wanted) {
      const Row& row = (*rows)[i++];
      EXPECT_EQ(row.Text("name"), column.name);
      EXPECT_EQ(row.Text("type"), column.type);
      EXPECT_EQ(row.Integer("notnull"), column.not_null);
      EXPECT_EQ(row.Integer("pk"), column.key);
    }
  };
  // As `sqlite3 .schema` shows them of a file that PyIceberg made.
  expect("iceberg_tables", {{"catalog_name", "VARCHAR(255)", 1, 1},
                            {"table_namespace", "VARCHAR(255)", 1, 2},
                            {"table_name", "VARCHAR(255)", 1, 3},
                            {"metadata_location", "VARCHAR(1000)", 0, 0},
                            {"previous_metadata_location", "VARCHAR(1000)", 0, 0},
                            {"iceberg_type", "VARCHAR(5)", 0, 0}});
  expect("iceberg_namespace_properties", {{"catalog_name", "VARCHAR(255)", 1, 1},
                                          {"namespace", "VARCHAR(255)", 1, 2},
                                          {"property_key", "VARCHAR(255)", 1, 3},
                                          {"property_value", "VARCHAR(1000)", 1, 0}});
}

TEST_F(JournalTest, MetaBlobsAndDocuments) {
  auto done = db->Write([](Transaction& tx) -> Result<void> {
    EXPECT_EQ(*GetMeta(tx, "id"), std::nullopt);
    EXPECT_EQ(*GetOrSetMeta(tx, "id", "1"), "1");
    EXPECT_EQ(*GetOrSetMeta(tx, "id", "2"), "1");
    TRY(SetMeta(tx, "id", "3"));
    EXPECT_EQ(*GetMeta(tx, "id"), "3");

    std::string content("a\0b", 3);
    auto hash = TRY(PutBlob(tx, content));
    EXPECT_EQ(*PutBlob(tx, content), hash);
    EXPECT_EQ(*GetBlob(tx, hash), content);
    EXPECT_EQ(GetBlob(tx, "none").error().kind, ErrorKind::kNotFound);
    TRY(tx.Execute("UPDATE blobs SET content = ?", {Blob{"other"}}));
    EXPECT_EQ(GetBlob(tx, hash).error().kind, ErrorKind::kCorrupt);

    TRY(PutDocument(tx, {"k", "b", "s", FromMicros(1), Json::Object({{"n", 1}})}));
    TRY(PutDocument(tx, {"k", "a", "s", FromMicros(1), Json()}));
    TRY(PutDocument(tx, {"k", "b", "t", FromMicros(2), Json::Object({{"n", 2}})}));
    auto documents = TRY(ListDocuments(tx, "k"));
    EXPECT_EQ(documents.size(), 2u);
    EXPECT_EQ(documents[1].state, "t");
    EXPECT_EQ(documents[1].body["n"].AsInteger(), 2);
    TRY(RemoveDocument(tx, "k", "b"));
    EXPECT_FALSE(GetDocument(tx, "k", "b")->has_value());
    EXPECT_TRUE(GetDocument(tx, "k", "a")->has_value());
    return {};
  });
  EXPECT_TRUE(done.ok()) << done.error().message;
}

}  // namespace
}  // namespace andon::store
