/** The keyboard of a phone takes away from the bottom of the page: the room is as high as what is left to be seen. */

/** @param {HTMLElement} root */
export function start(root) {
  const seen = window.visualViewport
  if (!seen) return
  const fit = () => {
    // Where the browser itself makes the page smaller, or somebody has zoomed in, there is nothing to do.
    const covered = seen.scale === 1 && innerHeight - seen.height > 1
    if (covered) root.style.setProperty("--seen", `${seen.height}px`)
    else root.style.removeProperty("--seen")
    if (covered && seen.offsetTop) scrollTo(0, 0)
  }
  seen.addEventListener("resize", fit)
  seen.addEventListener("scroll", fit)
  fit()
}
