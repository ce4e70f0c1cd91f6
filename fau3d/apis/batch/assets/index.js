"use strict";
(() => {
  const body = document.querySelector("tbody");
  const heads = [...document.querySelectorAll("th[data-key]")];
  const rows = [...body.rows];
  const order = document.getElementById("order");
  let key = "", down = false;

  function compare(a, b) {
    const x = a.dataset[key], y = b.dataset[key];
    const text = heads.find((head) => head.dataset.key === key).classList.contains("text");
    return text ? x.localeCompare(y, undefined, { numeric: true }) : Number(x) - Number(y);
  }

  function sort(next, falling) {
    key = next;
    down = falling;
    rows.sort((a, b) => (down ? compare(b, a) : compare(a, b)));
    body.append(...rows);
    for (const head of heads) head.removeAttribute("aria-sort");
    const head = heads.find((one) => one.dataset.key === key);
    head.setAttribute("aria-sort", down ? "descending" : "ascending");
    order.value = key;
  }

  for (const head of heads) {
    const text = head.classList.contains("text");
    head.querySelector("button").addEventListener("click", () =>
      sort(head.dataset.key, head.dataset.key === key ? !down : !text));
  }
  order.addEventListener("change", () =>
    sort(order.value, !heads.find((head) => head.dataset.key === order.value).classList.contains("text")));
  document.getElementById("find").addEventListener("input", (event) => {
    const wanted = event.target.value.trim().toLowerCase();
    for (const row of rows) row.hidden = !row.dataset.video.toLowerCase().includes(wanted);
    document.getElementById("none").hidden = rows.some((row) => !row.hidden);
  });
})();
