#include "html/html.h"

#include <gtest/gtest.h>

#include "html/parts.h"

namespace andon::html {
namespace {

TEST(Html, TextAndAttributesAreEscaped) {
  EXPECT_EQ(El("a", {{"href", "/d/\"x\"&y"}, {"hidden", ""}}, {Text("<script>alert('1')</script>")})
                .text(),
            "<a href=\"/d/&quot;x&quot;&amp;y\" "
            "hidden>&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;</a>");
  EXPECT_EQ(El("br", Attributes{}).text(), "<br>");
}

TEST(Html, AnAssetIsFoundByItsName) {
  ASSERT_NE(FindAsset("style.css"), nullptr);
  EXPECT_NE(FindAsset("style.css")->content.find("prefers-color-scheme"), std::string_view::npos);
  EXPECT_EQ(FindAsset("none.css"), nullptr);
}

}  // namespace
}  // namespace andon::html
