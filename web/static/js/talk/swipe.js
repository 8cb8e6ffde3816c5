/** A bubble that is drawn to the right by a finger, and quoted when it was drawn far enough. */

const FAR = 56
const MOST = 80

/** @param {HTMLElement} streams @param {(row: HTMLElement) => void} quote */
export function swipes(streams, quote) {
  /** @type {{ row: HTMLElement, x: number, y: number, id: number, way: number } | null} */
  let drawn = null
  const drop = () => {
    if (drawn) settle(drawn.row)
    drawn = null
  }
  streams.addEventListener("pointerdown", (event) => {
    drop()
    const row = event.target instanceof Element && event.pointerType === "touch" ? event.target.closest(".bubble[data-seq]") : null
    if (row instanceof HTMLElement && row.dataset.state === "sent") drawn = { row, x: event.clientX, y: event.clientY, id: event.pointerId, way: 0 }
  })
  streams.addEventListener("pointermove", (event) => {
    if (!drawn || drawn.id !== event.pointerId) return
    const [right, down] = [event.clientX - drawn.x, Math.abs(event.clientY - drawn.y)]
    if (!drawn.way && down > 12) return drop() // the reader scrolls
    if (right < 12) return
    drawn.way = Math.min(MOST, right)
    drawn.row.style.setProperty("--drawn", `${drawn.way}px`)
    drawn.row.classList.toggle("bubble--far", drawn.way >= FAR)
    drawn.row.classList.add("bubble--drawn")
  })
  streams.addEventListener("pointerup", () => {
    if (drawn && drawn.way >= FAR) quote(drawn.row)
    drop()
  })
  streams.addEventListener("pointercancel", drop)
}

/** @param {HTMLElement} row */
function settle(row) {
  row.classList.remove("bubble--drawn", "bubble--far")
  row.style.removeProperty("--drawn")
}
