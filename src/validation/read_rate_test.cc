#include "validation/read_rate.h"

#include <gtest/gtest.h>

#include "base/text.h"
#include "io/local_file_system.h"
#include "validation/record.h"
#include "validation/test_validation.h"

namespace andon::validation {
namespace {

TEST(ReadRate, IsThatOfTheNewestValidationThatReadEnough) {
  const std::string dir = testing::TempDir() + "andon-read-rate-" + RandomUuid();
  auto db = store::OpenSqlite(dir + "/andon.db", {.create = true});
  ASSERT_TRUE(db.ok()) << db.error().message;
  auto keep = [&](int64_t bytes, int64_t took_us) {
    Validation v = Payment({Made("amount", "amount")});
    v.bytes = bytes;
    v.duration = Duration(took_us);
    auto kept = (*db)->Write([&](store::Transaction& tx) { return Record(tx, v); });
    EXPECT_TRUE(kept.ok());
  };
  auto rate = [&](const char* dataset) {
    auto read = (*db)->Read([&](store::Transaction& tx) { return ReadRateOf(tx, dataset); });
    EXPECT_TRUE(read.ok());
    return read.ok() ? *read : ReadRate();
  };
  EXPECT_EQ(rate("dataset.payment").validation, 0);
  EXPECT_EQ(rate("dataset.payment").bytes_per_second, kAssumedBytesPerSecond);
  keep(8'000'000, 100'000);
  keep(50'000'000, 250'000);
  keep(1'000, 20'000);  // Too little to tell.
  keep(-1, 20'000);     // Nobody knows.
  EXPECT_EQ(rate("dataset.payment").validation, 2);
  EXPECT_EQ(rate("dataset.payment").bytes_per_second, 200'000'000);
  EXPECT_EQ(BasisOf(rate("dataset.payment")), "as validation 2 read");
  EXPECT_EQ(rate("dataset.other").validation, 0);
  db->reset();
  (void)io::LocalFileSystem().RemoveAll(dir);
}

}  // namespace
}  // namespace andon::validation
