// Highlights that leave the text's elements alone (CSS custom highlights); without them nothing is painted.

export class Paint {
  #able = "highlights" in CSS && "Highlight" in window;

  /** Paints [[element, start, end], …], characters of each element's text, under `name`. */
  show(name, places) {
    if (!this.#able) return;
    const ranges = places.map(([element, start, end]) => rangeIn(element, start, end)).filter(Boolean);
    if (ranges.length) CSS.highlights.set(name, new Highlight(...ranges));
    else CSS.highlights.delete(name);
  }
}

function rangeIn(element, start, end) {
  const range = document.createRange();
  const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
  let at = 0;
  let begun = false;
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const over = at + node.length;
    if (!begun && start < over) {
      range.setStart(node, start - at);
      begun = true;
    }
    if (begun && end <= over) {
      range.setEnd(node, end - at);
      return range;
    }
    at = over;
  }
  return null;
}

/** The place of (node, offset) in the text of `said`. */
export function offsetIn(said, node, offset) {
  const range = document.createRange();
  range.setStart(said, 0);
  range.setEnd(node, offset);
  return range.toString().length;
}
