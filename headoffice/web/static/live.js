/* Keeps the page up to date: looks again when the server says so, or every two seconds where it cannot, and
   swaps in what changed. Says so when the line is down. Listens to nothing while nobody looks. Tables that
   are open stay open. */
"use strict";
(() => {
  const content = document.querySelector("[data-live]");
  if (!content) return;
  const stale = document.getElementById("stale");
  const pulse = document.getElementById("pulse");
  const EVERY_MS = 2000;
  let etag = content.dataset.etag;

  const filters = document.querySelector("form[data-asks]");
  filters?.addEventListener("change", () => filters.requestSubmit());

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

  let asking = false;
  let again = false;
  const look = async () => {
    if (asking) return void (again = true);
    asking = true;
    await ask().then(() => show(true), () => show(false));
    asking = false;
    if (again) { again = false; look(); }
  };

  const poll = () => setTimeout(async () => { if (!document.hidden) await look(); poll(); }, EVERY_MS);

  let source = null;
  const listen = () => {
    source = new EventSource(content.dataset.stream);
    source.onmessage = look;
    source.onerror = () => {
      if (source.readyState !== EventSource.CLOSED) return void look();
      source = null;
      document.removeEventListener("visibilitychange", turn);
      poll();
    };
  };
  const turn = () => {
    source?.close();
    source = null;
    if (!document.hidden) { listen(); look(); }
  };
  if (!window.EventSource || !content.dataset.stream) return void poll();
  document.addEventListener("visibilitychange", turn);
  if (!document.hidden) listen();
})();
