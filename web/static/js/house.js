/** The rules of the house where one writes: a pause with its time, a talk that is frozen or slow, whose turn it is. */
import { ask, hear, Refusal } from "./connection.js"
import { enter, facts, leads, nameOf } from "./facts.js"
import { say } from "./notices.js"
import { button, copy, icon, make, newId, part, redraw } from "./page.js"
import { clock } from "./times.js"
import { _, gap } from "./words.js"

const MORE = 5

/** @type {HTMLElement} */
let strip
let ticking = 0

/** @param {HTMLElement} root */
export function start(root) {
  strip = part(root, "house")
  for (const name of ["entered", "people"]) hear(name, show)
  hear("pause_called", ({ actor }) => actor !== facts().me && say(_("%(name)s asks for a pause. Nobody has to say why.", { name: nameOf(actor) })))
  hear("writing_stopped", ({ body }) => body.person === facts().me && say(_("You can read for the time being, and not write: %(reason)s", { reason: body.reason ?? "" }), { stays: true }))
  hear("person_expelled", ({ body }) => body.person === facts().me && say(_("You were sent out of the talk: %(reason)s", { reason: body.reason ?? "" }), { stays: true }))
}

function show() {
  const [drawn, words, acts] = rule()
  strip.hidden = !words
  if (!words) return
  strip.dataset.rule = drawn
  redraw(part(strip, "sign"), [icon(drawn), make("span", "", words)])
  redraw(part(strip, "house-acts"), acts)
  tick()
}

/** What holds and matters most, in a sentence, with what who leads may do about it. @returns {[string, string, Node[]]} */
function rule() {
  const { pause, frozen, slow, stage, writers } = facts().house
  if (pause) return ["pause", paused(pause.by), leads() ? [act(_("5 minutes more"), "extend_pause", { minutes: MORE }), act(_("End the pause"), "end_pause")] : []]
  if (frozen) return ["lock", leads() ? _("The talk is frozen: only you can write.") : _("The mediator has stopped the writing for everybody. You can read."), leads() ? [act(_("Let everybody write again"), "thaw_talk")] : []]
  const turn = stage ? _("%(stage)s: %(who)s", { stage: stageName(stage), who: whoWrites(writers ?? []) }) : ""
  const pace = slow ? _("One message every %(n)s seconds.", { n: slow }) : ""
  return ["clock", [turn, pace].filter(Boolean).join(gap), leads() && pace ? [act(_("Normal pace again"), "slow_talk", { seconds: 0 })] : []]
}

/** @param {string} by */
function paused(by) {
  const who = by === facts().me ? _("You have asked for a pause.") : _("%(name)s has asked for a pause.", { name: nameOf(by) })
  return who + gap + (leads() ? _("Only you can write.") : _("You can read, and write to the mediator in private."))
}

/** The name of a stage, as the rule pack has it. @param {string} code */
export function stageName(code) {
  const names = copy("stages")
  return names.querySelector(`[data-code="${CSS.escape(code)}"]`)?.textContent ?? code
}

/** @param {string[]} writers */
export function whoWrites(writers) {
  if (!writers.length) return _("only the mediator writes.")
  if (writers.length === 4) return _("everybody writes.")
  return _("%(names)s write, and the mediator.", { names: writers.map(writerName).join(_(", ")) })
}

/** @param {string} writer */
export function writerName(writer) {
  switch (writer) {
    case "claimant": return _("claimant")
    case "claimant_agent": return _("claimant’s lawyer")
    case "respondent": return _("respondent")
    default: return _("respondent’s lawyer")
  }
}

/** The time that is left runs on the page; when it is over, the room is seen anew. */
function tick() {
  clearTimeout(ticking)
  const { pause, silenced } = facts().house
  const left = part(strip, "left")
  left.hidden = !pause
  if (pause) {
    const seconds = Math.max(0, Math.ceil((Date.parse(pause.until) - Date.now()) / 1000))
    left.textContent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`
    left.title = _("until %(time)s", { time: clock(pause.until) })
  }
  const ends = [pause?.until, silenced[facts().me]].filter(Boolean).map((until) => Date.parse(String(until)) - Date.now())
  if (ends.some((end) => end <= 0)) {
    ticking = setTimeout(enter, 1000) // this device's clock may be ahead: the server decides, and is not pressed
    return
  }
  const next = pause ? 1000 - (Date.now() % 1000) : Math.min(...ends)
  if (Number.isFinite(next)) ticking = setTimeout(tick, Math.min(next + 50, 60_000))
}

/** @param {string} words @param {string} name @param {object} [more] */
function act(words, name, more = {}) {
  return button(words, async () => {
    try {
      await ask(name, { room: facts().room, client_id: newId(), ...more })
    } catch (refusal) {
      if (!(refusal instanceof Refusal)) throw refusal
      say(refusal.message)
    }
  })
}
