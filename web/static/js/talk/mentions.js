/** Calling somebody by name: after an @, the people who read this place are offered; who leads may call all. */
import { EVERYBODY } from "../bubbles.js"
import { currentPlace } from "../channels.js"
import { facts, may, nameOf, person, standingOf } from "../facts.js"
import { make, part } from "../page.js"
import { _, language } from "../words.js"

/** @typedef {{ name: string, more: string, side: string }} Callee */

const LONGEST = 30

/** @type {HTMLTextAreaElement} */
let input
/** @type {HTMLElement} */
let list
/** @type {Callee[]} */
let offered = []
let chosen = 0
/** Where the @ stands; -1 while nobody is being called. */
let from = -1

/** @param {HTMLElement} composer */
export function start(composer) {
  input = /** @type {HTMLTextAreaElement} */ (part(composer, "text"))
  list = part(composer, "callees")
  input.setAttribute("aria-controls", list.id)
  for (const name of ["input", "click", "compositionend"]) input.addEventListener(name, look)
  input.addEventListener("blur", () => setTimeout(close, 150)) // a tap on the list comes after it
  input.addEventListener("keydown", key, { capture: true })
}

/** @param {Event} event */
function look(event) {
  if (event instanceof InputEvent && event.isComposing) return
  const before = input.value.slice(0, input.selectionStart)
  from = before.lastIndexOf("@")
  const word = before.slice(from + 1)
  // an @ within an address of mail calls nobody
  if (from < 0 || word.length > LONGEST || /[\n@]/.test(word) || /[\w.]/.test(before[from - 1] ?? "")) return close()
  const wanted = word.toLocaleLowerCase()
  offered = callees().filter((one) => one.name.toLocaleLowerCase().includes(wanted) || one.more.toLocaleLowerCase().includes(wanted))
  if (!offered.length || offered.some((one) => word.startsWith(`${one.name} `))) return close()
  chosen = 0
  show()
}

/** @returns {Callee[]} */
function callees() {
  const people = (currentPlace()?.write?.people ?? []).filter((id) => id !== facts().me)
  const known = people.map((id) => ({ name: nameOf(id), more: standingOf(person(id)), side: person(id)?.side ?? "bench" }))
  const all = { name: (EVERYBODY[language.startsWith("zh") ? 0 : 1] ?? "").slice(1), more: _("calls all who read here"), side: "bench" }
  return may("mention_all") && people.length > 1 ? [all, ...known] : known
}

function show() {
  list.replaceChildren(...offered.map((one, n) => {
    const option = make("li", `callee callee--${one.side}`)
    option.id = `callee-${n}`
    option.setAttribute("role", "option")
    option.setAttribute("aria-selected", String(n === chosen))
    option.append(make("span", "callee__name", one.name), make("small", "", one.more))
    option.addEventListener("pointerdown", (event) => event.preventDefault())
    option.addEventListener("click", () => choose(n))
    return option
  }))
  list.hidden = false
  input.setAttribute("aria-activedescendant", `callee-${chosen}`)
  list.children[chosen]?.scrollIntoView({ block: "nearest" })
}

function close() {
  from = -1
  list.hidden = true
  input.removeAttribute("aria-activedescendant")
}

/** @param {number} n */
function choose(n) {
  const one = offered[n]
  if (!one || from < 0) return
  input.setRangeText(`@${one.name} `, from, input.selectionStart, "end")
  close()
  input.dispatchEvent(new Event("input", { bubbles: true }))
  input.focus()
}

/** Before the field itself hears the key: Enter chooses here, and sends otherwise. @param {KeyboardEvent} event */
function key(event) {
  if (list.hidden || event.isComposing) return
  const to = { ArrowDown: chosen + 1, ArrowUp: chosen - 1 }[event.key]
  if (to !== undefined) {
    chosen = (to + offered.length) % offered.length
    show()
  } else if (event.key === "Enter" || event.key === "Tab") choose(chosen)
  else if (event.key === "Escape") close()
  else return
  event.preventDefault()
  event.stopImmediatePropagation()
}
