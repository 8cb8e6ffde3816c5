/** What one asks for quietly: a pause, help, that somebody looks at a message. And the quiet words, for who sees to them. */
/** @import { Concern, Entry } from "./types" */
import { ask, hear, Refusal, tell } from "./connection.js"
import { channel, everybody, facts, may, nameOf, standingOf } from "./facts.js"
import { confirm, say } from "./notices.js"
import { copy, newId, part } from "./page.js"
import { now } from "./stage/now.js"
import { offerAct } from "./talk/acts.js"
import { _ } from "./words.js"

/** What was reported and may be seen here. @type {Concern[]} */
export let concerns = []
/** @type {HTMLElement} */
let menu

/** @param {HTMLElement} root */
export function start(root) {
  menu = part(root, "quiet")
  for (const [name, act] of Object.entries({ pause: callPause, report: () => report(), unsafe: sayUnsafe, concerns: () => import("./concerns.js").then((list) => list.open()) })) {
    part(menu, name).addEventListener("click", () => { menu.hidePopover(); void act() })
  }
  offerAct((entry) => (mayReport(entry) ? { words: _("Report"), act: () => report(entry) } : null))
  hear("entered", read)
  hear("concerns_changed", async () => {
    const before = waiting()
    await read()
    // Nothing of whom or what: the screen may be shown to others.
    if (waiting() > before && !now.tracks.has("screen")) say(_("A quiet word waits for you, under the three dots."))
  })
}

/** What is said behind a wall stays there. @param {Entry} entry */
function mayReport(entry) {
  return may("report") && entry.actor !== facts().me && ["talks", "record"].includes(channel(entry.channel)?.kind ?? "")
}

/** Reads them again, and tells whoever shows them. */
export async function read() {
  show()
  if (!may("see_concerns") && !may("report")) return
  try {
    concerns = (await ask("read_concerns", { room: facts().room })).concerns
  } catch (refusal) {
    if (!(refusal instanceof Refusal)) throw refusal // it is read again at the next entrance
  }
  tell("concerns_read", null)
  show()
}

function show() {
  const { pause, pauses_left: left } = facts().house
  const staff = may("see_concerns")
  part(menu, "pause").hidden = !may("call_pause") || Boolean(pause) || left < 1
  part(menu, "report").hidden = !may("report")
  part(menu, "unsafe").hidden = !may("say_unsafe")
  part(menu, "concerns").hidden = !concerns.length
  part(menu, "concerns-words").textContent = staff ? _("Quiet words") : _("What I have reported")
  const mark = part(document.body, "quiet-mark")
  mark.hidden = !waiting()
  mark.textContent = String(waiting())
  mark.setAttribute("aria-label", _("%(n)s quiet words wait for you", { n: waiting() }))
  part(document.body, "open-quiet").hidden = ![...menu.querySelectorAll("li > *")].some((one) => one instanceof HTMLElement && !one.hidden)
}

function waiting() {
  return may("see_concerns") ? concerns.filter((one) => one.state === "open").length : 0
}

async function callPause() {
  const sure = await confirm({ title: _("Call a pause?"), text: _("Everybody can read and nobody can write, but for the mediator, for a while. You need not say why."), act: _("Call a pause") })
  if (sure !== null) await send("call_pause", {})
}

/** One tap, and nothing that anybody else could see or hear. */
async function sayUnsafe() {
  const told = await send("say_unsafe", {})
  if (!told) return
  const sheet = /** @type {HTMLDialogElement} */ (copy("unsafe-told"))
  part(sheet, "told").textContent = told.now
  const call = /** @type {HTMLAnchorElement} */ (part(sheet, "call"))
  call.textContent = told.call
  call.href = `tel:${told.number}`
  showSheet(sheet)
}

/** A message, or where none is named a person. @param {Entry} [entry] */
function report(entry) {
  const sheet = /** @type {HTMLDialogElement} */ (copy("report-sheet"))
  const who = /** @type {HTMLSelectElement} */ (part(sheet, "person"))
  who.append(...everybody().filter((one) => one.id !== facts().me).map((one) => new Option([one.name, standingOf(one)].join(" · "), one.id)))
  part(sheet, "who").hidden = Boolean(entry)
  who.required = !entry
  const quote = part(sheet, "message")
  quote.hidden = !entry
  quote.textContent = entry ? _("%(name)s: %(text)s", { name: nameOf(entry.actor), text: (entry.body.text ?? entry.body.file?.name ?? "").slice(0, 120) }) : ""
  const reason = /** @type {HTMLInputElement} */ (part(sheet, "reason"))
  part(sheet, "presets").addEventListener("click", (event) => {
    const preset = event.target instanceof Element && event.target.closest("button")
    if (preset) reason.value = preset.textContent ?? ""
  })
  showSheet(sheet, async () => {
    const about = entry ? { channel: entry.channel, seq: entry.seq } : { person: who.value }
    if (await send("report_concern", { ...about, reason: reason.value.trim() })) {
      say(_("Reported. The mediator and the clerk see it, nobody else. You will read here what came of it."))
      await read()
    }
  })
}

/** @param {HTMLDialogElement} sheet @param {() => void} [then] */
export function showSheet(sheet, then) {
  document.body.append(sheet)
  sheet.showModal()
  sheet.addEventListener("close", () => {
    if (sheet.returnValue === "yes") then?.()
    sheet.remove()
  })
}

/** @param {string} name @param {object} asked @returns {Promise<any>} the answer, or null when it was refused */
export async function send(name, asked) {
  const room = "concern" in asked ? {} : { room: facts().room }
  try {
    return await ask(name, { client_id: newId(), ...room, ...asked })
  } catch (refusal) {
    if (!(refusal instanceof Refusal)) throw refusal
    say(refusal.message)
    return null
  }
}
