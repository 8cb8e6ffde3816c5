/** What the mediator does: begin, let in, ask out, warn, mute, lock, allow a screen, close. Private talks are in caucus.js. */
/** @import { Person, Source } from "./types" */
import { ask, hear, Refusal } from "./connection.js"
import { allChannels, facts, leads, nameOf } from "./facts.js"
import { kitOf } from "./kits.js"
import { confirm, say } from "./notices.js"
import { button, icon, iconButton, make, newId, part, redraw } from "./page.js"
import { join } from "./stage.js"
import { now } from "./stage/now.js"
import { _ } from "./words.js"

/** @param {HTMLElement} root */
export function start(root) {
  const bar = part(root, "lead")
  part(bar, "start").addEventListener("click", begin)
  part(bar, "close").addEventListener("click", close)
  part(bar, "mute-all").addEventListener("click", muteEverybody)
  part(bar, "order").addEventListener("click", async () => (await import("./order.js")).orderTalk())
  for (const name of ["stage", "entered", "people", "channels"]) hear(name, () => show(root, bar))
  hear("hearing_suspended", () => now.state !== "off" && say(_("Nobody leads the meeting at the moment: the mediator’s connection was lost. Everybody waits, and is back as soon as the mediator is."), { stays: true }))
  hear("hearing_resumed", () => now.state !== "off" && say(_("The mediator is back. The meeting goes on.")))
  hear("person_warned", ({ actor, body }) => body.person === facts().me && say(_("%(by)s asks you: %(reason)s", { by: nameOf(actor), reason: body.reason }), { stays: true }))
}

/** The menu of one person in the list. @param {Person} someone */
export function actsFor(someone) {
  if (someone.id === facts().me) return null
  const here = now.people.has(someone.id)
  const waits = now.waiting.has(someone.id)
  if (!here && !waits && someone.side === "bench") return null
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
  if (!here) return [[_("Keep order…"), () => keepOrder(someone)]]
  const room = facts().room
  const { id, name } = someone
  /** @type {[string, () => void][]} */
  const all = [...switches(id, "mic"), ...switches(id, "camera"), screen(id)]
  if (now.hands.includes(id)) all.unshift([_("Lower the hand"), () => act("lower_hand", { room, person: id })])
  all.push(now.orders.get(id)?.spotlight ? [_("No longer large to everybody"), () => act("spotlight", { room, person: null })] : [_("Show large to everybody"), () => act("spotlight", { room, person: id })])
  all.push([_("Keep order…"), () => keepOrder(someone)])
  all.push([_("Give a warning"), () => warn(id, name)], [_("Send out of this meeting"), () => block(id, name)], [_("Ask back to the waiting room"), () => remove(id, name)])
  return all
}

/** @param {Person} someone */
async function keepOrder(someone) {
  ;(await import("./order.js")).keepOrder(someone)
}

/** Muting is lifted by the person, locking by the mediator only. @param {string} id @param {"mic" | "camera"} source @returns {[string, () => void][]} */
function switches(id, source) {
  const { muted = [], locked = [] } = now.orders.get(id) ?? {}
  const mic = source === "mic"
  /** @type {[string, () => void][]} */
  const all = []
  if (!muted.includes(source)) all.push([mic ? _("Mute the microphone") : _("Turn the camera off"), () => mute(id, source, false)])
  if (!locked.includes(source)) all.push([mic ? _("Mute and lock the microphone") : _("Turn the camera off and lock it"), () => mute(id, source, true)])
  if (muted.includes(source)) all.push([mic ? _("Let the microphone on again") : _("Let the camera on again"), () => unmute(id, source)])
  return all
}

/** @param {string} person @returns {[string, () => void]} */
function screen(person) {
  const asked = { room: facts().room, person, client_id: newId() }
  if (now.orders.get(person)?.share !== "yes") return [_("Allow to show the screen"), () => act("allow_share", asked)]
  const shows = [...now.producers.values()].some((one) => one.person === person && one.source === "screen")
  return [shows ? _("Stop the shared screen") : _("Do not allow to show the screen any more"), () => act("forbid_share", asked)]
}

/** @param {HTMLElement} root @param {HTMLElement} bar */
function show(root, bar) {
  const on = facts().hearing?.state === "in_session"
  const inCaucus = now.place !== "main"
  root.dataset.leads = String(leads())
  bar.hidden = !leads()
  part(bar, "start").hidden = on || facts().state !== "open"
  part(bar, "close").hidden = !on || inCaucus
  part(bar, "caucus").hidden = facts().state !== "open"
  part(bar, "mute-all").hidden = !on || now.state !== "on" || now.people.size < 3
  part(bar, "order").hidden = facts().state !== "open"
  part(bar, "announce").hidden = !allChannels().some((one) => one.open && one.caucus?.begun)
  const queue = part(bar, "queue")
  const asking = [...now.orders].filter(([, order]) => order.share === "asked").map(([id]) => id)
  queue.hidden = now.waiting.size + asking.length === 0
  redraw(queue, [...[...now.waiting].map(waits), ...asking.map(asks)])
}

/** @param {string} id */
function waits(id) {
  const one = make("span", "lead__waits")
  const who = make("span", "", _("%(name)s waits", { name: nameOf(id) }))
  who.append(make("small", "lead__kit", kitOf(id).words))
  one.append(icon("bell"), who, button(_("Let in"), () => admit(id), "button button--may button--small"))
  one.dataset.person = id
  return one
}

/** @param {string} id */
function asks(id) {
  const one = make("span", "lead__waits")
  const asked = { room: facts().room, person: id }
  one.append(
    icon("screen"), make("span", "", _("%(name)s asks to show the screen", { name: nameOf(id) })),
    button(_("Allow"), () => act("allow_share", { ...asked, client_id: newId() }), "button button--may button--small"),
    button(_("Not now"), () => act("forbid_share", { ...asked, client_id: newId() }), "button button--quiet button--small"),
  )
  one.dataset.asks = id
  return one
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

/** @param {string} person @param {string} name */
async function block(person, name) {
  const reason = await confirm({ title: _("Send %(name)s out of this meeting?", { name }), text: _("%(name)s sees and hears nothing, and cannot wait for it either, until you let them in again. The reason goes into the record.", { name }), reason: _("Reason"), act: _("Send out of this meeting") })
  if (reason) act("remove_person", { room: facts().room, person, reason, block: true, client_id: newId() })
}

/** @param {string} person @param {string} name */
async function warn(person, name) {
  const reason = await confirm({ title: _("Give %(name)s a warning?", { name }), text: _("%(name)s reads it at once. It stands in the record.", { name }), reason: _("What you ask of them"), act: _("Give the warning") })
  if (reason) act("warn_person", { room: facts().room, person, reason, client_id: newId() })
}

/** @param {string} person @param {Source} source @param {boolean} lock */
function mute(person, source, lock) {
  act("mute_person", { room: facts().room, person, source, lock, reason: "", client_id: newId() })
}

/** Everybody but who speaks now; they may speak again when it is their turn. */
function muteEverybody() {
  act("mute_everybody", { room: facts().room, but: now.speaking.slice(0, 1), lock: false, reason: "", client_id: newId() })
}

/** @param {string} person @param {string} source */
function unmute(person, source) {
  act("unmute_person", { room: facts().room, person, source, client_id: newId() })
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
