/* Keeps addresses of filters short, and makes a PNG of a chart from its SVG. All else works without it. */
"use strict";
(() => {
  const TWICE = 2; // as sharp as screens of today

  document.addEventListener("formdata", (event) => {
    for (const [name, value] of [...event.formData]) if (value === "") event.formData.delete(name);
  });

  const save = (blob, name) => {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(blob);
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
  };

  const png = async (link) => {
    const answer = await fetch(link.href, { cache: "no-store" });
    if (!answer.ok) return location.reload();
    const image = new Image();
    image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(await answer.text())}`;
    await image.decode();
    const canvas = document.createElement("canvas");
    canvas.width = image.naturalWidth * TWICE;
    canvas.height = image.naturalHeight * TWICE;
    canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
    canvas.toBlob((blob) => save(blob, link.dataset.png), "image/png");
  };

  document.addEventListener("click", (event) => {
    const link = event.target.closest("[data-png]");
    if (!link) return;
    event.preventDefault();
    png(link);
  });

  document.documentElement.classList.add("scripted");
})();
