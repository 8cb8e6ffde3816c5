/** Who is here, by side: presence, line, hand, and for who leads what may be done for each. */
/** @import { NetworkFacts, Person, Quality } from "./types" */
import { everybody, facts, leads, standingOf } from "./facts.js"
import { kitOf } from "./kits.js"
import { icon, make, part, redraw } from "./page.js"
import { figuresOf, lineWords, whyOf } from "./stage/network.js"
import { _ } from "./words.js"

/** @typedef {{ here: Set<string>, waiting: Set<string>, away: Set<string>, hands: string[], network: Map<string, Quality>, lines: Map<string, NetworkFacts> }} OnStage */

/** @type {OnStage} */
let onStage = { here: new Set(), waiting: new Set(), away: new Set(), hands: [], network: new Map(), lines: new Map() }
/** Whose line the reader looks at in figures. @type {Set<string>} */
const unfolded = new Set()
/** What stands there now. @type {Map<string, string>} */
const shown = new Map()
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
  if (open) return showFigures(root) // a menu that is open is not pulled away from under the finger
  redraw(root, sides().flatMap(([side, words]) => {
    const members = everybody().filter((one) => one.side === side)
    if (!members.length) return []
    const list = make("ul", "people")
    list.append(...members.map(row))
    return [make("h2", `people__side people__side--${side}`, words), list]
  }))
  showFigures(root)
}

/** The line in figures, folded away. They change every two seconds: filled in afterwards, so that the list stays as it is. @param {string} id */
function figures(id) {
  const box = make("details", "people__figures")
  box.dataset.line = id
  box.open = unfolded.has(id)
  const words = make("p", "small", shown.get(id) ?? "")
  words.dataset.part = "figures"
  box.append(make("summary", "small", _("Line in figures")), words)
  box.addEventListener("toggle", () => unfolded[box.open ? "add" : "delete"](id))
  return box
}

/** @param {HTMLElement} root */
function showFigures(root) {
  for (const box of root.querySelectorAll("details")) {
    const line = onStage.lines.get(box.dataset.line ?? "")
    if (!line) continue
    shown.set(line.person, figuresOf(line))
    part(box, "figures").textContent = shown.get(line.person) ?? ""
  }
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
  const known = leads() ? onStage.lines.get(someone.id) : undefined
  name.append(make("small", "", [standingOf(someone), whereabouts(someone), known ? whyOf(known) : ""].filter(Boolean).join(" · ")))
  const comes = someone.id !== facts().me && !onStage.here.has(someone.id) && !onStage.waiting.has(someone.id)
  if (leads() && comes) name.append(...kit(someone))
  item.append(dot, name)
  const line = onStage.network.get(someone.id)
  if (line && line !== "good") item.append(mark(line === "lost" ? "wifi-off" : "wifi", lineWords(line)))
  const hand = onStage.hands.indexOf(someone.id) + 1
  if (hand) item.append(mark("hand", _("Hand raised, number %(n)s", { n: hand }), String(hand)))
  if (known) name.append(figures(someone.id))
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

/** @param {string} name @param {string} words @param {string} [number] */
function mark(name, words, number = "") {
  const drawn = make("span", "people__mark")
  drawn.title = words
  drawn.append(icon(name), make("span", "unseen", words))
  if (number) drawn.append(make("span", "people__number", number))
  return drawn
}
