/** Keeping order: one sheet for all measures on a person, one for the talk as a whole. Each asks for what the record will say. */
/** @import { Person } from "./types" */
import { ask, Refusal } from "./connection.js"
import { facts } from "./facts.js"
import { stageName, whoWrites } from "./house.js"
import { say } from "./notices.js"
import { copy, make, newId, part } from "./page.js"
import { now } from "./stage/now.js"
import { dayAndClock } from "./times.js"
import { _ } from "./words.js"

/** @typedef {{ code: string, words: string, more: string, term?: boolean, reason?: boolean, ask: string, with?: object }} Measure */

/** The sheet of one person. @param {Person} someone */
export function keepOrder(someone) {
  const sheet = /** @type {HTMLDialogElement} */ (copy("measures"))
  part(sheet, "title").textContent = _("Order: %(name)s", { name: someone.name })
  part(sheet, "now").textContent = standing(someone)
  const measures = measuresFor(someone)
  const choices = part(sheet, "choices")
  choices.append(...measures.map((measure) => choice("measure", measure.code, measure.words, measure.more)))
  const chosen = () => measures.find((one) => one.code === value(sheet, "measure"))
  const settle = () => {
    const measure = chosen()
    part(sheet, "term").hidden = !measure?.term
    needsReason(sheet, !measure || Boolean(measure.reason))
  }
  choices.addEventListener("change", settle)
  settle()
  open(sheet, () => {
    const measure = chosen()
    if (!measure) return
    const minutes = measure.term ? { minutes: Number(/** @type {HTMLSelectElement} */ (part(sheet, "minutes")).value) } : {}
    const reason = measure.reason ? { reason: /** @type {HTMLInputElement} */ (part(sheet, "reason")).value.trim() } : {}
    send(measure.ask, { person: someone.id, ...minutes, ...reason, ...measure.with })
  })
}

/** The sheet of the whole talk: frozen, slow, whose turn. */
export function orderTalk() {
  const sheet = /** @type {HTMLDialogElement} */ (copy("talk-rules"))
  const { frozen, slow, stage, writers } = facts().house
  const pace = /** @type {HTMLSelectElement} */ (part(sheet, "pace"))
  const frozenBox = /** @type {HTMLInputElement} */ (part(sheet, "frozen"))
  const stages = /** @type {HTMLSelectElement} */ (part(sheet, "stage"))
  const boxes = /** @type {HTMLInputElement[]} */ ([...part(sheet, "writers").querySelectorAll("input")])
  pace.value = String(slow)
  if (pace.value !== String(slow)) pace.append(new Option(_("One message every %(n)s seconds", { n: slow }), String(slow), true, true))
  frozenBox.checked = frozen
  stages.value = stage
  const tick = (/** @type {string[]} */ who) => boxes.forEach((box) => { box.checked = who.includes(box.value) })
  tick(writers ?? boxes.map((box) => box.value))
  stages.addEventListener("change", () => tick((stages.selectedOptions[0]?.dataset.writers ?? "").split(" ")))
  const settle = () => {
    part(sheet, "writers").hidden = !stages.value
    needsReason(sheet, frozenBox.checked && !frozen)
  }
  sheet.addEventListener("change", settle)
  settle()
  open(sheet, async () => {
    const reason = /** @type {HTMLInputElement} */ (part(sheet, "reason")).value.trim()
    const write = boxes.filter((box) => box.checked).map((box) => box.value)
    if (Number(pace.value) !== slow) await send("slow_talk", { seconds: Number(pace.value), reason })
    if (stages.value !== stage || (stage && write.join() !== (writers ?? []).join())) {
      if (await send("set_posting", { stage: stages.value, writers: write, reason }) && stages.value) say(_("%(stage)s: %(who)s", { stage: stageName(stages.value), who: whoWrites(write) }))
    }
    if (frozenBox.checked && !frozen) await send("freeze_talk", { reason })
    if (!frozenBox.checked && frozen) await send("thaw_talk", {})
  })
}

/** @param {Person} someone @returns {Measure[]} */
function measuresFor({ id, name, side }) {
  const { silenced, out } = facts().house
  /** @type {Measure[]} */
  const all = [{ code: "warn", words: _("Give a warning"), more: _("%(name)s reads it at once.", { name }), reason: true, ask: "warn_person" }]
  if (side !== "bench") {
    if (id in silenced) all.push({ code: "allow", words: _("Let write in the talk again"), more: "", ask: "allow_writing" })
    all.push({ code: "silence", words: _("Only read in the talk"), more: _("The private line to you stays open."), term: true, reason: true, ask: "stop_writing" })
    if (out.includes(id)) all.push({ code: "readmit", words: _("Let into the talk again"), more: _("With all that was said meanwhile."), ask: "readmit_person" })
    else all.push({ code: "expel", words: _("Send out of the talk"), more: _("%(name)s reads nothing more of it. The record and the private line to you stay.", { name }), reason: true, ask: "expel_person" })
  }
  if (now.people.has(id)) all.push({ code: "back", words: _("Ask back to the waiting room"), more: _("%(name)s sees and hears nothing until you let them in.", { name }), reason: true, ask: "remove_person" })
  if (now.people.has(id) || now.waiting.has(id)) all.push({ code: "block", words: _("Send out of this meeting"), more: _("%(name)s cannot wait for it either, until you let them in again.", { name }), reason: true, ask: "remove_person", with: { block: true } })
  return all
}

/** What holds for a person now. @param {Person} someone */
function standing({ id, name }) {
  const { silenced, out } = facts().house
  if (out.includes(id)) return _("%(name)s is out of the talk.", { name })
  const until = silenced[id]
  if (until === undefined) return ""
  return until ? _("%(name)s may only read until %(when)s.", { name, when: dayAndClock(until) }) : _("%(name)s may only read until you lift it.", { name })
}

/** @param {string} name @param {string} code @param {string} words @param {string} more */
function choice(name, code, words, more) {
  const label = make("label", "choice")
  const input = make("input")
  Object.assign(input, { type: "radio", name, value: code, required: true })
  label.append(input, make("span", "", words))
  if (more) label.append(make("span", "choice__more", more))
  return label
}

/** @param {HTMLElement} sheet @param {boolean} needed */
function needsReason(sheet, needed) {
  part(sheet, "field").hidden = !needed
  const input = /** @type {HTMLInputElement} */ (part(sheet, "reason"))
  input.required = needed
}

/** @param {HTMLDialogElement} sheet @param {() => void} then */
function open(sheet, then) {
  part(sheet, "presets").addEventListener("click", (event) => {
    const preset = event.target instanceof Element && event.target.closest("button")
    if (preset) /** @type {HTMLInputElement} */ (part(sheet, "reason")).value = preset.textContent ?? ""
  })
  document.body.append(sheet)
  sheet.showModal()
  sheet.addEventListener("close", () => {
    if (sheet.returnValue === "yes") then()
    sheet.remove()
  })
}

/** @param {HTMLElement} sheet @param {string} name */
function value(sheet, name) {
  const chosen = sheet.querySelector(`input[name="${name}"]:checked`)
  return chosen instanceof HTMLInputElement ? chosen.value : ""
}

/** @param {string} name @param {object} asked */
async function send(name, asked) {
  try {
    await ask(name, { room: facts().room, client_id: newId(), ...asked })
    return true
  } catch (refusal) {
    if (!(refusal instanceof Refusal)) throw refusal
    say(refusal.message)
    return false
  }
}
