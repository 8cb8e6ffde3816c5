/** The places of the room: everyone, each side in private, caucuses. Which one is open is plain at every glance. */
/** @import { Channel, Entry } from "./types" */
import { Stream } from "./chat.js"
import { hear, line } from "./connection.js"
import { allChannels, channel, facts, leads, me, nameOf, person } from "./facts.js"
import { icon, make, part, redraw } from "./page.js"
import { _, gap } from "./words.js"

/**
 * @typedef {object} Place
 * @property {string} key
 * @property {"everyone" | "private" | "caucus"} kind
 * @property {string} name
 * @property {string[]} channels what is read here
 * @property {Channel | undefined} write where one writes
 * @property {boolean} open
 */

/** @type {Map<string, Stream>} */
const streams = new Map()
let current = "everyone"
/** When all places have been read that were there to be read. @type {Promise<unknown>} */
let opening = Promise.resolve()
/** The tab that was last brought into view: with many places the row is wider than the room for it. */
let inView = ""
/** @type {(place: Place) => void} */
let turned = () => undefined

/** @param {HTMLElement} root @param {(place: Place) => void} turn */
export function start(root, turn) {
  turned = turn
  const tabs = part(root, "places")
  const panels = part(root, "streams")
  hear("entry", (/** @type {Entry} */ entry) => {
    const known = channel(entry.channel)
    if (known) known.last_seq = Math.max(known.last_seq, entry.seq)
    for (const stream of streams.values()) stream.take(entry)
    showTabs(tabs)
  })
  for (const name of ["channels", "people"]) hear(name, () => show(tabs, panels))
  let first = true
  hear("back", () => {
    if (!first) readOn(true)
    first = false
  })
  hear("reads", (id) => streamOf(id)?.showReads())
  document.addEventListener("unread", () => {
    currentStream()?.showUnread()
    showTabs(tabs)
  })
  document.addEventListener("visibilitychange", () => currentStream()?.look())
  tabs.addEventListener("keydown", (event) => step(tabs, event))
}

/** The stream in which a channel is shown. @param {string} id */
export function streamOf(id) {
  const place = places().find((one) => one.channels.includes(id))
  return place && streams.get(place.key)
}

/** Done when every place shows where its reader begins. */
export function opened() {
  return opening
}

/** The stream that is open. */
export function currentStream() {
  return streams.get(current)
}

/** Leads to an entry in the place where its channel is shown; false when it is not to be read. @param {string} id @param {number} seq */
export async function jumpTo(id, seq) {
  const place = places().find((one) => one.channels.includes(id))
  if (!place) return false
  if (place.key !== current) turnTo(place.key)
  return (await streamOf(id)?.jumpTo(id, seq)) ?? false
}

export function currentPlace() {
  return places().find((place) => place.key === current) ?? places()[0]
}

/** @param {string} key a channel, or "everyone" */
export function turnTo(key) {
  if (!places().some((place) => place.key === key)) return false
  current = key
  const root = document.querySelector("[data-part='room']")
  if (root instanceof HTMLElement) show(part(root, "places"), part(root, "streams"))
  streams.get(key)?.toUnread()
  return true
}

/** @returns {Place[]} */
export function places() {
  const all = allChannels()
  const shared = all.filter((one) => one.kind === "record" || one.kind === "talks")
  const write = shared.find((one) => one.kind === "talks") ?? shared[0]
  const closed = all.filter((one) => one.kind === "private" || one.kind === "caucus")
  return [
    { key: "everyone", kind: "everyone", name: _("Everyone"), channels: shared.map((one) => one.id), write, open: true },
    ...closed.map((one) => /** @type {Place} */ ({
      key: one.id, kind: one.kind, name: nameOfPlace(one), channels: [one.id], write: one, open: one.open,
    })),
  ]
}

/** @param {Channel} one */
function nameOfPlace(one) {
  if (one.kind === "caucus") return caucusName(one)
  if (!leads()) return _("Private")
  return one.side === "claimant" ? _("Claimant’s side") : one.side === "respondent" ? _("Respondent’s side") : one.name || _("Private")
}

