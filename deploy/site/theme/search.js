// Search over all pages' words, without a server: every word that was typed has to stand in a page.
(() => {
  const field = document.getElementById("search");
  const found = document.getElementById("found");
  const base = document.currentScript.dataset.base;
  const pages = (window.egaoPages || []).map((page) => ({ ...page, low: (page.title + " " + page.words).toLowerCase() }));
  const around = (page, word) => {
    const at = page.words.toLowerCase().indexOf(word);
    return at < 0 ? page.words.slice(0, 110) : "…" + page.words.slice(Math.max(0, at - 40), at + 80) + "…";
  };
  const look = () => {
    const words = field.value.toLowerCase().split(/\s+/).filter(Boolean);
    const score = (page) => words.reduce((sum, word) => sum + (page.title.toLowerCase().includes(word) ? 50 : 0) + Math.min(page.low.split(word).length, 20), 0);
    const hits = words.length ? pages.filter((page) => words.every((word) => page.low.includes(word))) : [];
    hits.sort((one, other) => score(other) - score(one));
    found.replaceChildren(...hits.slice(0, 8).map((page) => {
      const row = document.createElement("li");
      const link = document.createElement("a");
      link.href = base + "/" + page.to;
      const title = document.createElement("strong");
      title.textContent = page.title;
      const words_ = document.createElement("span");
      words_.textContent = around(page, words[0]);
      link.append(title, words_);
      row.append(link);
      return row;
    }));
    if (words.length && !hits.length) found.textContent = "—";
    found.hidden = !words.length;
  };
  field.addEventListener("input", look);
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") { field.value = ""; look(); }
    if (event.key === "/" && document.activeElement.tagName !== "INPUT") { event.preventDefault(); field.focus(); }
  });
  const wide = matchMedia("(min-width: 900px)");
  const open = () => { if (wide.matches) document.getElementById("pages").open = true; };
  wide.addEventListener("change", open);
  open();
})();
