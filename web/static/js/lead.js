/** What the mediator does: begin, let in, ask out, mute, a private talk with one side, close. */
/** @import { Person } from "./types" */
import { ask, hear, Refusal } from "./connection.js"
import { allChannels, everybody, facts, leads, nameOf, standingOf } from "./facts.js"
import { kitOf } from "./kits.js"
import { confirm, say } from "./notices.js"
import { button, copy, icon, iconButton, make, newId, part, redraw } from "./page.js"
import { join } from "./stage.js"
import { now } from "./stage/now.js"
import { _ } from "./words.js"

/** @param {HTMLElement} root */
export function start(root) {
  const bar = part(root, "lead")
  part(bar, "start").addEventListener("click", begin)
  part(bar, "close").addEventListener("click", close)
  part(bar, "caucus").addEventListener("click", openCaucus)
  part(bar, "end-caucus").addEventListener("click", endCaucus)
  for (const name of ["stage", "entered", "people", "channels"]) hear(name, () => show(root, bar))
}

/** The menu of one person in the list. @param {Person} someone */
export function actsFor(someone) {
  if (someone.id === facts().me) return null
  const here = now.people.has(someone.id)
  const waits = now.waiting.has(someone.id)
  if (!here && !waits) return null
  const box = make("div", "people__acts")
  if (waits) box.append(button(_("Let in"), () => admit(someone.id), "button button--may button--small"))
  const menu = make("ul", "menu people__menu")
  menu.popover = "auto"
  menu.id = `acts-${someone.id}`
  for (const [words, act] of choices(someone, here)) {
    const item = make("li")
    item.append(button(words, () => { menu.hidePopover(); act() }, "menu__item"))
    menu.append(item)
  }
  const open = iconButton("more", _("Actions for %(name)s", { name: someone.name }), () => undefined, "button button--bare button--round")
  open.popoverTargetElement = menu
  if (menu.childElementCount) box.append(open, menu)
  return box
}

/** @param {Person} someone @param {boolean} here @returns {[string, () => void][]} */
function choices(someone, here) {
  if (!here) return []
  const room = facts().room
  const { id, name } = someone
  /** @type {[string, () => void][]} */
  const all = [
    [_("Mute the microphone"), () => mute(id, "mic")],
    [_("Let the microphone on again"), () => unmute(id, "mic")],
    [_("Turn the camera off"), () => mute(id, "camera")],
    [_("Let the camera on again"), () => unmute(id, "camera")],
    [_("Ask back to the waiting room"), () => remove(id, name)],
  ]
  const shows = [...now.producers.values()].some((one) => one.person === id && one.source === "screen")
  if (shows) all.push([_("Stop the shared screen"), () => mute(id, "screen")])
  if (now.hands.includes(id)) all.unshift([_("Lower the hand"), () => act("lower_hand", { room, person: id })])
  return all
}

/** @param {HTMLElement} root @param {HTMLElement} bar */
function show(root, bar) {
  const on = facts().hearing?.state === "in_session"
  const inCaucus = now.place !== "main"
  root.dataset.leads = String(leads())
  bar.hidden = !leads()
  part(bar, "start").hidden = on || facts().state !== "open"
  part(bar, "close").hidden = !on || inCaucus
  part(bar, "caucus").hidden = !on || now.state !== "on" || inCaucus
  part(bar, "end-caucus").hidden = !openCaucuses().length
  const queue = part(bar, "queue")
  queue.hidden = now.waiting.size === 0
  redraw(queue, [...now.waiting].map((id) => {
    const one = make("span", "lead__waits")
    const who = make("span", "", _("%(name)s waits", { name: nameOf(id) }))
    who.append(make("small", "lead__kit", kitOf(id).words))
    one.append(icon("bell"), who, button(_("Let in"), () => admit(id), "button button--may button--small"))
    one.dataset.person = id
    return one
  }))
}

async function begin() {
  const { room, hearing } = facts()
  const booked = hearing && hearing.state !== "closed" && hearing.state !== "cancelled" ? { hearing: hearing.id } : {}
  if (await act("start_hearing", { room, ...booked, client_id: newId() })) join()
}

async function close() {
  const sure = await confirm({ title: _("Close the meeting?"), text: _("Everybody leaves the stage, and this meeting cannot be opened again. You can go on writing, and start another one."), act: _("Close for good"), grave: true })
  if (sure !== null) act("close_hearing", { room: facts().room, client_id: newId() })
}

/** @param {string} person */
function admit(person) {
  act("admit_person", { room: facts().room, person, client_id: newId() })
}

/** @param {string} person @param {string} name */
async function remove(person, name) {
  const reason = await confirm({ title: _("Ask %(name)s back to the waiting room?", { name }), text: _("From then on %(name)s sees and hears nothing. The reason goes into the record.", { name }), reason: _("Reason"), act: _("Ask back to the waiting room") })
  if (reason) act("remove_person", { room: facts().room, person, reason, client_id: newId() })
}

/** @param {string} person @param {string} source */
function mute(person, source) {
  act("mute_person", { room: facts().room, person, source, reason: "", client_id: newId() })
}

/** @param {string} person @param {string} source */
function unmute(person, source) {
  act("unmute_person", { room: facts().room, person, source, client_id: newId() })
}

/** One side and the mediator behind a closed door. */
async function openCaucus() {
  const sheet = /** @type {HTMLDialogElement} */ (copy("caucus-sheet"))
  const groups = part(sheet, "people")
  const present = everybody().filter((one) => one.id !== facts().me && now.people.has(one.id))
  for (const side of ["claimant", "respondent"]) { // never with the bench: nothing private between a judge and one side
    for (const one of present.filter((person) => person.side === side)) {
      const label = make("label", "choice")
      const input = make("input")
      Object.assign(input, { type: "checkbox", name: "person", value: one.id })
      input.dataset.side = side
      label.append(input, make("span", "", one.name), make("span", "choice__more", standingOf(one)))
      groups.append(label)
    }
  }
  const boxes = [...groups.querySelectorAll("input")]
  for (const side of ["claimant", "respondent"]) {
    part(sheet, side).addEventListener("click", () => boxes.forEach((box) => { box.checked = box.dataset.side === side }))
  }
  document.body.append(sheet)
  sheet.showModal()
  sheet.addEventListener("close", () => {
    const people = boxes.filter((box) => box.checked).map((box) => box.value)
    sheet.remove()
    if (sheet.returnValue !== "yes" || !people.length) return
    act("open_caucus", { room: facts().room, people, name: caucusName(people), client_id: newId() })
  })
}

/** @param {string[]} people */
function caucusName(people) {
  const sides = new Set(everybody().filter((one) => people.includes(one.id)).map((one) => one.side))
  if (sides.size === 1 && sides.has("claimant")) return _("With the claimant")
  if (sides.size === 1 && sides.has("respondent")) return _("With the respondent")
  return _("With %(names)s", { names: people.map(nameOf).join(_(", ")) })
}

function openCaucuses() {
  return allChannels().filter((one) => one.kind === "caucus" && one.open)
}

async function endCaucus() {
  const here = openCaucuses().find((one) => one.id === now.place) ?? openCaucuses()[0]
  if (here) await act("close_caucus", { channel: here.id, client_id: newId() })
}

/** @param {string} name @param {object} payload */
async function act(name, payload) {
  try {
    await ask(name, payload)
    return true
  } catch (refusal) {
    if (!(refusal instanceof Refusal)) throw refusal
    say(refusal.message)
    return false
  }
}
