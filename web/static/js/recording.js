/** Recording: the sign that stays, the question for consent, and the buttons of who may begin, pause and end it. */
/** @import { Tape } from "./types" */
import { ask, hear, Refusal } from "./connection.js"
import { everybody, facts, may, me, nameOf } from "./facts.js"
import { confirm, say } from "./notices.js"
import { button, copy, newId, part, redraw } from "./page.js"
import { now } from "./stage/now.js"
import { clock } from "./times.js"
import { _, gap } from "./words.js"

/** The recording whose sheet was closed here without an answer that counts; the sign offers it again. */
let put = ""
/** @type {HTMLDialogElement | null} */
let open = null

/** @param {HTMLElement} root */
export function start(root) {
  const strip = part(root, "taping")
  part(root, "record").addEventListener("click", begin)
  for (const name of ["stage", "entered", "people"]) hear(name, () => show(root, strip))
  hear("recording_started", ({ actor, body }) => body.basis === "order" && now.state === "on" && actor !== facts().me && tellOrder(actor, body.reason))
  hear("recording_stopped", ({ body, actor }) => now.state !== "off" && say(endWords(body.code ?? "", actor)))
  hear("recording_alarm", () => say(_("The recording has failed and is being started again. What is said meanwhile is not recorded."), { stays: true }))
}

/** @param {HTMLElement} root @param {HTMLElement} strip */
function show(root, strip) {
  const tape = facts().recording
  const inside = now.state === "on" || now.state === "waiting"
  const idle = !tape && may("order_recording") && now.state === "on"
  strip.hidden = !tape && !idle
  strip.dataset.state = tape?.state ?? "off"
  const [word, more] = tape ? sign(tape) : [_("No recording is on"), ""]
  if (part(strip, "word").textContent !== word) part(strip, "word").textContent = word
  if (part(strip, "more").textContent !== more) part(strip, "more").textContent = more
  redraw(part(strip, "tape-acts"), acts(tape))
  part(root, "record").hidden = Boolean(tape) || !may("record_meeting") || now.state !== "on" || facts().hearing?.state !== "in_session"
  if (open && !isAsked(tape)) open.close("late")
  if (inside && isAsked(tape) && tape && put !== tape.id) question(tape)
}

/** @param {Tape} tape @returns {[string, string]} */
function sign(tape) {
  const away = now.state === "on" && now.place !== "main"
  if (tape.state === "consent_pending") return [_("A recording is asked for"), _("Nothing is recorded yet.") + gap + waitsFor(tape)]
  if (tape.state === "paused") return [_("Recording is paused"), _("At the moment nothing is recorded.")]
  if (tape.state === "failed") return [_("The recording has failed"), _("It is being started again. At the moment nothing is recorded.")]
  if (away) return [_("Recording is on"), _("in the main room. This private talk is not recorded.")]
  return [_("Recording is on"), tape.since ? _("since %(time)s", { time: clock(tape.since) }) : ""]
}

/** @param {Tape} tape */
function waitsFor(tape) {
  const missing = everybody().filter((one) => now.people.has(one.id) && tape.answers[one.id] !== "given")
  if (!missing.length) return ""
  return _("Still to answer: %(names)s.", { names: missing.map((one) => one.name).join(_(", ")) })
}

/** @param {Tape | null} tape @returns {Node[]} */
function acts(tape) {
  if (!tape) return may("order_recording") ? [button(_("Order a recording"), order)] : []
  const runs = tape.basis === "consent" ? me()?.standing === "mediator" : ["judge", "clerk"].includes(me()?.standing ?? "")
  const mine = tape.answers[facts().me]
  const all = []
  if (runs && tape.state === "consent_pending") all.push(button(_("Look again who has agreed"), begin), button(_("Take the question back"), () => void end(_("Take the question back"))))
  if (runs && tape.state === "on") all.push(button(_("Pause"), pause))
  if (runs && tape.state === "paused") all.push(button(_("Go on recording"), () => void act("resume_recording")))
  if (runs && tape.state !== "consent_pending") all.push(button(_("End the recording"), () => void end(_("End the recording"))))
  if (!runs && tape.basis === "consent" && mine === "given") all.push(button(_("Take my consent back"), withdraw))
  if (isAsked(tape) && put === tape.id) all.push(button(_("Answer the question"), () => question(tape)))
  return all
}

