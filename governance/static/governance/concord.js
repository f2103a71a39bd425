/* Concord works without this file. With it: the chosen appearance is remembered, menus close on
   a click elsewhere or on Escape, wide pictures show today, and the error summary gets the focus. */
(function () {
  "use strict";

  var root = document.documentElement;
  var key = "concord-theme";

  function stored() {
    try {
      return window.localStorage.getItem(key);
    } catch (refused) {
      return null;
    }
  }

  function isDark() {
    var theme = root.dataset.theme;
    if (theme) return theme === "dark";
    return window.matchMedia("(prefers-color-scheme: dark)").matches;
  }

  // Runs while the head is read, so that the page is never painted in the other theme first.
  var theme = stored();
  if (theme === "light" || theme === "dark") root.dataset.theme = theme;

  function toggleTheme(button) {
    var next = isDark() ? "light" : "dark";
    root.dataset.theme = next;
    button.setAttribute("aria-pressed", String(next === "dark"));
    try {
      window.localStorage.setItem(key, next);
    } catch (refused) {
      return;
    }
  }

  function copy(button) {
    var text = document.getElementById(button.dataset.copy).textContent;
    navigator.clipboard.writeText(text).then(function () {
      button.textContent = button.dataset.copied;
    });
  }

  function closeMenus(except) {
    document.querySelectorAll("details.menu[open]").forEach(function (menu) {
      if (menu !== except) menu.open = false;
    });
  }

  document.addEventListener("click", function (event) {
    closeMenus(event.target.closest("details.menu"));
    var button = event.target.closest("[data-theme-toggle]");
    if (button) toggleTheme(button);
    var copying = event.target.closest("[data-copy]");
    if (copying) copy(copying);
  });

  document.addEventListener("keydown", function (event) {
    if (event.key !== "Escape") return;
    var open = document.querySelector("details.menu[open]");
    if (!open) return;
    var inside = open.contains(document.activeElement);
    closeMenus(null);
    if (inside) open.querySelector("summary").focus();
  });

  document.addEventListener("DOMContentLoaded", function () {
    document.querySelectorAll("[data-theme-toggle]").forEach(function (button) {
      button.hidden = false;
      button.setAttribute("aria-pressed", String(isDark()));
    });

    // Browsers copy for pages that were fetched safely alone.
    document.querySelectorAll("[data-copy]").forEach(function (button) {
      button.hidden = !navigator.clipboard;
    });

    // A list that changes with its filters needs no press on the button.
    document.querySelectorAll("form.filters[data-auto] select").forEach(function (select) {
      select.addEventListener("change", function () {
        select.form.requestSubmit();
      });
    });

    document.querySelectorAll(".picture").forEach(function (picture) {
      var today = picture.querySelector("line.today");
      if (!today || picture.scrollWidth <= picture.clientWidth) return;
      var at = today.getBoundingClientRect().left - picture.getBoundingClientRect().left;
      picture.scrollLeft = at - picture.clientWidth / 2;
    });

    var summary = document.querySelector(".error-summary");
    if (summary) summary.focus();
  });
})();
