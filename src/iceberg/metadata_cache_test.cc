#include "iceberg/metadata_cache.h"

#include <gtest/gtest.h>

namespace andon::iceberg {
namespace {

TableMetadata Of(const std::string& uuid, int64_t sequence_number) {
  TableMetadata metadata;
  metadata.uuid = uuid;
  metadata.last_sequence_number = sequence_number;
  return metadata;
}

TEST(MetadataCache, KnowsTheLastFileOfEachTable) {
  MetadataCache cache;
  EXPECT_EQ(cache.Find("/a/1"), nullptr);
  cache.Put("/a/1", Of("a", 1));
  cache.Put("/b/1", Of("b", 7));
  EXPECT_EQ(cache.Find("/a/1")->last_sequence_number, 1);
  auto held = cache.Find("/a/1");
  cache.Put("/a/2", Of("a", 2));
  EXPECT_EQ(cache.Find("/a/1"), nullptr);
  EXPECT_EQ(cache.Find("/a/2")->last_sequence_number, 2);
  EXPECT_EQ(cache.Find("/b/1")->last_sequence_number, 7);
  EXPECT_EQ(held->last_sequence_number, 1);  // Who has it keeps it.
}

TEST(MetadataCache, ForgetsWhatWasNotAskedForLongest) {
  MetadataCache cache;
  for (size_t i = 0; i < MetadataCache::kTablesMax; ++i) {
    cache.Put("/" + std::to_string(i), Of(std::to_string(i), 0));
  }
  ASSERT_NE(cache.Find("/0"), nullptr);
  cache.Put("/one more", Of("one more", 0));
  EXPECT_NE(cache.Find("/0"), nullptr);
  EXPECT_EQ(cache.Find("/1"), nullptr);
  EXPECT_NE(cache.Find("/one more"), nullptr);
}

TEST(SnapshotList, CopiesShareTheirSnapshotsAndPrintAlike) {
  SnapshotList list;
  EXPECT_EQ(list.ToJsonText(), "[]");
  for (int64_t id = 1; id <= 3; ++id) {
    Snapshot snapshot;
    snapshot.id = id;
    snapshot.manifest_list = "/list";
    snapshot.summary["operation"] = "append";
    list.push_back(std::move(snapshot));
  }
  SnapshotList copy = list;
  EXPECT_EQ(&copy[1], &list[1]);
  EXPECT_EQ(copy.ToJsonText(), list.ToJsonText());
  Json json = *Json::Parse(list.ToJsonText());
  ASSERT_EQ(json.items().size(), 3u);
  EXPECT_EQ(json.items()[2]["snapshot-id"].AsInteger(), 3);
  copy.KeepIf([](const Snapshot& snapshot) { return snapshot.id != 2; });
  EXPECT_EQ(copy.size(), 2u);
  EXPECT_EQ(list.size(), 3u);
  EXPECT_EQ(list.rbegin()->id, 3);
}

}  // namespace
}  // namespace andon::iceberg
