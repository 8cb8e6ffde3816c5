/** Which pictures are large: as the reader wants it, and this device remembers it. */
/** @import { Wanted } from "./tiles.js" */
import { facts, person } from "../facts.js"
import { now, show } from "./now.js"

/** Somebody who coughs does not take the large place. */
const HOLD = 1500
/** From so many on, small pictures of everybody help nobody. */
const MANY = 7
const ACROSS = 8
const WAYS = /** @type {const} */ (["auto", "grid", "speaker", "bench"])

/** @typedef {(typeof WAYS)[number]} Way */

/** @type {Way} */
let way = WAYS.find((one) => one === read("stage-layout")) ?? "auto"
/** @type {Set<string> | null} those whom the reader has pinned, by room */
let pins = null
let speaker = ""
let since = 0
const wide = matchMedia("(min-width: 68.75rem)")
wide.addEventListener("change", show)

export function chosen() {
  return way
}

/** @param {string} next */
export function choose(next) {
  way = WAYS.find((one) => one === next) ?? "auto"
  keep("stage-layout", way)
  show()
}

/** The next way of looking, for a key. */
export function chooseNext() {
  choose(WAYS[(WAYS.indexOf(way) + 1) % WAYS.length] ?? "auto")
}

/** @param {string} key */
export function isPinned(key) {
  return pinned().has(key)
}

/** Whom the mediator shows large to everybody. @param {Wanted} one */
export function isLit(one) {
  return one.source === "camera" && (one.own ? now.isLit : now.orders.get(one.person)?.spotlight === true)
}

/** For oneself only: the others see what they want to see. @param {string} key */
export function pin(key) {
  if (!pinned().delete(key)) pinned().add(key)
  keep(`pins:${facts().room}`, [...pinned()].join(" "))
  show()
}

/**
 * Gives each tile its place. @param {HTMLElement} root @param {Map<string, HTMLElement>} tiles @param {Wanted[]} wanted
 */
export function arrange(root, tiles, wanted) {
  const large = largeOf(wanted)
  const screens = wanted.some((one) => one.source === "screen" && !one.own)
  const grid = large.length === 0 || large.length === wanted.length
  const small = wanted.length - large.length
  Object.assign(root.dataset, { layout: grid ? "grid" : "large", count: String(wanted.length), large: String(grid ? 1 : large.length), shared: String(screens) })
  root.style.setProperty("--columns", String(columns(wanted.length)))
  root.style.setProperty("--large", String(Math.min(3, large.length)))
  root.style.setProperty("--strip", String(Math.min(ACROSS, small)))
  root.style.setProperty("--strips", String(Math.ceil(small / ACROSS)))
  for (const [key, tile] of tiles) {
    tile.classList.toggle("tile--large", wanted.length === 1 || (!grid && large.includes(key)))
    tile.classList.toggle("tile--first", !grid && key === large[0])
  }
}

/** The one whose picture goes on in a small window: who speaks, or what is shown. @param {Wanted[]} wanted */
export function mostWanted(wanted) {
  const others = wanted.filter((one) => !one.own)
  return others.find((one) => one.source === "screen") ?? others.find((one) => isPinned(one.key)) ?? others.find(isLit) ?? others.find((one) => one.key === speaking(others)) ?? others[0]
}

/** @param {Wanted[]} wanted @returns {string[]} */
function largeOf(wanted) {
  if (wanted.length < 2) return []
  const screens = wanted.filter((one) => one.source === "screen" && !one.own)
  if (screens.length) return screens.map((one) => one.key)
  const mine = wanted.filter((one) => isPinned(one.key))
  if (mine.length) return mine.map((one) => one.key)
  const lit = wanted.filter(isLit)
  if (lit.length) return lit.map((one) => one.key)
  const kind = way !== "auto" ? way : wanted.length >= MANY ? "bench" : wide.matches ? "grid" : "speaker"
  if (kind === "bench") return wanted.filter((one) => person(one.person)?.side === "bench").map((one) => one.key)
  const one = kind === "speaker" ? speaking(wanted.filter((one) => !one.own)) : undefined
  return one ? [one] : []
}

/** Who speaks, or spoke last; before anybody has spoken the mediator. @param {Wanted[]} others */
function speaking(others) {
  const loudest = now.speaking.map((id) => others.find((one) => one.person === id)).find(Boolean)
  const kept = others.find((one) => one.key === speaker)
  const next = kept && loudest !== kept && performance.now() - since < HOLD ? kept : loudest ?? kept ?? others.find((one) => person(one.person)?.standing === "mediator") ?? others[0]
  if (next && next.key !== speaker) {
    speaker = next.key
    since = performance.now()
  }
  return next?.key
}

/** @param {number} count */
function columns(count) {
  if (count < 2) return 1
  if (count < 5) return 2
  return count < 10 ? 3 : 4
}

function pinned() {
  pins ??= new Set(read(`pins:${facts().room}`).split(" ").filter(Boolean))
  return pins
}

/** @param {string} name */
function read(name) {
  try {
    return localStorage.getItem(name) ?? ""
  } catch {
    return ""
  }
}

/** @param {string} name @param {string} value */
function keep(name, value) {
  try {
    localStorage.setItem(name, value)
  } catch {
    // Without storage a choice lives as long as the page.
  }
}
