/** What camera, microphone and line of each person were worth when they were checked; only who leads is told. */
import { ask, hear, Refusal, tell } from "./connection.js"
import { facts, leads } from "./facts.js"
import { clock, day, dayAndClock } from "./times.js"
import { _ } from "./words.js"

/** @typedef {{ person: string, at: string, score: string, faults: string[] }} Check */

/** @type {Map<string, Check>} */
let checks = new Map()

export function start() {
  hear("entered", read)
  hear("check_reported", (/** @type {Check} */ check) => {
    checks.set(check.person, check)
    tell("people", null)
  })
}

async function read() {
  if (!leads()) return
  try {
    const { checks: made } = await ask("read_checks", { room: facts().room })
    checks = new Map(made.map((/** @type {Check} */ check) => [check.person, check]))
    tell("people", null)
  } catch (refusal) {
    if (!(refusal instanceof Refusal)) throw refusal // it is read again at the next entrance
  }
}

/** How the last check of a person ended, in a few words. @param {string} person */
export function kitOf(person) {
  const check = checks.get(person)
  if (!check) return { score: "none", words: _("Camera and sound not checked yet") }
  const faults = check.faults.map(faultWords).join(_(", "))
  const when = day(check.at) === day(new Date().toISOString()) ? clock(check.at) : dayAndClock(check.at)
  const words = faults ? _("Checked (%(when)s): %(faults)s", { when, faults }) : _("Checked (%(when)s): everything works", { when })
  return { score: check.score, words }
}

/** @param {string} fault */
function faultWords(fault) {
  return { microphone: _("no sound"), camera: _("no picture"), line: _("weak line") }[fault] ?? _("did not hear or see themselves")
}
