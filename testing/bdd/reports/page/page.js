"use strict";
(() => {
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const one = (selector, root = document) => root.querySelector(selector);
  const cases = all(".case");
  const homes = new Map(cases.map((item) => [item, item.parentElement]));
  const texts = new Map();
  const chips = all(".chips button");
  const search = one(".search input");
  const sort = one(".tools select");
  const flat = one(".flat");
  let outcome = "all";

  for (const item of all(".tools, .zoom, [data-copy]")) item.hidden = false;

  const textOf = (item) => {
    if (!texts.has(item)) {
      const place = one("h3", homes.get(item).closest(".feature")).textContent;
      texts.set(item, `${place} ${item.textContent}`.toLowerCase());
    }
    return texts.get(item);
  };

  const show = () => {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    let count = 0;
    for (const item of cases) {
      const fits =
        (outcome === "all" || item.dataset.outcome === outcome) &&
        words.every((word) => textOf(item).includes(word));
      item.hidden = !fits;
      count += fits;
    }
    for (const feature of all(".feature")) {
      const own = all(".case", feature);
      // A feature without scenarios is there because of a hook.
      const isBare = homes.size === 0 || !one(".cases", feature).dataset.had;
      feature.hidden = isBare
        ? outcome !== "all" || words.length > 0
        : !own.some((item) => !item.hidden);
    }
    one(".shown").textContent = `${count} shown`;
    one(".nothing").hidden = count > 0 || cases.length === 0;
  };

  const order = () => {
    const way = { slow: -1, fast: 1 }[sort.value];
    flat.hidden = !way;
    if (way) {
      const seconds = (item) => Number(item.dataset.seconds);
      flat.append(...[...cases].sort((a, b) => way * (seconds(a) - seconds(b))));
    } else {
      for (const item of cases) homes.get(item).append(item);
    }
    show();
  };

  const choose = (name) => {
    outcome = name;
    for (const chip of chips) {
      chip.setAttribute("aria-pressed", String(chip.dataset.outcome === name));
    }
    show();
  };

  const reveal = () => {
    const item = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!item || !item.classList.contains("case")) return;
    if (item.hidden) {
      search.value = "";
      choose("all");
    }
    const details = one("details", item);
    details.open = true;
    item.scrollIntoView();
    one("summary", item).focus({ preventScroll: true });
  };

  for (const list of homes.values()) list.dataset.had = "yes";
  for (const chip of chips) {
    chip.addEventListener("click", () => choose(chip.dataset.outcome));
  }
  search.addEventListener("input", show);
  sort.addEventListener("change", order);
  one("[data-clear]").addEventListener("click", () => {
    search.value = "";
    choose("all");
  });
  for (const button of all("[data-fold]")) {
    button.addEventListener("click", () => {
      for (const item of cases) {
        if (!item.hidden) one("details", item).open = button.dataset.fold === "open";
      }
    });
  }
  for (const button of all("[data-copy]")) {
    button.addEventListener("click", async () => {
      const code = button.previousElementSibling;
      try {
        await navigator.clipboard.writeText(code.textContent);
      } catch {
        getSelection().selectAllChildren(code);
        document.execCommand("copy");
      }
      button.textContent = "Copied";
    });
  }
  addEventListener("hashchange", reveal);
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[href^='#scenario-']");
    // The same address again is no change, but is asked for all the same.
    if (link && link.hash === location.hash) reveal();
  });
  document.addEventListener("keydown", (event) => {
    const isTyping = event.target.closest("input, select, textarea");
    if (event.key === "/" && !isTyping && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      search.focus();
    } else if (event.key === "Escape" && event.target === search) {
      search.value = "";
      show();
    }
  });

  // The timeline: one stop of the tab key for each lane, arrows within it.
  const tip = one(".tip");
  const tell = (block) => {
    tip.textContent = block.dataset.tip;
    tip.hidden = false;
    const place = block.getBoundingClientRect();
    const left = Math.min(Math.max(place.left, 8), innerWidth - tip.offsetWidth - 8);
    const below = place.bottom + 8;
    const fits = below + tip.offsetHeight < innerHeight;
    tip.style.left = `${left}px`;
    tip.style.top = `${fits ? below : place.top - tip.offsetHeight - 8}px`;
  };
  const hush = () => {
    tip.hidden = true;
  };
  for (const lane of all(".lane")) {
    const links = all("a.block", lane);
    if (links.length) links[0].tabIndex = 0;
    lane.addEventListener("keydown", (event) => {
      const way = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      const next = links[links.indexOf(event.target) + way];
      if (!way || !next) return;
      event.preventDefault();
      event.target.tabIndex = -1;
      next.tabIndex = 0;
      next.focus();
    });
    for (const name of ["mouseover", "focusin"]) {
      lane.addEventListener(name, (event) => {
        const block = event.target.closest("[data-tip]");
        if (block) tell(block);
        else hush();
      });
    }
    for (const name of ["mouseleave", "focusout"]) lane.addEventListener(name, hush);
  }
  addEventListener("scroll", hush, { passive: true });
  let zoom = 1;
  for (const button of all("[data-zoom]")) {
    button.addEventListener("click", () => {
      zoom = Math.min(Math.max(zoom * Number(button.dataset.zoom), 1), 64);
      one(".axis").style.setProperty("--zoom", String(zoom));
    });
  }
  reveal();
})();
