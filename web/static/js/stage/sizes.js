/** How large each picture is seen, told to the server: nothing is sent to where nothing is seen. */
import { consumerOf, tileSize } from "../stage.js"
import { floating } from "./floating.js"
import { now } from "./now.js"

const SOON = 250
/** Smaller changes are not worth a word. */
const STEP = 32

/** @type {Set<Element>} the tiles that are on the screen, not scrolled or folded away */
const seen = new Set()
/** @type {Map<string, string>} what was told, by consumer */
const told = new Map()
let timer = 0

const resized = new ResizeObserver(soon)
const scrolled = new IntersectionObserver((changes) => {
  for (const { target, isIntersecting } of changes) seen[isIntersecting ? "add" : "delete"](target)
  soon()
})

/** @param {HTMLElement} tile */
export function watch(tile) {
  resized.observe(tile)
  scrolled.observe(tile)
}

/** @param {HTMLElement} tile */
export function forget(tile) {
  resized.unobserve(tile)
  scrolled.unobserve(tile)
  seen.delete(tile)
}

/** Once for all that changes together. */
export function soon() {
  timer ||= setTimeout(measure, SOON)
}

document.addEventListener("visibilitychange", soon)

function measure() {
  timer = 0
  const alive = new Set([...(now.line?.consumers.values() ?? [])].map((one) => one.id))
  for (const id of told.keys()) if (!alive.has(id)) told.delete(id)
  for (const tile of document.querySelectorAll(".tile[data-producer]")) {
    const producer = /** @type {HTMLElement} */ (tile).dataset.producer ?? ""
    const consumer = consumerOf(producer)?.id
    if (!consumer) continue
    const [width, height] = sizeOf(tile, producer)
    const words = `${Math.ceil(width / STEP)}x${Math.ceil(height / STEP)}`
    if (told.get(consumer) === words) continue
    told.set(consumer, words)
    tileSize(producer, width, height)
  }
}

/** In the device's own pixels; a picture that floats in a window of its own is seen while the page is not. @param {Element} tile @param {string} producer @returns {[number, number]} */
function sizeOf(tile, producer) {
  const apart = floating(producer)
  const here = document.visibilityState === "visible" && seen.has(tile) && !now.saves
  const width = Math.max(here ? tile.clientWidth : 0, apart?.width ?? 0)
  const height = Math.max(here ? tile.clientHeight : 0, apart?.height ?? 0)
  return [Math.round(width * devicePixelRatio), Math.round(height * devicePixelRatio)]
}
