#include "base/shared_library.h"

#include <gtest/gtest.h>

namespace andon {
namespace {

TEST(SharedLibraryTest, FindsFunctionsOfALibraryThatIsThere) {
  SharedLibrary library("libm.so.6");
  EXPECT_EQ(library.error(), "");
  auto* floor = library.Find<double(double)>("floor");
  ASSERT_NE(floor, nullptr);
  EXPECT_EQ(floor(2.5), 2);
}

TEST(SharedLibraryTest, SaysWhatIsNotThere) {
  SharedLibrary library("libm.so.6");
  EXPECT_EQ(library.Find<void()>("no_such_function"), nullptr);
  EXPECT_NE(library.error().find("no_such_function"), std::string::npos) << library.error();

  SharedLibrary missing("libno-such-library.so.1");
  EXPECT_NE(missing.error().find("libno-such-library.so.1"), std::string::npos) << missing.error();
  EXPECT_EQ(missing.Find<void()>("floor"), nullptr);
}

}  // namespace
}  // namespace andon