/** Whether the reader's consent is what is missing. @param {Tape | null} tape */
function isAsked(tape) {
  return tape !== null && tape.basis === "consent" && tape.answers[facts().me] !== "given" && (now.state === "on" || now.state === "waiting")
}

/** @param {Tape} tape */
function question(tape) {
  if (open) return
  put = tape.id
  const sheet = /** @type {HTMLDialogElement} */ (copy("tape-sheet"))
  const running = tape.state !== "consent_pending"
  part(sheet, "title").textContent = running ? _("This meeting is being recorded") : _("May this meeting be recorded?")
  part(sheet, "who").textContent = running
    ? _("%(name)s records it, and everybody inside has agreed. You can come in when you agree too.", { name: nameOf(tape.by) })
    : _("%(name)s asks everybody in the meeting. It begins only when all have agreed.", { name: nameOf(tape.by) })
  part(sheet, "otherwise").textContent = running
    ? _("If you do not agree, you stay outside as long as it is on. You can still write.")
    : _("If you do not agree, nothing is recorded, and the meeting goes on as before.")
  document.body.append(sheet)
  sheet.showModal()
  open = sheet
  sheet.addEventListener("close", () => {
    open = null
    sheet.remove()
    if (sheet.returnValue === "given" || sheet.returnValue === "refused") void act("consent_to_recording", { answer: sheet.returnValue })
    else show(part(document.body, "room"), part(document.body, "taping"))
  })
}

/** @param {string | null} judge @param {string | undefined} reason */
function tellOrder(judge, reason) {
  const sheet = /** @type {HTMLDialogElement} */ (copy("order-sheet"))
  const words = _("%(name)s has ordered it.", { name: nameOf(judge) })
  part(sheet, "who").textContent = reason ? words + gap + _("The reason: %(reason)s", { reason }) : words
  document.body.append(sheet)
  sheet.showModal()
  sheet.addEventListener("close", () => {
    sheet.remove()
    if (sheet.returnValue === "leave") part(document.body, "leave").click()
  })
}

function begin() {
  void act("start_recording", { reason: "" })
}

async function order() {
  const reason = await confirm({ title: _("Order a recording?"), text: _("It begins at once. Everybody is told, and the reason goes into the record."), reason: _("Reason"), act: _("Order a recording"), grave: true })
  if (reason) await act("start_recording", { reason })
}

async function pause() {
  const reason = await confirm({ title: _("Pause the recording?"), text: _("What is said meanwhile is not recorded. The reason goes into the record."), reason: _("Reason"), act: _("Pause") })
  if (reason) await act("pause_recording", { reason })
}

/** @param {string} words */
async function end(words) {
  const sure = await confirm({ title: words, text: _("The meeting goes on. You can ask again later."), act: words })
  if (sure !== null) await act("stop_recording", { reason: "" })
}

async function withdraw() {
  const sure = await confirm({ title: _("Take your consent back?"), text: _("The recording then ends for everybody. What was recorded until now is kept."), act: _("Take my consent back") })
  if (sure !== null) await act("consent_to_recording", { answer: "withdrawn" })
}

/** @param {string} code @param {string | null} actor */
function endWords(code, actor) {
  const name = nameOf(actor)
  switch (code) {
    case "refused": return _("%(name)s did not agree to the recording: nothing was recorded.", { name })
    case "withdrawn": return _("%(name)s took the consent back: the recording has ended.", { name })
    case "taken_back": return _("The question for a recording was taken back.")
    default: return _("The recording has ended.")
  }
}

/** @param {string} request @param {object} [more] */
async function act(request, more = {}) {
  try {
    await ask(request, { room: facts().room, client_id: newId(), ...more })
  } catch (refusal) {
    if (!(refusal instanceof Refusal)) throw refusal
    say(refusal.message)
  }
}
