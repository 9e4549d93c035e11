// Builds what is shown. Every text becomes a text node: there is no way to HTML from here, because
// names of tenants, paths and refusals come from strangers.

/** An element; attributes are set as they are, `on` holds listeners, children are nodes or texts. */
export function el(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name === "on") {
      for (const [event, listener] of Object.entries(value)) {
        made.addEventListener(event, listener);
      }
    } else if (value !== null && value !== undefined && value !== false) {
      made.setAttribute(name, value === true ? "" : value);
    }
  }
  made.append(...children.filter((child) => child !== null && child !== undefined));
  return made;
}

export function byId(id) {
  return document.getElementById(id);
}

/** Changes a text only if it is another one, so that a selection stays. */
export function say(node, text) {
  const shown = String(text);
  if (node.textContent !== shown) {
    node.textContent = shown;
  }
}

export function attribute(node, name, value) {
  if (node.getAttribute(name) !== value) {
    node.setAttribute(name, value);
  }
}

/**
 * Shows one child of a parent for each item: those that are there stay the same elements, so the
 * focus stays where it is.
 */
export function list(parent, items, key, make, update = () => {}) {
  const known = new Map();
  for (const child of [...parent.children]) {
    known.set(child.dataset.key, child);
  }
  let at = parent.firstElementChild;
  for (const item of items) {
    const name = String(key(item));
    let child = known.get(name);
    if (child === undefined) {
      child = make(item);
      child.dataset.key = name;
    } else {
      known.delete(name);
    }
    update(child, item);
    if (child === at) {
      at = at.nextElementSibling;
    } else {
      parent.insertBefore(child, at);
    }
  }
  known.forEach((child) => child.remove());
}

/** A row of a table; on a phone each cell shows the name of its column. */
export function row(cells) {
  return el(
    "tr",
    {},
    ...cells.map(([name, kind = ""], i) =>
      el(i === 0 ? "th" : "td", {
        class: kind || null,
        scope: i === 0 ? "row" : null,
        "data-name": name,
      }),
    ),
  );
}

/** A bar with its text; the text says it all. */
export function bar() {
  return el("span", { class: "bar", "aria-hidden": "true" }, el("span"));
}

export function fill(node, ratio) {
  const inner = node.firstElementChild;
  inner.style.width = `${Math.min(100, Math.max(0, ratio * 100)).toFixed(1)}%`;
  node.classList.toggle("warm", ratio >= 0.8 && ratio < 1);
  node.classList.toggle("hot", ratio >= 1);
}

/** Has a button copy a text; without a secure context the text is selected instead. */
export async function copy(button, source) {
  const text = source.textContent;
  const spoken = byId("spoken");
  try {
    await navigator.clipboard.writeText(text);
    const before = button.textContent;
    say(button, "Copied");
    say(spoken, "Copied");
    setTimeout(() => {
      say(button, before);
      say(spoken, "");
    }, 1500);
  } catch {
    getSelection().selectAllChildren(source);
    say(spoken, "Selected; copy it with the keyboard");
  }
}
