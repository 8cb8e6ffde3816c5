/** The talk by keys alone: F6 from place to place, arrows from bubble to bubble, and back to the field with Escape. */
import { part } from "../page.js"

const PLACES = [".room__bar", "[data-part=stage-area]", "[data-part=side]", "[data-part=lead]", "[data-part=places]", "[data-part=marks]", "[data-part=streams]", "[data-part=composer]"]
const REACHED = "a[href], button:not([disabled]), textarea, input, select, summary, [tabindex='0']"

/** @param {HTMLElement} root */
export function start(root) {
  const streams = part(root, "streams")
  const input = /** @type {HTMLTextAreaElement} */ (part(part(root, "composer"), "text"))
  document.addEventListener("keydown", (event) => {
    if (event.key !== "F6" || event.defaultPrevented || document.querySelector("dialog[open]")) return
    event.preventDefault()
    next(root, event.shiftKey ? -1 : 1)
  })
  input.addEventListener("keydown", (event) => {
    if (event.key !== "ArrowUp" || input.value || event.defaultPrevented) return
    event.preventDefault()
    bubbles(streams).at(-1)?.focus()
  })
  streams.addEventListener("keydown", (event) => walk(streams, input, event))
}

/** @param {HTMLElement} root @param {number} way */
function next(root, way) {
  const places = PLACES.map((name) => root.querySelector(name)).filter((one) => one instanceof HTMLElement && first(one) !== undefined)
  const here = places.findIndex((one) => one?.contains(document.activeElement))
  const place = places.at(here < 0 ? (way > 0 ? 0 : -1) : (here + way) % places.length)
  if (place instanceof HTMLElement) first(place)?.focus()
}

/** What of a place is reached first: of the tabs the chosen one, of the composer the field. @param {HTMLElement} place */
function first(place) {
  const all = [...place.querySelectorAll("[aria-selected='true'], textarea", ), ...place.querySelectorAll(REACHED)]
  return /** @type {HTMLElement | undefined} */ (all.find((one) => one instanceof HTMLElement && one.offsetParent !== null))
}

/** The buttons of the bubbles that are to be seen. @param {HTMLElement} streams */
function bubbles(streams) {
  return /** @type {HTMLElement[]} */ ([...streams.querySelectorAll(".room__pane:not([hidden]) .bubble [data-part='more']:not([hidden])")])
}

/** @param {HTMLElement} streams @param {HTMLElement} input @param {KeyboardEvent} event */
function walk(streams, input, event) {
  const row = document.activeElement?.closest(".bubble")
  if (!row || event.defaultPrevented || document.querySelector(".talk-menu")) return
  if (event.key === "Escape") return input.focus()
  const all = bubbles(streams)
  const here = all.findIndex((one) => row.contains(one))
  const to = { ArrowUp: here - 1, ArrowDown: here + 1, Home: 0, End: all.length - 1 }[event.key]
  if (to === undefined) return
  event.preventDefault()
  if (to >= all.length) return input.focus()
  all[Math.max(0, to)]?.focus()
  all[Math.max(0, to)]?.scrollIntoView({ block: "nearest" })
}
