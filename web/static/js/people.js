/** Who is here, by side: presence, line, hand, and for who leads what may be done for each. */
/** @import { Person } from "./types" */
import { everybody, facts, leads, standingOf } from "./facts.js"
import { kitOf } from "./kits.js"
import { icon, make, redraw } from "./page.js"
import { _ } from "./words.js"

/** @typedef {{ here: Set<string>, waiting: Set<string>, away: Set<string>, hands: string[], network: Map<string, string> }} OnStage */

/** @type {OnStage} */
let onStage = { here: new Set(), waiting: new Set(), away: new Set(), hands: [], network: new Map() }
/** @type {(person: Person) => Node | null} */
let actsFor = () => null

/** @param {(person: Person) => Node | null} acts */
export function start(acts) {
  actsFor = acts
}

/** @param {OnStage} now */
export function showStage(now) {
  onStage = now
}

/** @param {HTMLElement} root */
export function show(root) {
  const open = root.querySelector(":popover-open")
  if (open) return // a menu that is open is not pulled away from under the finger
  redraw(root, sides().flatMap(([side, words]) => {
    const members = everybody().filter((one) => one.side === side)
    if (!members.length) return []
    const list = make("ul", "people")
    list.append(...members.map(row))
    return [make("h2", `people__side people__side--${side}`, words), list]
  }))
}

/** @returns {[string, string][]} */
function sides() {
  return [["claimant", _("Claimant’s side")], ["respondent", _("Respondent’s side")], ["bench", _("Mediator and court")]]
}

/** @param {Person} someone */
function row(someone) {
  const item = make("li", "people__person")
  item.dataset.person = someone.id
  const dot = make("span", `presence presence--${onStage.away.has(someone.id) ? "away" : someone.online ? "here" : "gone"}`)
  const name = make("span", "people__name", someone.id === facts().me ? _("%(name)s (you)", { name: someone.name }) : someone.name)
  name.append(make("small", "", [standingOf(someone), whereabouts(someone)].filter(Boolean).join(" · ")))
  const comes = someone.id !== facts().me && !onStage.here.has(someone.id) && !onStage.waiting.has(someone.id)
  if (leads() && comes) name.append(...kit(someone))
  item.append(dot, name)
  const line = onStage.network.get(someone.id)
  if (line && line !== "good") item.append(mark(line === "lost" ? "wifi-off" : "wifi", lineWords(line)))
  if (onStage.hands.includes(someone.id)) item.append(mark("hand", _("Hand raised")))
  const acts = leads() ? actsFor(someone) : null
  if (acts) item.append(acts)
  return item
}

/** @param {Person} someone */
function whereabouts(someone) {
  if (onStage.waiting.has(someone.id)) return _("waits to come in")
  if (onStage.away.has(someone.id)) return _("connection lost")
  if (onStage.here.has(someone.id)) return _("in the meeting")
  return someone.online ? _("here") : _("not here")
}

/** Whether one can count on seeing and hearing them; at the door it is said there. @param {Person} someone */
function kit(someone) {
  const { score, words } = kitOf(someone.id)
  if (score === "none" && someone.side === "bench") return []
  const shown = make("small", "people__kit", words)
  shown.dataset.score = score
  return [shown]
}

/** @param {string} quality */
function lineWords(quality) {
  return quality === "fair" ? _("The line is fair") : quality === "poor" ? _("The line is weak") : _("The line is lost")
}

/** @param {string} name @param {string} words */
function mark(name, words) {
  const shown = make("span", "people__mark")
  shown.title = words
  shown.append(icon(name), make("span", "unseen", words))
  return shown
}
