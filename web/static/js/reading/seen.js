/** What has been seen is read: a row that was on the screen for a moment, and in its stream whatever stands above it. */
import { currentStream } from "../channels.js"
import { ask, hear, line } from "../connection.js"
import { channel } from "../facts.js"

const MOMENT = 1000
/** Of a row as much as this has to be there, or of a long one this much of the screen. */
const ENOUGH = 0.5
const OF_SCREEN = 0.3
const STEPS = [0, 0.02, 0.05, 0.1, 0.2, 0.3, ENOUGH, 1]

/** Rows that are on the screen, and since when. @type {Map<Element, number>} */
const inSight = new Map()
let waiting = 0

/** @param {HTMLElement} root */
export function start(root) {
  const streams = root.querySelector("[data-part='streams']") ?? root
  const sight = new IntersectionObserver((rows) => rows.forEach(note), { threshold: STEPS })
  const watch = (/** @type {Node} */ row) => row instanceof Element && row.matches("li[data-key]") && sight.observe(row)
  new MutationObserver((changes) => {
    for (const { addedNodes, removedNodes } of changes) {
      for (const row of removedNodes) if (row instanceof Element) inSight.delete(row)
      addedNodes.forEach(watch)
    }
    look()
  }).observe(streams, { childList: true, subtree: true })
  streams.querySelectorAll("li[data-key]").forEach(watch)
  document.addEventListener("visibilitychange", () => {
    for (const row of inSight.keys()) inSight.set(row, performance.now())
    look()
  })
  for (const name of ["entry", "back", "turned"]) hear(name, () => later())
  later()
}

/** @param {IntersectionObserverEntry} there */
function note({ target, isIntersecting, intersectionRatio, intersectionRect, rootBounds }) {
  const enough = intersectionRatio >= ENOUGH || intersectionRect.height >= OF_SCREEN * (rootBounds?.height ?? innerHeight)
  if (!isIntersecting || !enough) return void inSight.delete(target)
  if (!inSight.has(target)) inSight.set(target, performance.now())
  later()
}

function later(after = MOMENT) {
  waiting ||= setTimeout(look, Math.max(after, 50))
}

function look() {
  clearTimeout(waiting)
  waiting = 0
  if (document.visibilityState !== "visible" || line() !== "online") return
  const now = performance.now()
  const times = [...inSight.values()]
  const next = Math.min(...times.filter((since) => now - since < MOMENT))
  if (next !== Infinity) later(next + MOMENT - now)
  const seen = [...inSight].flatMap(([row, since]) => (now - since >= MOMENT && row instanceof HTMLElement ? [row] : []))
  const last = seen.sort((a, b) => ((a.dataset.at ?? "") < (b.dataset.at ?? "") ? -1 : 1)).at(-1)
  const stream = currentStream()
  if (!stream?.shown) return
  if (last && stream.list.contains(last)) readTo(stream, nextTo(last))
  else if (!stream.list.querySelector("li[data-key]")) readTo(stream, null) // all that there is has no row
}

/** When the row after this one was written; nothing after the last. @param {Element} row @returns {string | null} */
function nextTo(row) {
  for (let next = row.nextElementSibling; next; next = next.nextElementSibling) {
    if (next instanceof HTMLElement && next.dataset.key) return next.dataset.at ?? null
  }
  return null
}

/** In each channel up to the last entry before a time. @param {import("../chat.js").Stream} stream @param {string | null} before */
function readTo(stream, before) {
  if (before === null && !stream.window.live) return
  let told = false
  for (const [id, { entries }] of stream.ledgers) {
    const seq = (before === null ? entries : entries.filter((entry) => entry.at < before)).at(-1)?.seq ?? 0
    const known = channel(id)
    if (!known || known.read_seq >= seq) continue
    const was = known.read_seq
    told = true
    known.read_seq = seq
    ask("mark_read", { channel: id, seq }).catch(() => { if (known.read_seq === seq) known.read_seq = was })
  }
  if (told) document.dispatchEvent(new Event("unread"))
}
