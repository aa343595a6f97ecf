#!/usr/bin/env python3
"""Looks at pages as axe-core does: contrast, names, landmarks, order of headings.

usage: axe.py AXE_JS URL PATH...

Each page is fetched, made whole in one file (its style inline, its own script left out), and
opened by a headless Chromium, in the light and in the dark scheme. Prints each violation with
the element that has it, and exits with 1 where there is one.
"""

import html
import json
import re
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
SECONDS_MAX = 110  # Under the limit of a text's command.


def fetch(url):
    try:
        with urllib.request.urlopen(url, timeout=30) as answer:
            return answer.read().decode()
    except urllib.error.HTTPError as error:  # The page that says so is a page too.
        return error.read().decode()


def whole(base, page, axe):
    """The page without its server: a file has no policy that keeps axe out."""
    def style(match):
        href = re.search(r'href="([^"]+)"', match.group(0)).group(1)
        return f"<style>{fetch(base + html.unescape(href))}</style>"

    page = re.sub(r'<link[^>]*rel="stylesheet"[^>]*>', style, page)
    page = re.sub(r"<script\b.*?</script>", "", page, flags=re.S)
    page = re.sub(r'<link[^>]*rel="icon"[^>]*>', "", page)
    run = """
      axe.run(document, {runOnly: RULES, resultTypes: ['violations']})
         .then(r => r.violations, e => [{id: 'axe', help: String(e), nodes: []}])
         .then(found => {
           const out = found.map(v => ({id: v.id, help: v.help, nodes: v.nodes.map(
             n => n.html + '\\n        ' + (n.any[0] || n.all[0] || n.none[0] || {message: ''}).message)}));
           const pre = document.createElement('pre');
           pre.id = 'axe-result';
           pre.textContent = JSON.stringify(out);
           document.body.replaceChildren(pre);
         });""".replace("RULES", json.dumps(RULES))
    # A closing tag inside of the library would end its element.
    axe = axe.replace("</script", "<\\/script")
    return page.replace("</body>", f"<script>{axe}</script><script>{run}</script></body>")


def violations(text, scheme):
    with tempfile.TemporaryDirectory(prefix="andon-axe-") as folder:
        path = f"{folder}/page.html"
        with open(path, "w", encoding="utf-8") as f:
            f.write(text)
        done = subprocess.run(
            ["chromium", "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
             f"--user-data-dir={folder}/profile", "--window-size=1280,1024",
             f"--blink-settings=preferredColorScheme={scheme}",
             "--virtual-time-budget=60000", "--dump-dom", "file://" + path],
            capture_output=True, text=True, timeout=SECONDS_MAX)
    found = re.search(r'<pre id="axe-result">(.*?)</pre>', done.stdout, flags=re.S)
    if not found:
        sys.exit("axe gave no result:\n" + done.stderr[-2000:])
    return json.loads(html.unescape(found.group(1)))


def main():
    with open(sys.argv[1], encoding="utf-8") as f:
        axe = f.read()
    base, paths = sys.argv[2].rstrip("/"), sys.argv[3:]
    bad = 0
    for path in paths:
        page = whole(base, fetch(base + path), axe)
        for name, scheme in (("light", 1), ("dark", 0)):
            for v in violations(page, scheme):
                bad += 1
                print(f"{path} ({name}): {v['id']}: {v['help']}")
                for node in v["nodes"][:5]:
                    print("    " + node)
    print(f"{len(paths)} pages, {bad} violations")
    sys.exit(bad > 0)


if __name__ == "__main__":
    main()
