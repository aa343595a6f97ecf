// Keeps a page that says so up to date: one stream of events; each new one replaces <main> by what
// the server renders now. Without a script, the page is the same as of its loading.
(() => {
  "use strict";
  const status = document.getElementById("status");
  const main = () => document.getElementById("main");
  const say = (text) => { if (status.textContent !== text) status.textContent = text; };

  document.addEventListener("keydown", (event) => {
    const field = event.target.closest("input, select, textarea");
    if (field || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "/") {
      const search = document.querySelector("input[type=search]");
      if (search) { event.preventDefault(); search.focus(); }
    }
  });

  if (!main().dataset.live || !("EventSource" in window)) return;

  let loading = false, again = false;
  const reload = async () => {
    if (loading) { again = true; return; }
    loading = true;
    try {
      const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
      if (answer.ok) {
        const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("main");
        // Nobody loses what is being typed, or the place where the keyboard is.
        const busy = main().contains(document.activeElement) && document.activeElement !== main();
        if (fresh && !busy) main().replaceWith(document.adoptNode(fresh));
        else if (fresh) say("Something changed. Leave the field to see it.");
        if (!busy) say("");
      }
    } catch { /* The stream's own error says that the server is away. */ }
    loading = false;
    // At most four times a second, however fast the events come.
    if (again) { again = false; setTimeout(reload, 250); }
  };

  const stream = new EventSource("/events");
  let pending = false;
  stream.addEventListener("change", (event) => {
    say("");
    if (Number(event.data) <= Number(main().dataset.seq)) return;
    if (pending) return;
    pending = true;
    setTimeout(() => { pending = false; reload(); }, 250);
  });
  document.addEventListener("focusout", () => { if (status.textContent.startsWith("Something")) setTimeout(reload, 100); });
  let away = 0;
  stream.addEventListener("open", () => { clearTimeout(away); away = 0; say(""); });
  stream.addEventListener("error", () => {
    if (!away) away = setTimeout(() => say("The server does not answer; what you see may be old."), 30000);
  });
})();
