// Lines by mouse and touch: click, Shift and click, drag for a range, double click, hover.

const EDGE_PX = 60; // nearer to the upper or lower edge than this, dragging scrolls
const SCROLL_PX = 12;

const indexOf = (target) => {
  const row = target?.closest?.(".line");
  return row ? Number(row.dataset.index) : -1;
};

// Call on.point(index, extend), on.turn(index) and on.hover(index or -1).
export function listenToPointer(box, on) {
  let dragging = false;
  let hovered = -1;

  box.addEventListener("pointerdown", (event) => {
    const index = indexOf(event.target);
    if (index < 0 || event.button !== 0) return;
    if (event.pointerType === "mouse") {
      event.preventDefault(); // no selection of text while dragging
      dragging = true;
      on.point(index, event.shiftKey);
    }
  });
  box.addEventListener("click", (event) => {
    // A finger scrolls when it moves, and points when it does not.
    if (event.pointerType !== "mouse" && indexOf(event.target) >= 0) on.point(indexOf(event.target), false);
  });
  box.addEventListener("dblclick", (event) => {
    if (indexOf(event.target) >= 0) on.turn(indexOf(event.target));
  });
  document.addEventListener("pointermove", (event) => {
    if (event.pointerType !== "mouse") return;
    const index = indexOf(document.elementFromPoint(event.clientX, event.clientY));
    if (dragging && event.buttons === 1) {
      scrollAtEdge(event.clientY);
      if (index >= 0 && index !== hovered) on.point(index, true);
    }
    if (index !== hovered) on.hover(index);
    hovered = index;
  });
  document.addEventListener("pointerup", () => (dragging = false));
  document.addEventListener("pointercancel", () => (dragging = false));
}

function scrollAtEdge(y) {
  if (y < EDGE_PX) scrollBy(0, -SCROLL_PX);
  else if (y > innerHeight - EDGE_PX) scrollBy(0, SCROLL_PX);
}
