// A card that the upper edge of its column would cut fades as a whole. The newest one stays, however tall it is.

/** Watch the cards of a column, also those that come later; one that does not fit has the class is-past. */
export function fadeWhole(column) {
  const seen = new IntersectionObserver(
    (entries) => {
      for (const { target, boundingClientRect, rootBounds } of entries) {
        target.classList.toggle("is-past", Boolean(rootBounds) && boundingClientRect.top < rootBounds.top - 1);
      }
    },
    { root: column, threshold: [0, 0.25, 0.5, 0.75, 0.9, 0.99, 1] },
  );
  new MutationObserver((changes) => {
    for (const { addedNodes, removedNodes } of changes) {
      for (const gone of removedNodes) if (gone.nodeType === Node.ELEMENT_NODE && !gone.isConnected) seen.unobserve(gone);
      for (const card of addedNodes) if (card.nodeType === Node.ELEMENT_NODE) seen.observe(card);
    }
  }).observe(column, { childList: true });
}
