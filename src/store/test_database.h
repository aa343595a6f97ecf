// A control database in a folder of its own, for this folder's tests.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "base/text.h"
#include "io/local_file_system.h"
#include "store/database.h"

namespace andon::store {

struct DatabaseTest : ::testing::Test {
  DatabaseTest() { EXPECT_TRUE(io::LocalFileSystem().MakeDirs(dir).ok()); }
  ~DatabaseTest() override {
    db.reset();
    (void)io::LocalFileSystem().RemoveAll(dir);
  }
  std::unique_ptr<Database> Open() {
    auto opened = OpenSqlite(path, {.create = true});
    EXPECT_TRUE(opened.ok()) << opened.error().message;
    return opened.ok() ? std::move(*opened) : nullptr;
  }

  std::string dir = ::testing::TempDir() + "andon-store-" + RandomUuid();
  std::string path = dir + "/.andon/andon.db";
  std::unique_ptr<Database> db = Open();
};

}  // namespace andon::store
