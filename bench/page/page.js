// The kiosk's visit as a web page: three faces, then reasons or a recommendation, then thanks.
// Nothing is stored and nothing is sent, so the page has less to do than the kiosk.
const FACES = {
  sad: ["不満", '<path fill="none" d="M70 86l38-12M156 74l38 12M84 184q48-46 96 0"/><circle cx="94" cy="110" r="7"/><circle cx="170" cy="110" r="7"/>'],
  neutral: ["ふつう", '<path fill="none" d="M88 170h88"/><circle cx="94" cy="102" r="8"/><circle cx="170" cy="102" r="8"/>'],
  happy: ["満足", '<path fill="none" d="M74 106q18-28 36 0M154 106q18-28 36 0"/><path d="M72 144h120q-60 96-120 0z"/>'],
};
const REASONS = ["レジの待ち時間", "商品の品ぞろえ", "スタッフの応対", "値段", "売り場の清潔さ", "その他"];
const ICON = '<svg width="44" height="44"><circle cx="22" cy="22" r="18"/><path d="M22 12v11l7 5"/></svg>';
const THANKS_MS = 1000;
const answers = {};
const [main, footer] = [document.querySelector("main"), document.querySelector("footer")];

function show(html, foot, plain) {
  main.innerHTML = `<section class="arrives">${html}</section>`;
  footer.innerHTML = foot;
  footer.className = plain ? "plain" : "";
}

function faces() {
  const buttons = Object.entries(FACES).map(([face, [label, features]]) =>
    `<button data-face="${face}"><svg width="264" height="264"><circle cx="132" cy="132" r="126" style="fill:var(--${face})" stroke="none"/>${features}</svg>${label}</button>`);
  show(`<h1>本日のお買い物はいかがでしたか?</h1><div class="faces">${buttons.join("")}</div>`,
    "お名前はうかがいません。回答は数字だけがお店に届きます。<i></i>くわしく", true);
}

function followUp(question, html, last) {
  const buttons = '<button class="pill" data-go="back">もどる</button><i></i><s></s><s class="here"></s><i></i><button class="pill" data-go="on">とばす</button>';
  show(`<h1 class="small">${question}</h1>${html}`, `${buttons}<button class="pill strong" data-go="on">${last}</button>`);
}

const reasons = () => followUp("何がご不満でしたか?",
  `<h2>いくつでも選べます</h2><div class="cards">${REASONS.map((reason) => `<button data-choice>${ICON}${reason}</button>`).join("")}</div>`, "つぎへ");
const recommend = () => followUp("このお店をご家族やお友だちに<br>すすめたいと思いますか?",
  `<div class="scale">${[...Array(11).keys()].map((value) => `<button data-value>${value}</button>`).join("")}</div>
   <div class="ends"><span>まったく思わない</span><span>とてもそう思う</span></div>`, "おわる");

function thanks() {
  show("<h1>ありがとうございました</h1>", "", true);
  setTimeout(faces, THANKS_MS);
}

document.addEventListener("click", ({ target }) => {
  const button = target.closest("button");
  if (!button) return;
  const { face, go } = button.dataset;
  if (face) {
    answers.rating = face;
    (face === "happy" ? recommend : reasons)();
  } else if (go) {
    (go === "back" ? faces : thanks)();
  } else {
    if ("value" in button.dataset) main.querySelectorAll(".chosen").forEach((chosen) => chosen.classList.remove("chosen"));
    button.classList.toggle("chosen");
  }
});
faces();
