/* The back office: names typed above are offered below. */

"use strict";

(() => {
  const offered = { "concord-phases": /^id_phases-\d+-name(_zh)?$/, "concord-articles": /^id_articles-\d+-number$/ };

  const fill = () => {
    for (const [list, named] of Object.entries(offered)) {
      const datalist = document.getElementById(list);
      if (!datalist) continue;
      const typed = [...document.querySelectorAll("input[id]")]
        .filter((input) => named.test(input.id) && input.value.trim())
        .map((input) => input.value.trim());
      datalist.replaceChildren(
        ...[...new Set(typed)].map((name) => Object.assign(document.createElement("option"), { value: name })),
      );
    }
  };

  document.addEventListener("DOMContentLoaded", () => {
    fill();
    document.addEventListener("focusin", (event) => {
      if (event.target.matches("input[list]")) fill();
    });
  });
})();
