/** What may be told of what was said to the mediator: chosen while writing, changed under a message, carried over by the mediator. */
/** @import { Channel, Entry } from "../types" */
/** @import { Letter } from "../outbox.js" */
/** @import { Place } from "../channels.js" */
import { currentPlace, streamOf } from "../channels.js"
import { hear } from "../connection.js"
import { allChannels, channel, facts, leads, person } from "../facts.js"
import { button, copy, icon, make, part, redraw } from "../page.js"
import { clock } from "../times.js"
import { _ } from "../words.js"
import { act } from "./wish.js"

/** @typedef {"keep" | "may_tell" | "tell_now"} Tag */

/** What was chosen for messages that are not acknowledged yet. @type {Map<string, Tag>} */
const wanted = new Map()

/** @param {HTMLElement} talk */
export function start(talk) {
  const choice = part(talk, "tags")
  const streams = part(talk, "streams")
  const turn = () => { choice.hidden = !marksIn(currentPlace()?.write) || leads() || !currentPlace()?.write?.may_speak }
  for (const name of ["turned", "channels"]) hear(name, turn)
  turn()
  hear("letter", (/** @type {Letter} */ letter) => {
    const chosen = choice.querySelector("input:checked")
    if (!(chosen instanceof HTMLInputElement) || choice.hidden) return
    if (chosen.value !== "keep") wanted.set(letter.client_id, /** @type {Tag} */ (chosen.value))
    const [first] = choice.querySelectorAll("input")
    if (first) first.checked = true // what follows is kept again, unless it is said otherwise
  })
  hear("message_posted", (/** @type {Entry} */ entry) => {
    const tag = wanted.get(entry.client_id ?? "")
    if (!tag || entry.actor !== facts().me) return
    wanted.delete(entry.client_id ?? "")
    act("tag_statement", { channel: entry.channel, seq: entry.seq, tag })
  })
  for (const kind of ["statement_tagged", "statement_released"]) hear(kind, (/** @type {Entry} */ { channel }) => drawAll(streams, channel))
  new MutationObserver((changes) => {
    const rows = changes.flatMap((change) => [...change.addedNodes]).filter((node) => node instanceof HTMLElement && node.matches(".bubble[data-seq]"))
    for (const row of rows) draw(/** @type {HTMLElement} */ (row))
  }).observe(streams, { childList: true, subtree: true })
  for (const one of allChannels()) if (marksIn(one)) drawAll(streams, one.id)
}

/** @param {Channel | undefined} one */
function marksIn(one) {
  return one?.kind === "caucus" && one.caucus?.form === "caucus"
}

/** @param {HTMLElement} streams @param {string} id */
function drawAll(streams, id) {
  for (const row of streams.querySelectorAll(`.bubble[data-seq][data-channel="${CSS.escape(id)}"]`)) draw(/** @type {HTMLElement} */ (row))
}

/** @param {HTMLElement} row */
function draw(row) {
  const id = row.dataset.channel ?? ""
  const seq = Number(row.dataset.seq)
  const all = streamOf(id)?.ledgers.get(id)?.entries ?? []
  const said = all.find((one) => one.seq === seq)
  if (!marksIn(channel(id)) || row.dataset.state === "recalled" || !said || hasNoMark(said)) return
  const tag = /** @type {Tag} */ (all.findLast((one) => one.kind === "statement_tagged" && one.body.seq === seq)?.body.tag ?? "keep")
  const carried = all.filter((one) => one.kind === "statement_released" && one.body.seq === seq)
  const box = row.querySelector(".mark") ?? make("div", "mark")
  if (!(box instanceof HTMLElement)) return
  box.dataset.tag = tag
  redraw(box, nodes(said, tag, carried))
  row.append(box)
}

/** What the mediator says has no mark; what the others say has one for the mediator and for their own side. @param {Entry} said */
function hasNoMark(said) {
  return person(said.actor)?.side === "bench"
}

/** @param {Entry} said @param {Tag} tag @param {Entry[]} carried */
function nodes(said, tag, carried) {
  const told = carried.map((one) => {
    const line = make("p", "mark__told", `${place(one)} · ${clock(one.at)}`)
    line.prepend(icon("check"))
    return line
  })
  if (said.actor === facts().me && !carried.length) return [chooser(said, tag)]
  const words = make("p", "mark__words", wordsOf(tag))
  words.prepend(icon(tag === "keep" ? "lock" : "send"))
  /** @type {Node[]} */
  const all = [words, ...told]
  if (leads() && tag !== "keep" && said.body.text) all.push(button(_("Carry over"), () => carry(said)))
  return all
}

/** @param {Entry} said @param {Tag} tag */
function chooser(said, tag) {
  const label = make("label", "mark__choose")
  const select = make("select")
  for (const value of /** @type {Tag[]} */ (["keep", "may_tell", "tell_now"])) {
    const option = make("option", "", wordsOf(value))
    option.value = value
    option.defaultSelected = value === tag
    select.append(option)
  }
  select.addEventListener("change", () => act("tag_statement", { channel: said.channel, seq: said.seq, tag: select.value }))
  label.append(make("span", "unseen", _("What may become of this message?")), select)
  return label
}

/** @param {Tag} tag */
function wordsOf(tag) {
  return tag === "tell_now" ? _("Tell now") : tag === "may_tell" ? _("May be told") : _("Stays here")
}

/** @param {Entry} released */
function place({ body }) {
  if (body.to_kind === "talks") return _("Told to everybody")
  return body.to_side === "claimant" ? _("Told to the claimant’s side") : _("Told to the respondent’s side")
}

/** @param {Entry} said */
function carry(said) {
  const sheet = /** @type {HTMLDialogElement} */ (copy("carry-sheet"))
  part(sheet, "said").textContent = said.body.text ?? ""
  const here = channel(said.channel)
  const targets = allChannels().filter((one) => one.open && one.may_speak && one.id !== said.channel && reaches(one, here))
  part(sheet, "to").append(...targets.map((one, n) => {
    const label = make("label", "choice")
    const input = make("input")
    Object.assign(input, { type: "radio", name: "to", value: one.id, required: true, checked: n === 0 })
    label.append(input, make("span", "", targetWords(one)))
    return label
  }))
  document.body.append(sheet)
  sheet.showModal()
  sheet.addEventListener("close", () => {
    const chosen = sheet.querySelector("input:checked")
    sheet.remove()
    if (sheet.returnValue === "yes" && chosen instanceof HTMLInputElement) act("carry_statement", { channel: said.channel, seq: said.seq, to: chosen.value })
  })
}

/** @param {Channel} one @param {Channel | undefined} from */
function reaches(one, from) {
  return one.kind === "talks" || (one.side !== from?.side && (one.kind === "private" || marksIn(one)))
}

/** @param {Channel} one */
function targetWords(one) {
  if (one.kind === "talks") return _("Everybody")
  const claimant = one.side === "claimant"
  if (one.kind === "private") return claimant ? _("The claimant’s side, in private") : _("The respondent’s side, in private")
  return claimant ? _("The private talk with the claimant’s side") : _("The private talk with the respondent’s side")
}
