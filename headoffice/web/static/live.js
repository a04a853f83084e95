/* Keeps the page up to date: asks every two seconds whether anything changed, and swaps in what did.
   Says so when the line is down. Tables that are open stay open. */
"use strict";
(() => {
  const content = document.querySelector("[data-live]");
  if (!content) return;
  const stale = document.getElementById("stale");
  const pulse = document.getElementById("pulse");
  const EVERY_MS = 2000;
  let etag = content.dataset.etag;

  const swap = (html) => {
    const open = [...content.querySelectorAll("details[open]")].map((each) => each.id);
    const focused = document.activeElement && document.activeElement.closest("details");
    const seen = new Set([...content.querySelectorAll("[data-visit]")].map((each) => each.dataset.visit));
    content.innerHTML = html;
    for (const id of open) document.getElementById(id)?.setAttribute("open", "");
    if (focused) document.getElementById(focused.id)?.querySelector("summary").focus({ preventScroll: true });
    for (const each of content.querySelectorAll("[data-visit]"))
      if (!seen.has(each.dataset.visit)) each.classList.add("new");
  };

  const ask = async () => {
    const headers = { "If-None-Match": etag };
    const answer = await fetch(content.dataset.live, { headers, cache: "no-store", redirect: "manual" });
    if (answer.type === "opaqueredirect" || answer.status === 401) return location.reload();
    if (answer.status === 304) return;
    if (!answer.ok) throw new Error(String(answer.status));
    etag = answer.headers.get("ETag");
    swap(await answer.text());
  };

  const show = (well) => {
    stale.hidden = well;
    pulse.classList.toggle("down", !well);
  };

  const run = async () => {
    if (!document.hidden) await ask().then(() => show(true), () => show(false));
    setTimeout(run, EVERY_MS);
  };
  setTimeout(run, EVERY_MS);
})();