/** In the reader's own words where they say it all; what the mediator wrote is in the mediator's. @param {Channel} one */
function caucusName(one) {
  if (one.caucus?.form === "alone") return _("Your side alone")
  if (one.caucus?.form === "bench") return _("Mediator and court")
  if (!leads()) return _("Private talk")
  if (one.name) return one.name
  const sides = new Set(one.people.map((id) => person(id)?.side).filter((side) => side !== "bench"))
  if (sides.size === 1) return sides.has("claimant") ? _("With the claimant") : _("With the respondent")
  return one.name || _("Private talk")
}

/** The sign on the door: who is inside, and that nobody else is. @param {Place} place */
export function doorSign(place) {
  if (place.kind === "everyone") return ""
  const people = (place.write?.people ?? []).filter((id) => id !== facts().me)
  const names = people.map(nameOf).join(_(", "))
  const who = names ? _("Private. Only you and %(names)s.", { names }) : _("Private. Only you.")
  const others = place.write?.caucus?.form === "alone" ? _("The mediator and the other side see and hear nothing of this.") : leads() || me()?.side === "bench" ? _("Nobody else sees or hears anything of this.") : _("The other side sees and hears nothing of this.")
  const taped = place.kind === "caucus" && place.open ? _("Nothing is recorded.") : ""
  const end = place.open ? "" : _("It has ended; it stays readable.")
  return [who, others, taped, end].filter(Boolean).join(gap)
}

/** @param {HTMLElement} tabs @param {HTMLElement} panels */
function show(tabs, panels) {
  const all = places()
  if (!all.some((place) => place.key === current)) current = "everyone"
  for (const place of all) {
    if (streams.has(place.key)) continue
    const stream = new Stream(place.key)
    if (place.kind !== "everyone") stream.panel.dataset.private = place.key
    stream.panel.setAttribute("aria-label", place.name)
    streams.set(place.key, stream)
    panels.append(stream.panel)
  }
  for (const [key, stream] of streams) {
    stream.panel.hidden = key !== current
    if (!all.some((place) => place.key === key)) { stream.panel.remove(); streams.delete(key) }
  }
  readOn(false)
  showTabs(tabs)
  const place = currentPlace()
  if (place) turned(place)
}

/** After a lost connection in all channels; else only in those that are new. @param {boolean} everywhere */
function readOn(everywhere) {
  if (line() !== "online") return
  for (const place of places()) {
    const stream = streams.get(place.key)
    if (everywhere || place.channels.some((id) => !stream?.ledgers.has(id))) opening = Promise.all([opening, stream?.open(place.channels)])
  }
}

/** @param {HTMLElement} tabs */
function showTabs(tabs) {
  const focused = tabs.contains(document.activeElement)
  redraw(tabs, places().map((place) => {
    const tab = make("button", `place place--${place.kind}`)
    const chosen = place.key === current
    tab.type = "button"
    tab.dataset.key = place.key
    tab.setAttribute("role", "tab")
    tab.setAttribute("aria-selected", String(chosen))
    tab.setAttribute("aria-controls", `stream-${place.key}`)
    tab.tabIndex = chosen ? 0 : -1
    if (place.kind !== "everyone") tab.append(icon("lock"))
    tab.append(make("span", "place__name", place.name))
    const unread = unreadIn(place)
    if (unread) {
      const count = make("span", "count", unread > 99 ? "99+" : String(unread))
      count.setAttribute("aria-label", _("%(n)s unread", { n: unread }))
      tab.append(count)
    }
    tab.addEventListener("click", () => turnTo(place.key))
    return tab
  }))
  const chosen = /** @type {HTMLElement | null} */ (tabs.querySelector("[aria-selected='true']"))
  if (focused) chosen?.focus()
  if (inView !== current) chosen?.scrollIntoView({ block: "nearest", inline: "nearest" })
  inView = current
}

/** @param {Place} place */
export function unreadIn(place) {
  return streams.get(place.key)?.unread ?? 0
}

/** Arrow keys walk along the tabs. @param {HTMLElement} tabs @param {KeyboardEvent} event */
function step(tabs, event) {
  const way = { ArrowRight: 1, ArrowLeft: -1 }[event.key]
  if (!way) return
  event.preventDefault()
  const all = places()
  const here = all.findIndex((place) => place.key === current)
  turnTo(all[(here + way + all.length) % all.length]?.key ?? "everyone")
}
