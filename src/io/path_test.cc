#include "io/path.h"

#include <gtest/gtest.h>

namespace andon::io {
namespace {

TEST(Path, Join) {
  EXPECT_EQ(Join("a", "b"), "a/b");
  EXPECT_EQ(Join("a/", "b"), "a/b");
  EXPECT_EQ(Join("a", "/b"), "/b");
  EXPECT_EQ(Join("", "b"), "b");
  EXPECT_EQ(Join("a", ""), "a");
  EXPECT_EQ(Join("/", "a", "b"), "/a/b");
}

TEST(Path, Parts) {
  struct Case {
    const char *path, *dirname, *basename, *extension, *normal;
  };
  for (const Case& c : std::initializer_list<Case>{
           {"a/b.csv", "a", "b.csv", ".csv", "a/b.csv"},
           {"b", ".", "b", "", "b"},
           {"/b", "/", "b", "", "/b"},
           {"/", "/", "/", "", "/"},
           {"", ".", "", "", "."},
           {"a/b/", "a", "b", "", "a/b"},
           {"a//b", "a", "b", "", "a/b"},
           {"./a/../b.tar.gz", "./a/..", "b.tar.gz", ".gz", "b.tar.gz"},
           {"../../x", "../..", "x", "", "../../x"},
           {"/../x", "/..", "x", "", "/x"},
           {"a/../..", "a/..", "..", "", ".."},
           {".bashrc", ".", ".bashrc", "", ".bashrc"},
       }) {
    EXPECT_EQ(Dirname(c.path), c.dirname) << c.path;
    EXPECT_EQ(Basename(c.path), c.basename) << c.path;
    EXPECT_EQ(Extension(c.path), c.extension) << c.path;
    EXPECT_EQ(Normalize(c.path), c.normal) << c.path;
  }
}

TEST(Path, Relative) {
  EXPECT_EQ(Relative("/a/b", "/a/c"), "../b");
  EXPECT_EQ(Relative("/a/b/c", "/a"), "b/c");
  EXPECT_EQ(Relative("/a", "/a/"), ".");
  EXPECT_EQ(Relative("x/y", "z"), "../x/y");
  EXPECT_EQ(Relative("/a", "b"), "/a");
  EXPECT_EQ(Relative("a", "../b"), "a");
}

TEST(Path, IsWithin) {
  EXPECT_TRUE(IsWithin("/a/b", "/a"));
  EXPECT_TRUE(IsWithin("/a", "/a/"));
  EXPECT_TRUE(IsWithin("/a", "/"));
  EXPECT_TRUE(IsWithin("a", "."));
  EXPECT_FALSE(IsWithin("../a", "."));
  EXPECT_FALSE(IsWithin("/ab", "/a"));
  EXPECT_FALSE(IsWithin("/a/../b", "/a"));
}

TEST(Path, FileUrl) {
  EXPECT_EQ(ToFileUrl("/a b/ü%"), "file:///a%20b/%C3%BC%25");
  EXPECT_EQ(FromFileUrl("file:///a%20b/%C3%BC%25"), "/a b/ü%");
  EXPECT_EQ(FromFileUrl("file:/a"), "/a");
  EXPECT_EQ(FromFileUrl("file://localhost/a"), "/a");
  EXPECT_EQ(FromFileUrl("/plain%20"), "/plain%20");
  EXPECT_EQ(FromFileUrl("s3://bucket/a"), "");
  EXPECT_EQ(FromFileUrl("file://host/a"), "");
  EXPECT_EQ(FromFileUrl("file:///100%"), "/100%");
}

}  // namespace
}  // namespace andon::io
