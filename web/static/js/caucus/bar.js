/** The bar of the private talk one looks at: who is inside, how long it is meant to last, and what one may do with it. */
/** @import { CaucusFacts, Channel } from "../types" */
/** @import { Place } from "../channels.js" */
import { currentPlace, turnTo } from "../channels.js"
import { hear } from "../connection.js"
import { facts, leads, may, nameOf, person } from "../facts.js"
import { say } from "../notices.js"
import { button, copy, newId, part, redraw } from "../page.js"
import { _, gap } from "../words.js"
import { act, begin } from "./wish.js"

/** Whose end was asked about already. @type {Set<string>} */
const asked = new Set()

/** @param {HTMLElement} talk */
export function start(talk) {
  const bar = part(talk, "caucus-bar")
  const redrawn = () => show(bar, currentPlace())
  for (const name of ["turned", "channels", "people"]) hear(name, redrawn)
  setInterval(() => !bar.hidden && showTime(bar, currentPlace()?.write), 1000)
  redrawn()
}

/** @param {HTMLElement} bar @param {Place | undefined} place */
function show(bar, place) {
  const one = place?.write
  const stands = place?.kind === "caucus" && place.open ? one?.caucus : undefined
  bar.hidden = !stands || !one
  if (!stands || !one) return
  part(bar, "inside").textContent = who(stands)
  redraw(part(bar, "acts"), acts(one, stands))
  showTime(bar, one)
}

/** @param {CaucusFacts} stands */
function who(stands) {
  const names = (/** @type {string[]} */ ids) => ids.filter((id) => id !== facts().me).map(nameOf).join(_(", "))
  const inside = stands.inside.includes(facts().me)
  const others = names(stands.inside)
  const words = []
  if (!stands.begun) words.push(_("Nobody has come in yet."), _("For %(names)s.", { names: names(stands.guests) }))
  else if (inside) words.push(others ? _("With you: %(names)s.", { names: others }) : _("You are alone in here."))
  else words.push(others ? _("Inside: %(names)s. You are not.", { names: others }) : _("Nobody is inside."))
  if (stands.form === "caucus" && !leads() && !stands.inside.some(isMediator)) words.push(_("The mediator is not here at the moment."))
  if (stands.called.length) words.push(_("Being called: %(names)s.", { names: names(stands.called) || nameOf(facts().me) }))
  if (stands.locked) words.push(_("The door is locked."))
  return words.join(gap)
}

/** @param {string} id */
function isMediator(id) {
  return person(id)?.standing === "mediator"
}

/** @param {Channel} one @param {CaucusFacts} stands */
function acts(one, stands) {
  const inside = stands.inside.includes(facts().me)
  const runs = leads() || stands.by === facts().me
  const channel = one.id
  /** @type {[string, string, () => void][]} */
  const all = []
  if (!inside && stands.begun) all.push(["enter", _("Come in"), () => act("enter_caucus", { channel })])
  if (inside && stands.form === "caucus" && may("call_own_side") && !stands.inside.some(isMediator)) all.push(["call-mediator", _("Call the mediator"), callMediator])
  if (runs && stands.begun) {
    all.push(["lock", stands.locked ? _("Unlock the door") : _("Lock the door"), () => act("lock_caucus", { channel, locked: !stands.locked, client_id: newId() })])
    all.push(["set-time", _("Set a time"), () => setTime(one, _("How long?"))])
  }
  const planned = stands.guests.filter((id) => id !== facts().me && !stands.called.includes(id))
  if (runs && !stands.begun && planned.length) {
    all.push(["call-prepared", _("Call them"), () => act("call_again", { channel, people: planned, client_id: newId() })])
    if (stands.form === "caucus") all.push(["begin", _("Take them along now"), () => act("begin_caucus", { channel })])
  }
  if (runs) all.push(["call-in", _("Call somebody in"), () => begin(stands.form, one)])
  if (inside) all.push(["leave-caucus", _("Go back"), () => leave(channel)])
  if (runs) all.push(["end-caucus", stands.begun ? _("End for everybody") : _("Give it up"), () => end(channel)])
  return all.map(([name, words, wish]) => {
    const made = button(words, wish, `button button--small button--${name === "enter" ? "may" : "quiet"}`)
    made.dataset.part = name
    return made
  })
}

async function callMediator() {
  if (await act("call_mediator", { room: facts().room, client_id: newId() })) say(_("The mediator is asked to come."))
}

/** @param {string} channel */
async function leave(channel) {
  if (await act("leave_caucus", { channel })) turnTo("everyone")
}

/** @param {string} channel */
async function end(channel) {
  if (await act("close_caucus", { channel, client_id: newId() })) turnTo("everyone")
}

/** @param {HTMLElement} bar @param {Channel | undefined} one */
function showTime(bar, one) {
  const ends = one?.caucus?.ends_at
  part(bar, "time").hidden = !ends
  if (!one || !ends) return
  const left = Math.max(0, Math.ceil((Date.parse(ends) - Date.now()) / 1000))
  part(bar, "left").textContent = left ? _("%(time)s left", { time: `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}` }) : _("The time is over")
  if (left || asked.has(ends) || !one.caucus?.inside.includes(facts().me)) return
  asked.add(ends)
  if (leads() || one.caucus.by === facts().me) setTime(one, _("The time is over. How do you want to go on?"), true)
  else say(_("The time that was set is over. Nobody has to leave; whoever leads the talk decides how to go on."))
}

/** @param {Channel} one @param {string} title @param {boolean} [over] */
function setTime(one, title, over = false) {
  const sheet = /** @type {HTMLDialogElement} */ (copy("time-sheet"))
  part(sheet, "title").textContent = title
  const extend = Boolean(one.caucus?.ends_at)
  /** @type {[string, string][]} */
  const choices = [5, 10, 20, 30].map((n) => [String(n), extend ? _("%(n)s minutes more", { n }) : _("%(n)s minutes", { n })])
  if (extend) choices.push(["0", _("Go on without a time")])
  if (over) choices.push(["end", _("End for everybody")])
  part(sheet, "choices").append(...choices.map(([value, words]) => {
    const choice = button(words, () => sheet.close(value), "button button--quiet")
    return choice
  }))
  document.body.append(sheet)
  sheet.showModal()
  sheet.addEventListener("close", () => {
    sheet.remove()
    if (sheet.returnValue === "end") end(one.id)
    else if (sheet.returnValue) act("time_caucus", { channel: one.id, minutes: Number(sheet.returnValue), extend, client_id: newId() })
  })
}
