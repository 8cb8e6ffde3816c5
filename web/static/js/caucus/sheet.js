/** Beginning a private talk: who comes along, and whether they are called or taken along at once. */
/** @import { Channel, Person } from "../types" */
import { turnTo } from "../channels.js"
import { everybody, facts, leads, me, standingOf } from "../facts.js"
import { copy, make, newId, part } from "../page.js"
import { now } from "../stage/now.js"
import { _ } from "../words.js"
import { act } from "./wish.js"

/** @typedef {"caucus" | "alone" | "bench"} Form */

/** @param {Form} form @param {Channel} [into] one that is there already */
export function begin(form, into) {
  const sheet = /** @type {HTMLDialogElement} */ (copy("caucus-sheet"))
  part(sheet, "what").textContent = what(form)
  const boxes = choose(sheet, form, into)
  const moves = form === "caucus" && !into && boxes.some((box) => now.people.has(box.value))
  part(sheet, "move").hidden = !moves
  part(sheet, "prepare").hidden = form !== "caucus" || Boolean(into)
  part(sheet, "naming").hidden = form !== "caucus" || Boolean(into)
  part(sheet, "terms").hidden = form !== "alone"
  const accepts = /** @type {HTMLInputElement} */ (part(sheet, "accepts"))
  accepts.required = form === "alone"
  part(sheet, "sides").hidden = !leads() || Boolean(into)
  document.body.append(sheet)
  sheet.showModal()
  sheet.addEventListener("submit", (event) => {
    const by = event instanceof SubmitEvent ? event.submitter?.getAttribute("value") : ""
    if (by === "no" || boxes.some((box) => box.checked)) return
    event.preventDefault()
    const wrong = part(sheet, "wrong")
    wrong.textContent = _("Please choose whom to call.")
    wrong.hidden = false
  })
  sheet.addEventListener("close", () => {
    const people = boxes.filter((box) => box.checked).map((box) => box.value)
    const name = /** @type {HTMLInputElement} */ (part(sheet, "name")).value.trim()
    sheet.remove()
    if (["call", "yes", "prepare"].includes(sheet.returnValue) && people.length) go(sheet.returnValue, people, form, name, into)
  })
}

/** @param {string} how @param {string[]} people @param {Form} form @param {string} name @param {Channel | undefined} into */
async function go(how, people, form, name, into) {
  const client_id = newId()
  const { room } = facts()
  if (into) return act("call_again", { channel: into.id, people, client_id })
  const kind = chosenForm(people, form)
  const asked = { room, people, name, client_id }
  const made = how === "prepare" ? await act("prepare_caucus", { ...asked, form: kind })
    : how === "yes" && kind === "caucus" ? await act("open_caucus", asked)
    : await act("call_caucus", { ...asked, form: kind, accepts_terms: kind === "alone" })
  if (made) turnTo(made.channel)
}

/** The mediator chooses among everybody: only mediators and court make it the room of the bench. @param {string[]} people @param {Form} form @returns {Form} */
function chosenForm(people, form) {
  const bench = everybody().filter((one) => people.includes(one.id)).every((one) => one.side === "bench")
  return form === "caucus" && bench ? "bench" : form
}

/** @param {HTMLElement} sheet @param {Form} form @param {Channel | undefined} into */
function choose(sheet, form, into) {
  const list = part(sheet, "people")
  const boxes = candidates(form, into).map((one) => {
    const label = make("label", "choice")
    const box = make("input")
    Object.assign(box, { type: "checkbox", name: "person", value: one.id })
    box.dataset.side = one.side
    label.append(box, make("span", "", one.name), make("span", "choice__more", [standingOf(one), one.online ? "" : _("not here")].filter(Boolean).join(" · ")))
    list.append(label)
    return box
  })
  if (boxes.length === 1 && boxes[0]) boxes[0].checked = true
  for (const button of part(sheet, "sides").querySelectorAll("button")) {
    button.addEventListener("click", () => boxes.forEach((box) => { box.checked = box.dataset.side === button.dataset.side }))
  }
  return boxes
}

/** @param {Form} form @param {Channel | undefined} into @returns {Person[]} */
function candidates(form, into) {
  const side = form === "alone" ? me()?.side : form === "bench" ? "bench" : into?.side
  const away = everybody().filter((one) => one.id !== facts().me && !into?.caucus?.inside.includes(one.id))
  return side ? away.filter((one) => one.side === side) : away
}

/** @param {Form} form */
function what(form) {
  switch (form) {
    case "alone": return _("You and those you choose from your side go behind a closed door. Neither the mediator nor the other side sees or hears anything of it.")
    case "bench": return _("Mediators, judges and clerks among themselves, until two hours after the meeting. The parties see that it takes place, and nothing of it.")
    default: return _("You and those you choose go behind a closed door, with sound, picture and writing of your own. The others see that it takes place, and nothing of it.")
  }
}
